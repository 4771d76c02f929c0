"""What the tests of the referrals service share: published material, a command runner, an API, and what it knows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import uvicorn
from click.testing import Result
from fastapi import FastAPI, Header, HTTPException
from psycopg.rows import dict_row
from referrals.__main__ import app
from referrals.service import service
from solidary.language.events import Envelope, Event
from solidary.language.events.intake import ConsentGranted
from solidary.platform.database import Database
from solidary.platform.identity import AGENCY_HEADER, Duty
from solidary_testing import eventually
from solidary_testing.servers import TestDatabase, api_client, settings_for, throwaway_database
from solidary_testing.tokens import Tokens
from stack.run_file import Run
from typer.testing import CliRunner

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("SOLIDARY_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def hsds() -> Path:
    """Open Referral's own schemas and examples (CC BY-SA 4.0), read and never copied."""
    folder = SHARED / "data" / "hsds-3.1"
    if not folder.is_dir():
        pytest.skip(f"the HSDS 3.1 material is not at {folder} (SOLIDARY_SHARED says where)")
    return folder


@pytest.fixture(scope="session")
def command() -> Callable[..., Result]:
    """`command("open", path)` as `python -m referrals open path` would be."""
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words])


Headers = dict[str, str]


@dataclass
class Intake:
    """A stand-in for intake, on a real port: what it may be asked for, and who asked."""

    url: str = ""
    packages: dict[UUID, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """Package → its recipient, and what stands in it."""
    asked: list[tuple[UUID, str]] = field(default_factory=list)
    down: bool = False

    def application(self) -> FastAPI:
        intake = FastAPI()

        @intake.get("/packages/{package_id}")
        async def package(
            package_id: UUID, agency: str = Header(alias=AGENCY_HEADER), authorization: str = Header()
        ) -> dict[str, Any]:
            assert authorization.startswith("Bearer ")
            self.asked.append((package_id, agency))
            if self.down:
                raise HTTPException(500)
            recipient, data = self.packages.get(package_id, ("", {}))
            if recipient != agency:
                raise HTTPException(404)
            ids = {"package_id": str(package_id), "consent_id": str(uuid4()), "household_id": str(uuid4())}
            return {**ids, "purpose": "referral", "person_id": str(uuid4()), "data": data}

        return intake


@pytest.fixture(scope="module")
async def intake() -> AsyncIterator[Intake]:
    stand_in = Intake()
    server = uvicorn.Server(uvicorn.Config(stand_in.application(), port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: _started(server), what="the stand-in for intake")
    stand_in.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield stand_in
    server.should_exit = True
    await serving


async def _started(server: uvicorn.Server) -> bool:
    return server.started


@pytest.fixture(scope="module")
def place(run: Run) -> Iterator[TestDatabase]:
    with throwaway_database(run, "referrals", service.folder / "migrations") as database:
        yield database


@pytest.fixture(scope="module")
async def api(run: Run, place: TestDatabase, intake: Intake) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(run, place, "referrals", rate_limit="100000/minute", peers={"intake": intake.url})
    async with api_client(service.application(settings)) as client:
        yield client


@pytest.fixture(scope="module")
async def database(place: TestDatabase) -> AsyncIterator[Database]:
    opened = Database(place.roles["app"], service="referrals", country="pa")
    yield opened
    await opened.close()


@pytest.fixture
def run_jobs(run: Run, place: TestDatabase, database: Database) -> Callable[[], Awaitable[None]]:
    """Runs the jobs that were asked for, until none is left."""

    async def once() -> None:
        async with httpx.AsyncClient() as http:
            worker = service.bind_jobs(settings_for(run, place, "referrals"), database, http)
            worker.periodic_registry.periodic_tasks.clear()
            async with worker.open_async():
                await worker.run_worker_async(wait=False, install_signal_handlers=False)

    return once


@pytest.fixture
def hear(database: Database) -> Callable[[Event, UUID], Awaitable[None]]:
    """An event of an agency comes to the service's reactions."""

    async def one(event: Event, agency: UUID) -> None:
        now = datetime.now(UTC)
        envelope = Envelope(uuid4(), event.type, "/pa/intake", event.key, now, agency, (), 1, None, event)
        async with database.unit_for_service(service.principal) as unit:
            await service.subscribers[0].handle(unit, [envelope])

    return one


@pytest.fixture
def told(place: TestDatabase) -> Callable[[str], list[dict[str, Any]]]:
    """What was told of an aggregate, in order: the fact, what it says, and to whom beside its owner."""

    def of(aggregate: str) -> list[dict[str, Any]]:
        with psycopg.connect(place.admin, row_factory=dict_row) as admin:
            return admin.execute(
                """SELECT split_part(type, '.', 5) AS fact, payload::jsonb AS said, parties, agency
                FROM machinery.outbox WHERE aggregateid = %s ORDER BY sequence""",
                [aggregate],
            ).fetchall()

    return of


@pytest.fixture
def sender(tokens: Tokens) -> Headers:
    return tokens.of("unhcr", Duty.CASE_WORKER)


@pytest.fixture
def receiver(tokens: Tokens) -> Headers:
    return tokens.of("chorrera", Duty.PROVIDER)


@pytest.fixture
def editor(tokens: Tokens) -> Headers:
    return tokens.of("chorrera", Duty.DIRECTORY_EDITOR)


def an_entry(**said: Any) -> dict[str, Any]:
    """A school office, as its agency writes it down; `said` takes the place of what it names."""
    plain = {
        "name": "Matrícula sin documentos",
        "organization": "Oficina de Educación",
        "description": "Matrícula de niñas y niños que no tienen papeles",
        "category": "education",
        "needs": ["CR-NE"],
        "eligibility": "age >= 5 && age <= 17",
        "area": "PA1307",
        "latitude": 8.8786,
        "longitude": -79.7833,
        "details": {
            "schedules": [{"byday": "MO,TU,WE,TH,FR", "opens_at": "08:00", "closes_at": "15:00"}],
            "telephones": ["+5072530001"],
            "required_documents": ["Cualquier constancia de estudios"],
        },
    }
    return {**plain, **said}


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    return an_entry


@pytest.fixture
def offer(api: httpx.AsyncClient, editor: Headers) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Enters a service and answers it."""

    async def one(headers: Headers | None = None, **said: Any) -> dict[str, Any]:
        answer = await api.post("/directory/services", json=an_entry(**said), headers=headers or editor)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return one


@pytest.fixture
def consent(
    hear: Callable[[Event, UUID], Awaitable[None]], tokens: Tokens
) -> Callable[..., Awaitable[ConsentGranted]]:
    """A person lets the municipality know something, of which intake tells."""

    async def one(**said: Any) -> ConsentGranted:
        plain = {
            "consent_id": uuid4(),
            "person_id": uuid4(),
            "household_id": uuid4(),
            "purpose": "referral",
            "recipient": tokens.agency("chorrera"),
            "package_id": uuid4(),
        }
        granted = ConsentGranted(**{**plain, **said})
        await hear(granted, tokens.agency("unhcr"))
        return granted

    return one


def a_referral(granted: ConsentGranted, service_id: str, **said: Any) -> dict[str, Any]:
    plain = {
        "consent_id": str(granted.consent_id),
        "package_id": str(granted.package_id),
        "person_id": str(granted.person_id),
        "service_id": service_id,
        "urgency": "urgent",
        "preview": {"need": "CR-NE", "age_band": "5-11", "language": "spa"},
    }
    return {**plain, **said}


@pytest.fixture
def referral() -> Callable[..., dict[str, Any]]:
    return a_referral


@pytest.fixture
def refer(
    api: httpx.AsyncClient, sender: Headers, offer: Any, consent: Any
) -> Callable[..., Awaitable[dict[str, Any]]]:
    """A referral from UNHCR to the municipality, on its way; answers it as its sender sees it."""

    async def one(granted: ConsentGranted | None = None, **said: Any) -> dict[str, Any]:
        offered = await offer()
        body = a_referral(granted or await consent(), offered["service_id"], **said)
        answer = await api.post("/referrals", json=body, headers=sender)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return one
