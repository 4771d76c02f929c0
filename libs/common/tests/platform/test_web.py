"""How every API answers: who is let in, problems, idempotency, pages, feed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from solidary.language.problems import Conflict, NotAllowed
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of, service_only
from solidary.platform.web.application import application
from solidary_testing.servers import api_client
from sqlalchemy import select, text
from toy import Letter, served, write_letter

router = APIRouter(tags=["letters"])
FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


class NewLetter(BaseModel):
    words: str = Field(max_length=100)


class LetterShown(BaseModel):
    id: UUID
    words: str


@router.post("/letters", status_code=201)
async def write(unit: FrontDesk, body: NewLetter, response: Response) -> LetterShown:
    letter = await write_letter(unit, body.words)
    response.headers["Location"] = f"/letters/{letter.id}"
    return LetterShown(id=letter.id, words=letter.words)


@router.get("/letters/{letter_id}")
async def read(unit: FrontDesk, letter_id: UUID) -> LetterShown:
    letter = await unit.get(Letter, letter_id)
    return LetterShown(id=letter.id, words=letter.words)


@router.get("/letters")
async def list_(unit: FrontDesk, cursor: Annotated[Cursor, Depends()]) -> Page[LetterShown]:
    mine = select(Letter).where(Letter.agency == unit.principal.agency)
    return await page_of(
        unit.session, mine, cursor, lambda row: LetterShown(id=row.id, words=row.words), by=Letter
    )


@router.post("/bundles", status_code=201)
async def bundle(unit: FrontDesk, request: Request, response: Response, to: str = "") -> LetterShown:
    """Reads its body itself."""
    letter = await write_letter(unit, f"{to} {sum([len(chunk) async for chunk in request.stream()])}")
    response.headers["Location"] = f"/letters/{letter.id}"
    return LetterShown(id=letter.id, words=letter.words)


@router.post("/letters/{letter_id}/burn")
async def burn(unit: FrontDesk, letter_id: UUID) -> None:
    raise NotAllowed("letters do not burn")


@router.get("/crash")
async def crash(unit: FrontDesk) -> None:
    raise RuntimeError("canary-secret")


@router.get("/for-services")
async def for_services(unit: Annotated[UnitOfWork, service_only("cash")]) -> str:
    return str(unit.principal.agency)


class LetterWithoutWords(Conflict):
    """A letter has no words."""

    slug, title, action = "letter-without-words", "A letter has words", "Write some."


@pytest.fixture
async def api(run, place) -> AsyncIterator[httpx.AsyncClient]:
    constraint_problems = {"letter_words_check": LetterWithoutWords}
    app = served(run, place, router, constraint_problems, rate_limit="1000/minute", body_limit=1000)
    async with api_client(app) as client:
        yield client


@pytest.fixture
def desk(tokens):
    return tokens.of("unhcr", Duty.FRONT_DESK)


async def test_a_request_without_a_token_is_asked_for_one(api):
    answer = await api.get("/letters")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_member_without_the_duty_is_refused(api, tokens):
    answer = await api.get("/letters", headers=tokens.of("unhcr", Duty.PLANNER))
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:solidary:problem:duty-missing"


async def test_a_duty_in_one_agency_is_none_in_another(api, tokens):
    duties = {"unhcr": (Duty.FRONT_DESK,), "iom": (Duty.PLANNER,)}
    assert (
        await api.get("/letters", headers=tokens.of_several(duties, acting_for="unhcr"))
    ).status_code == 200
    assert (await api.get("/letters", headers=tokens.of_several(duties, acting_for="iom"))).status_code == 403
    assert (await api.get("/letters", headers=tokens.of_several(duties, acting_for=None))).status_code == 400


async def test_only_the_named_service_calls_what_is_for_services(api, tokens, desk):
    agency_id = tokens.agency("iom")
    answer = await api.get("/for-services", headers=tokens.service("cash", acting_for=agency_id))
    assert answer.json() == str(agency_id)
    assert (
        await api.get("/for-services", headers=tokens.service("market", acting_for=agency_id))
    ).status_code == 403
    assert (await api.get("/for-services", headers=desk)).status_code == 403


async def test_what_another_agency_wrote_is_not_found(api, tokens, desk):
    made = await api.post("/letters", json={"words": "ours"}, headers=desk)
    other = tokens.of("iom", Duty.FRONT_DESK)
    assert made.status_code == 201
    assert (await api.get(made.headers["location"], headers=desk)).json()["words"] == "ours"
    assert (await api.get(made.headers["location"], headers=other)).status_code == 404


async def test_a_bad_field_is_named_by_its_pointer_and_changes_nothing(api, desk):
    before = (await api.get("/letters", headers=desk)).json()
    answer = await api.post("/letters", json={"words": ["no"]}, headers=desk)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/words"
    assert (await api.get("/letters", headers=desk)).json() == before


async def test_a_constraint_of_the_database_is_said_in_words(api, desk):
    answer = await api.post("/letters", json={"words": ""}, headers=desk)
    assert (answer.status_code, answer.json()["detail"]) == (409, "A letter has words. Write some.")


async def test_a_rule_that_refuses_is_a_problem(api, desk):
    answer = await api.post(f"/letters/{uuid4()}/burn", headers=desk)
    assert (answer.status_code, answer.json()["detail"]) == (409, "letters do not burn")


async def test_a_failure_says_nothing_of_its_cause(api, desk):
    answer = await api.get("/crash", headers=desk)
    assert answer.status_code == 500
    assert "canary" not in answer.text


async def test_the_same_key_acts_once_and_is_answered_twice(api, desk):
    headers = desk | {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(
        *(api.post("/letters", json={"words": "once"}, headers=headers) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 3


async def test_the_same_key_with_another_body_is_refused(api, desk):
    headers = desk | {"Idempotency-Key": str(uuid4())}
    await api.post("/letters", json={"words": "first"}, headers=headers)
    answer = await api.post("/letters", json={"words": "second"}, headers=headers)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:solidary:problem:idempotency-key-reused"


async def test_a_refused_request_leaves_its_key_free(api, desk):
    headers = desk | {"Idempotency-Key": str(uuid4())}
    assert (await api.post("/letters", json={"words": ""}, headers=headers)).status_code == 409
    assert (await api.post("/letters", json={"words": "mended"}, headers=headers)).status_code == 201


async def test_pages_lead_through_all_rows_once(api, tokens):
    desk = tokens.of("chorrera", Duty.FRONT_DESK)
    for number in range(7):
        await api.post("/letters", json={"words": str(number)}, headers=desk)
    seen, after = [], None
    while True:
        query = {"limit": 3} | ({"after": after} if after else {})
        page = (await api.get("/letters", params=query, headers=desk)).json()
        seen += [item["words"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize("after", ["nonsense", "W10=", "bnVsbA=="])
async def test_a_cursor_that_is_not_ours_is_refused(api, desk, after):
    assert (await api.get("/letters", params={"after": after}, headers=desk)).status_code == 422


async def test_a_body_over_the_limit_is_refused(api, desk):
    answer = await api.post("/letters", json={"words": "x" * 2000}, headers=desk)
    assert answer.status_code == 413


async def test_a_body_that_turns_out_too_large_is_refused_too(api, desk):
    """Sent in chunks, its length is not known before."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"words": "'
        for _ in range(20):
            yield b"x" * 100

    for path in ("/letters", "/bundles"):
        answer = await api.post(path, content=chunks(), headers=desk)
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:solidary:problem:body-too-large")


async def test_a_key_covers_the_query_and_what_the_route_reads_as_it_arrives(api, desk):
    headers = desk | {"Idempotency-Key": str(uuid4())}

    async def send(content: bytes, to: str) -> httpx.Response:
        return await api.post("/bundles", content=content, params={"to": to}, headers=headers)

    first, again = await send(b"a bundle", "ana"), await send(b"a bundle", "ana")
    assert first.status_code == again.status_code == 201
    assert (again.json(), "idempotency-replayed" in again.headers) == (first.json(), True)
    assert (await send(b"a bundle", "eva")).status_code == 409
    assert (await send(b"another", "ana")).status_code == 409


async def test_the_feed_shows_only_what_concerns_the_agency(api, tokens, desk):
    await api.post("/letters", json={"words": "private"}, headers=desk)
    theirs = (await api.get("/events", headers=tokens.of("casa-abierta", Duty.INTEGRATOR))).json()
    assert theirs["items"] == []
    ours = (await api.get("/events", headers=tokens.of("unhcr", Duty.INTEGRATOR))).json()
    assert ours["items"]
    assert "words" not in str(ours)


async def test_health_says_what_waits(api, database):
    async with database.session_without_scope() as session:
        unsent = await session.scalar(text("SELECT count(*) FROM machinery.outbox"))
    answer = (await api.get("/health/ready")).json()
    assert answer["status"] == "ready"
    assert (answer["oldest_unsent_seconds"] is not None) == bool(unsent)
    assert answer["parked_keys"] == answer["failed_jobs"] == 0
    assert answer["lag"] == {}, "no worker has measured yet"


def test_a_route_that_does_not_say_who_may_call_it_stops_the_start():
    bare = APIRouter()

    @bare.get("/open")
    async def open_() -> None: ...

    with pytest.raises(TypeError, match="/open"):
        application(
            service="market", title="Toy", description="", version="0", routers=[bare], constraint_problems={}
        )
