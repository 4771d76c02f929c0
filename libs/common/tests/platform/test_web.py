"""The common parts of every API: access, problems, idempotency, pages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import date
from types import SimpleNamespace
from typing import Annotated
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import AwareDatetime, BaseModel, Field
from sample_service import Sample, create_sample, sample_application
from solidary.language.problems import Conflict, NotAllowed
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of, service_only
from solidary.platform.web.application import application
from solidary.platform.web.queries import QueryParameter, known_queries
from solidary_testing.servers import api_client
from sqlalchemy import select, text

router = APIRouter(tags=["samples"])
FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


class SampleIn(BaseModel):
    content: str = Field(max_length=100)


class SampleOut(BaseModel):
    id: UUID
    content: str


@router.post("/samples", status_code=201)
async def write(unit: FrontDesk, body: SampleIn, response: Response) -> SampleOut:
    sample = await create_sample(unit, body.content)
    response.headers["Location"] = f"/samples/{sample.id}"
    return SampleOut(id=sample.id, content=sample.content)


@router.get("/samples/{sample_id}")
async def read(unit: FrontDesk, sample_id: UUID) -> SampleOut:
    sample = await unit.get(Sample, sample_id)
    return SampleOut(id=sample.id, content=sample.content)


@router.get("/samples")
async def list_(unit: FrontDesk, cursor: Annotated[Cursor, Depends()]) -> Page[SampleOut]:
    own = select(Sample).where(Sample.agency == unit.principal.agency)
    return await page_of(
        unit.session, own, cursor, lambda row: SampleOut(id=row.id, content=row.content), by=Sample
    )


@router.post("/uploads", status_code=201)
async def upload(unit: FrontDesk, request: Request, response: Response, to: str = "") -> SampleOut:
    """Read a body as it arrives."""
    sample = await create_sample(unit, f"{to} {sum([len(chunk) async for chunk in request.stream()])}")
    response.headers["Location"] = f"/samples/{sample.id}"
    return SampleOut(id=sample.id, content=sample.content)


@router.post("/samples/{sample_id}/refuse")
async def refuse(unit: FrontDesk, sample_id: UUID) -> None:
    raise NotAllowed("This sample is fixed.")


@router.get("/crash")
async def crash(unit: FrontDesk) -> None:
    raise RuntimeError("canary-secret")


@router.get("/with-code")
async def read_with_code(
    unit: Annotated[UnitOfWork, agency(Duty.AUTHORITY)],
) -> None: ...


for_services = APIRouter(tags=["samples"])


@for_services.get("/for-services")
async def read_as_service(unit: Annotated[UnitOfWork, service_only("cash")]) -> dict[str, str]:
    return {field.name: str(getattr(unit.principal, field.name)) for field in fields(unit.principal)}


@for_services.get("/for-releasers")
async def read_for_a_releaser(
    unit: Annotated[UnitOfWork, service_only("cash", duties=(Duty.CASH_RELEASER,))],
) -> None: ...


@for_services.get("/for-members")
async def read_as_member(unit: FrontDesk) -> None: ...


class SampleWithoutContent(Conflict):
    """A sample has no content."""

    slug, title, action = "sample-without-content", "A sample needs content", "Send some content."


@pytest.fixture
async def api(run, sample_database) -> AsyncIterator[httpx.AsyncClient]:
    constraint_problems = {"sample_content_check": SampleWithoutContent}
    app = sample_application(
        run, sample_database, router, constraint_problems, rate_limit="1000/minute", body_limit=1000
    )
    async with api_client(app) as client:
        yield client


@pytest.fixture
def desk(tokens):
    return tokens.of("unhcr", Duty.FRONT_DESK)


async def test_request_without_a_token_is_refused(api):
    answer = await api.get("/samples")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_member_without_the_duty_is_refused(api, tokens):
    answer = await api.get("/samples", headers=tokens.of("unhcr", Duty.PLANNER))
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:solidary:problem:duty-missing"


async def test_duty_in_one_agency_is_none_in_another(api, tokens):
    duties = {"unhcr": (Duty.FRONT_DESK,), "iom": (Duty.PLANNER,)}
    assert (
        await api.get("/samples", headers=tokens.of_several(duties, acting_for="unhcr"))
    ).status_code == 200
    assert (await api.get("/samples", headers=tokens.of_several(duties, acting_for="iom"))).status_code == 403
    assert (await api.get("/samples", headers=tokens.of_several(duties, acting_for=None))).status_code == 400


@pytest.fixture
async def intake(run, sample_database) -> AsyncIterator[httpx.AsyncClient]:
    """A service that cash and referrals have tokens for."""
    app = sample_application(run, sample_database, for_services, service="intake", rate_limit="1000/minute")
    async with api_client(app) as client:
        yield client


async def test_only_the_named_service_may_call_a_route_for_services(intake, tokens, desk):
    agency_id = tokens.agency("iom")

    async def status(headers: dict[str, str]) -> int:
        return (await intake.get("/for-services", headers=headers)).status_code

    assert await status(tokens.service("cash", acting_for=agency_id)) == 200
    assert await status(tokens.service("referrals", acting_for=agency_id)) == 403
    assert await status(tokens.service("market", acting_for=agency_id)) == 401
    assert await status(desk) == 403


async def test_service_without_a_human_has_a_cause(intake, tokens):
    headers = tokens.service("cash", acting_for=tokens.agency("iom"), cause=f"referral:{UUID(int=1)}")
    principal = (await intake.get("/for-services", headers=headers)).json()
    assert (principal["agency"], principal["service"]) == (str(tokens.agency("iom")), "cash")
    assert (principal["caller"], principal["cause"]) == ("cash", f"referral:{UUID(int=1)}")
    del headers["Solidary-Cause"]
    refused = await intake.get("/for-services", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (400, "urn:solidary:problem:cause-invalid")


async def test_service_that_carries_a_human_may_call_the_routes_for_services_only(intake, tokens):
    human = tokens.of("iom", Duty.FRONT_DESK)
    carried = tokens.carried(human, by="cash", to="intake")
    principal = (await intake.get("/for-services", headers=carried)).json()
    assert (principal["caller"], principal["service"], principal["agency_alias"]) == ("cash", "None", "iom")
    assert (await intake.get("/for-members", headers=human)).status_code == 200
    assert (await intake.get("/for-members", headers=carried)).status_code == 403


async def test_route_for_a_service_with_duties_needs_a_human_who_has_one(intake, tokens):
    async def status(headers: dict[str, str]) -> int:
        return (await intake.get("/for-releasers", headers=headers)).status_code

    releaser, desk = tokens.of("iom", Duty.CASH_RELEASER), tokens.of("iom", Duty.FRONT_DESK)
    assert await status(tokens.carried(releaser, by="cash", to="intake")) == 200
    assert await status(tokens.carried(desk, by="cash", to="intake")) == 403
    assert await status(tokens.service("cash", acting_for=tokens.agency("iom"))) == 403
    assert await status(releaser) == 403


async def test_second_factor_is_needed_and_must_be_recent(api, tokens, monkeypatch):
    authority = tokens.of("unhcr", Duty.AUTHORITY)
    assert (await api.get("/with-code", headers=authority)).status_code == 200
    later = time.time() + 16 * 60
    monkeypatch.setattr("solidary.platform.web.access.time", SimpleNamespace(time=lambda: later))
    refused = await api.get("/with-code", headers=authority)
    assert (refused.status_code, refused.json()["type"]) == (
        403,
        "urn:solidary:problem:second-factor-required",
    )
    assert refused.headers["www-authenticate"] == (
        'Bearer error="insufficient_user_authentication", acr_values="otp"'
    )


async def test_row_of_another_agency_is_not_found(api, tokens, desk):
    created = await api.post("/samples", json={"content": "ours"}, headers=desk)
    other = tokens.of("iom", Duty.FRONT_DESK)
    assert created.status_code == 201
    assert (await api.get(created.headers["location"], headers=desk)).json()["content"] == "ours"
    assert (await api.get(created.headers["location"], headers=other)).status_code == 404


async def test_wrong_field_is_named_by_its_pointer_and_changes_nothing(api, desk):
    before = (await api.get("/samples", headers=desk)).json()
    answer = await api.post("/samples", json={"content": ["no"]}, headers=desk)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/content"
    assert (await api.get("/samples", headers=desk)).json() == before


async def test_violated_constraint_is_the_problem_that_it_means(api, desk):
    answer = await api.post("/samples", json={"content": ""}, headers=desk)
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "A sample needs content. Send some content.",
    )


async def test_problem_raised_by_a_rule_is_the_response(api, desk):
    answer = await api.post(f"/samples/{uuid4()}/refuse", headers=desk)
    assert (answer.status_code, answer.json()["detail"]) == (409, "This sample is fixed.")


async def test_failure_does_not_show_its_cause(api, desk):
    answer = await api.get("/crash", headers=desk)
    assert answer.status_code == 500
    assert "canary" not in answer.text


async def test_same_key_acts_once_and_every_request_is_answered(api, desk):
    headers = desk | {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(
        *(api.post("/samples", json={"content": "once"}, headers=headers) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 3


async def test_same_key_with_another_body_is_refused(api, desk):
    headers = desk | {"Idempotency-Key": str(uuid4())}
    await api.post("/samples", json={"content": "first"}, headers=headers)
    answer = await api.post("/samples", json={"content": "second"}, headers=headers)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:solidary:problem:idempotency-key-reused"


async def test_refused_request_leaves_its_key_free(api, desk):
    headers = desk | {"Idempotency-Key": str(uuid4())}
    assert (await api.post("/samples", json={"content": ""}, headers=headers)).status_code == 409
    assert (await api.post("/samples", json={"content": "corrected"}, headers=headers)).status_code == 201


async def test_pages_show_every_row_once(api, tokens):
    desk = tokens.of("chorrera", Duty.FRONT_DESK)
    for number in range(7):
        await api.post("/samples", json={"content": str(number)}, headers=desk)
    seen, after = [], None
    while True:
        query = {"limit": 3} | ({"after": after} if after else {})
        page = (await api.get("/samples", params=query, headers=desk)).json()
        seen += [item["content"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize("after", ["nonsense", "W10=", "bnVsbA=="])
async def test_text_that_is_no_cursor_is_refused(api, desk, after):
    assert (await api.get("/samples", params={"after": after}, headers=desk)).status_code == 422


async def test_body_over_the_limit_is_refused(api, desk):
    answer = await api.post("/samples", json={"content": "x" * 2000}, headers=desk)
    assert answer.status_code == 413


async def test_chunked_body_over_the_limit_is_refused(api, desk):
    """Send the body in chunks, so that its length is not declared."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"content": "'
        for _ in range(20):
            yield b"x" * 100

    for path in ("/samples", "/uploads"):
        answer = await api.post(path, content=chunks(), headers=desk)
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:solidary:problem:body-too-large")


async def test_key_covers_the_query_and_a_streamed_body(api, desk):
    headers = desk | {"Idempotency-Key": str(uuid4())}

    async def send(content: bytes, to: str) -> httpx.Response:
        return await api.post("/uploads", content=content, params={"to": to}, headers=headers)

    first, again = await send(b"a upload", "ana"), await send(b"a upload", "ana")
    assert first.status_code == again.status_code == 201
    assert (again.json(), "idempotency-replayed" in again.headers) == (first.json(), True)
    assert (await send(b"a upload", "eva")).status_code == 409
    assert (await send(b"another", "ana")).status_code == 409


async def test_readiness_shows_the_backlog(api, database):
    async with database.session_without_scope() as session:
        unsent = await session.scalar(text("SELECT count(*) FROM machinery.outbox"))
    answer = (await api.get("/health/ready")).json()
    assert answer["status"] == "ready"
    assert (answer["oldest_unsent_seconds"] is not None) == bool(unsent)
    assert answer["parked_keys"] == answer["failed_jobs"] == 0
    assert answer["lag"] == {}, "no worker has measured a lag yet"


def test_route_without_a_declaration_of_its_callers_stops_the_start():
    undeclared = APIRouter()

    @undeclared.get("/open")
    async def open_() -> None: ...

    with pytest.raises(TypeError, match="/open"):
        application(
            service="market",
            title="Samples",
            description="",
            version="0",
            routers=[undeclared],
            constraint_problems={},
        )


@pytest.mark.parametrize(
    ("query", "place", "reason"),
    [
        ("lmit=5", "query: lmit", "Known are after, limit."),
        ("limit=5&limit=6", "query: limit", "is given 2 times"),
        ("limit=\u200b", "query: limit", "no visible character"),
        ("limit=a%00", "query: limit", "U+0000"),
    ],
)
async def test_query_parameter_that_the_route_does_not_know_is_refused(api, desk, query, place, reason):
    answer = await api.get(f"/samples?{query}", headers=desk)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["pointer"] == place
    assert reason in error["detail"]


async def test_parameter_of_a_route_without_any_is_refused(api, desk):
    answer = await api.get(f"/samples/{uuid4()}?full=true", headers=desk)
    assert "This route has no parameters." in answer.json()["errors"][0]["detail"]


def test_parameters_of_dates_and_lists_are_known_as_such():
    async def search(
        since: date, at: AwareDatetime | None = None, kind: Annotated[list[str] | None, Query()] = None
    ): ...

    known = known_queries(APIRoute("/", search))
    assert known == {
        "since": QueryParameter(is_list=False, is_date=True),
        "at": QueryParameter(is_list=False, is_date=True),
        "kind": QueryParameter(is_list=True, is_date=False),
    }


async def test_texts_of_a_body_are_folded_before_the_route(api, desk):
    answer = await api.post("/samples", json={"content": "  Jose\u0301\u00a0\u200bMora "}, headers=desk)
    assert answer.json()["content"] == "José Mora"
