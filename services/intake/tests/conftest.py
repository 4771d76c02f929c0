"""A migrated database and an API of intake for each module, and a family to register."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from intake.service import service
from solidary.platform.clients import ServiceClients
from solidary.platform.database import Database
from solidary.platform.identity import Duty
from solidary.platform.service import Service
from solidary_testing import services
from solidary_testing.servers import TestDatabase, api_client, settings_for, throwaway_database
from solidary_testing.tokens import Tokens
from stack.run_file import Run

from services.intake.tests.payee_reader import PayeeReader

Headers = dict[str, str]

consume = services.consume


@pytest.fixture(scope="module")
def test_database(run: Run) -> Iterator[TestDatabase]:
    """The URLs of a migrated database."""
    with throwaway_database(run, "intake", service.folder / "migrations", forbid_scans=True) as database:
        yield database


@pytest.fixture(scope="module")
async def api(run: Run, test_database: TestDatabase) -> AsyncIterator[httpx.AsyncClient]:
    """A client of intake's API."""
    settings = settings_for(run, test_database, "intake", rate_limit="100000/minute")
    async with api_client(service.application(settings)) as client:
        yield client


@pytest.fixture
async def database(test_database: TestDatabase) -> AsyncIterator[Database]:
    """The database as intake's own role opens it."""
    opened = Database(test_database.roles["app"], service="intake", country="pa")
    yield opened
    await opened.close()


@pytest.fixture
def run_jobs(run: Run, test_database: TestDatabase, database: Database) -> Callable[[], Awaitable[None]]:
    """Run the deferred jobs until none is left."""

    async def run_all() -> None:
        async with httpx.AsyncClient() as http:
            settings = settings_for(run, test_database, "intake")
            worker = service.bind_jobs(settings, database, ServiceClients({}, http))
            worker.periodic_registry.periodic_tasks.clear()
            async with worker.open_async():
                await worker.run_worker_async(wait=False, install_signal_handlers=False)

    return run_all


@pytest.fixture(name="service")
def declared_service() -> Service:
    """The service, whose reactions `consume` runs."""
    return service


@pytest.fixture
def desk(tokens: Tokens) -> Headers:
    """The headers of UNHCR's front desk."""
    return tokens.of("unhcr", Duty.FRONT_DESK)


@pytest.fixture
def other_desk(tokens: Tokens) -> Headers:
    """The headers of IOM's front desk."""
    return tokens.of("iom", Duty.FRONT_DESK)


def member_body(**changes: Any) -> dict[str, Any]:
    """Return a member of a household as the desk sends them, with changed fields."""
    plain = {
        "given_name": "Yuleisy",
        "surname": "Zambrano",
        "relation": "head",
        "sex": "female",
        "population_group": "asylum_seeker",
        "born": "1992-05-17",
    }
    return {**plain, **changes}


def family_body(**household: Any) -> dict[str, Any]:
    """Return a mother, a child out of school and a grandmother who sees badly, in one household."""
    mother = member_body(
        second_surname="Canarés",
        entered_on="2026-07-02",
        nationality="VE",
        phones=[{"number": "+50761234567", "safe": True}],
        needs=[{"code": "LP-ND", "severity": "high"}],
    )
    child = member_body(
        given_name="Brayan", relation="child", sex="male", born="2017-03-09", needs=[{"code": "CR-NE"}]
    )
    grandmother = member_body(
        given_name="Ofelia", relation="parent", born="1955-11-30", needs=[{"code": "WG-VIS"}]
    )
    return {
        "household": {"area": "PA110403", "shelter": "rented_room", **household},
        "members": [mother, child, grandmother],
    }


@pytest.fixture
def member() -> Callable[..., dict[str, Any]]:
    """The function that returns a member of a household."""
    return member_body


@pytest.fixture
def family() -> Callable[..., dict[str, Any]]:
    """The function that returns a family."""
    return family_body


@dataclass(frozen=True)
class RegisteredFamily:
    """The ids of a registered family."""

    household: UUID
    mother: UUID
    child: UUID
    grandmother: UUID


@pytest.fixture
def consent(api: httpx.AsyncClient, desk: Headers) -> Callable[..., Awaitable[dict[str, Any]]]:
    """The function that records a consent of a person for an agency and returns it."""

    async def record(person: UUID, recipient: UUID, **changes: Any) -> dict[str, Any]:
        plain = {
            "person_id": str(person),
            "recipient": str(recipient),
            "purpose": "referral",
            "categories": ["name", "contact", "language", "age", "needs", "documents_held"],
            "basis": "consent",
            "language": "spa",
            "channel": "in_person",
            "text_version": "2026-11",
        }
        response = await api.post("/consents", json={**plain, **changes}, headers=desk)
        assert response.status_code == 201, response.text
        return response.json()

    return record


@pytest.fixture
def register(api: httpx.AsyncClient, desk: Headers) -> Callable[..., Awaitable[RegisteredFamily]]:
    """The function that registers a family and returns its ids."""

    async def register(headers: Headers | None = None, **household: Any) -> RegisteredFamily:
        headers = headers or desk
        search = await api.post("/people/search", json={"given_name": "Yuleisy"}, headers=headers)
        body = family_body(**household) | {"search_id": search.json()["search_id"]}
        response = await api.put(f"/registrations/{uuid4()}", json=body, headers=headers)
        assert response.status_code == 201, response.text
        registered = response.json()
        return RegisteredFamily(
            UUID(registered["household_id"]), *(UUID(each["person_id"]) for each in registered["members"])
        )

    return register


@pytest.fixture
def read_payees(api: httpx.AsyncClient, tokens: Tokens) -> PayeeReader:
    """Cash, which reads payees for IOM."""
    return PayeeReader(api, tokens)
