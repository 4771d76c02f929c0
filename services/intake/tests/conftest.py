"""A migrated database and an API of intake for each module, and a family to register."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from intake.service import service
from solidary.platform.database import Database
from solidary.platform.identity import Duty
from solidary_testing.servers import TestDatabase, api_client, settings_for, throwaway_database
from solidary_testing.tokens import Tokens
from stack.run_file import Run

Headers = dict[str, str]


@pytest.fixture(scope="module")
def place(run: Run) -> Iterator[TestDatabase]:
    with throwaway_database(run, "intake", service.folder / "migrations") as database:
        yield database


@pytest.fixture(scope="module")
async def api(run: Run, place: TestDatabase) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(run, place, "intake", rate_limit="100000/minute", person_key="a test's own key")
    async with api_client(service.application(settings)) as client:
        yield client


@pytest.fixture
async def database(place: TestDatabase) -> AsyncIterator[Database]:
    opened = Database(place.roles["app"], service="intake", country="pa")
    yield opened
    await opened.close()


@pytest.fixture
def desk(tokens: Tokens) -> Headers:
    return tokens.of("unhcr", Duty.FRONT_DESK)


@pytest.fixture
def other_desk(tokens: Tokens) -> Headers:
    return tokens.of("iom", Duty.FRONT_DESK)


def a_member(**said: Any) -> dict[str, Any]:
    """One person as the desk writes them down; `said` takes the place of what it names."""
    plain = {
        "given_name": "Yuleisy",
        "surname": "Zambrano",
        "relation": "head",
        "sex": "female",
        "population_group": "asylum_seeker",
        "born": "1992-05-17",
    }
    return {**plain, **said}


def a_family(**household: Any) -> dict[str, Any]:
    """A mother, a child out of school and a grandmother who sees badly."""
    mother = a_member(
        second_surname="Canarés",
        entered_on="2026-07-02",
        nationality="VE",
        phones=[{"number": "+50761234567", "safe": True}],
        needs=[{"code": "LP-ND", "severity": "high"}],
    )
    child = a_member(
        given_name="Brayan", relation="child", sex="male", born="2017-03-09", needs=[{"code": "CR-NE"}]
    )
    grandmother = a_member(
        given_name="Ofelia", relation="parent", born="1955-11-30", needs=[{"code": "WG-VIS"}]
    )
    return {
        "household": {"area": "PA110403", "shelter": "rented_room", **household},
        "members": [mother, child, grandmother],
    }


@pytest.fixture
def member() -> Callable[..., dict[str, Any]]:
    return a_member


@pytest.fixture
def family() -> Callable[..., dict[str, Any]]:
    return a_family


@dataclass(frozen=True)
class Registered:
    household: UUID
    mother: UUID
    child: UUID
    grandmother: UUID


@pytest.fixture
def consent(api: httpx.AsyncClient, desk: Headers) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Records a consent of a person for an agency and answers it."""

    async def one(person: UUID, recipient: UUID, **said: Any) -> dict[str, Any]:
        plain = {
            "person_id": str(person),
            "recipient": str(recipient),
            "purpose": "referral",
            "categories": ["name", "contact", "language", "age", "needs", "documents_held"],
            "basis": "consent",
        }
        answer = await api.post("/consents", json={**plain, **said}, headers=desk)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return one


@pytest.fixture
def register(api: httpx.AsyncClient, desk: Headers) -> Callable[..., Awaitable[Registered]]:
    """Registers a family and says who they are."""

    async def one(headers: Headers | None = None, **household: Any) -> Registered:
        headers = headers or desk
        search = await api.post("/people/search", json={"given_name": "Yuleisy"}, headers=headers)
        sent = a_family(**household) | {"search_id": search.json()["search_id"]}
        answer = await api.put(f"/registrations/{uuid4()}", json=sent, headers=headers)
        assert answer.status_code == 201, answer.text
        said = answer.json()
        return Registered(
            UUID(said["household_id"]), *(UUID(person["person_id"]) for person in said["members"])
        )

    return one
