from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
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
from referrals import service as module
from referrals.__main__ import app
from solidary.language.notices import NOTICE_TYPE
from solidary.platform.clients import ServiceClients
from solidary.platform.database import Database
from solidary.platform.identity import AGENCY_HEADER, Duty
from solidary.platform.service import Service
from solidary_testing import eventually
from solidary_testing.servers import TestDatabase, api_client, settings_for
from solidary_testing.tokens import Tokens
from stack.run_file import Run
from typer.testing import CliRunner

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("SOLIDARY_SHARED", ROOT.parent / "shared"))

Headers = dict[str, str]


@pytest.fixture(scope="session")
def service() -> Service:
    """The service whose database and consumers the fixtures of `solidary_testing.services` make."""
    return module.service


@pytest.fixture(scope="session")
def hsds() -> Path:
    """The folder of Open Referral's own schemas and examples (CC BY-SA 4.0), read and never copied."""
    folder = SHARED / "data" / "hsds-3.1"
    if not folder.is_dir():
        pytest.skip(f"the HSDS 3.1 material is not at {folder} (set SOLIDARY_SHARED)")
    return folder


@pytest.fixture(scope="session")
def command() -> Callable[..., Result]:
    """The command line: `command("open", path)` is `python -m referrals open path`."""
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words])


@dataclass(frozen=True)
class Granted:
    """A consent that is in force in intake."""

    owner: UUID
    recipient: UUID
    consent_id: UUID = field(default_factory=uuid4)
    person_id: UUID = field(default_factory=uuid4)
    household_id: UUID = field(default_factory=uuid4)
    package_id: UUID = field(default_factory=uuid4)
    purpose: str = "referral"
    valid_until: datetime | None = None


@dataclass
class IntakeFake:
    """A stand-in for intake on a real port: consents in force, the packages that it returns, the requests it got."""

    url: str = ""
    consents: dict[UUID, Granted] = field(default_factory=dict)
    """Package → its consent."""
    uses: list[tuple[UUID, str]] = field(default_factory=list)
    """The package, and the referral for which its consent was used."""
    previews: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    packages: dict[UUID, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """Package → its recipient and its data."""
    requests: list[tuple[UUID, str]] = field(default_factory=list)
    is_down: bool = False

    def application(self) -> FastAPI:
        intake = FastAPI()

        @intake.get("/packages/{package_id}")
        async def package(
            package_id: UUID, agency: str = Header(alias=AGENCY_HEADER), authorization: str = Header()
        ) -> dict[str, Any]:
            assert authorization.startswith("Bearer ")
            self.requests.append((package_id, agency))
            if self.is_down:
                raise HTTPException(500)
            recipient, data = self.packages.get(package_id, ("", {}))
            if recipient != agency:
                raise HTTPException(404)
            ids = {"package_id": str(package_id), "consent_id": str(uuid4()), "household_id": str(uuid4())}
            return {**ids, "purpose": "referral", "person_id": str(uuid4()), "data": data}

        @intake.post("/packages/{package_id}/uses")
        async def use(
            package_id: UUID, body: dict[str, str], agency: str = Header(alias=AGENCY_HEADER)
        ) -> dict[str, Any]:
            if self.is_down:
                raise HTTPException(500)
            consent = self.consents.get(package_id)
            if consent is None or agency not in (str(consent.owner), str(consent.recipient)):
                raise HTTPException(404)
            self.uses.append((package_id, body["reference"]))
            return asdict(consent)

        @intake.get("/packages/{package_id}/preview")
        async def preview(package_id: UUID, agency: str = Header(alias=AGENCY_HEADER)) -> dict[str, Any]:
            self.requests.append((package_id, agency))
            if package_id not in self.previews:
                raise HTTPException(404)
            return self.previews[package_id]

        return intake


@pytest.fixture(scope="module")
async def intake() -> AsyncIterator[IntakeFake]:
    fake = IntakeFake()
    server = uvicorn.Server(uvicorn.Config(fake.application(), port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: _has_started(server), what="the start of the fake intake")
    fake.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield fake
    server.should_exit = True
    await serving


async def _has_started(server: uvicorn.Server) -> bool:
    return server.started


@pytest.fixture(scope="module")
async def api(
    run: Run, service: Service, service_database: TestDatabase, intake: IntakeFake
) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(
        run, service_database, "referrals", rate_limit="100000/minute", peers={"intake": intake.url}
    )
    async with api_client(service.application(settings)) as client:
        yield client


@pytest.fixture
def run_jobs(
    run: Run, service: Service, service_database: TestDatabase, database: Database
) -> Callable[[], Awaitable[None]]:
    """Run the deferred jobs until none is left."""

    async def run_all() -> None:
        async with httpx.AsyncClient() as http:
            settings = settings_for(run, service_database, "referrals")
            worker = service.bind_jobs(settings, database, ServiceClients({}, http))
            worker.periodic_registry.periodic_tasks.clear()
            async with worker.open_async():
                await worker.run_worker_async(wait=False, install_signal_handlers=False)

    return run_all


@pytest.fixture
def events_of(service_database: TestDatabase) -> Callable[[str], list[dict[str, Any]]]:
    """Return the published events of an aggregate in order: fact, fields, owner agency, readers of their feeds."""

    def events(aggregate: str) -> list[dict[str, Any]]:
        with psycopg.connect(service_database.admin, row_factory=dict_row) as admin:
            return admin.execute(
                """SELECT split_part(payload::jsonb ->> 'type', '.', 5) AS fact, payload::jsonb -> 'data' AS fields,
                    agency, ARRAY(SELECT jsonb_array_elements_text(payload::jsonb -> 'agencies')) AS readers,
                    id IN (SELECT id FROM machinery.outbox WHERE type <> %(notice)s) AS is_on_the_bus
                FROM machinery.outbox WHERE aggregateid = %(aggregate)s AND type = %(notice)s ORDER BY sequence""",
                {"aggregate": aggregate, "notice": NOTICE_TYPE},
            ).fetchall()

    return events


@pytest.fixture
def sender(tokens: Tokens) -> Headers:
    return tokens.of("unhcr", Duty.CASE_WORKER)


@pytest.fixture
def receiver(tokens: Tokens) -> Headers:
    return tokens.of("chorrera", Duty.PROVIDER)


@pytest.fixture
def editor(tokens: Tokens) -> Headers:
    return tokens.of("chorrera", Duty.DIRECTORY_EDITOR)


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """Return the body of a school office's entry, with changed fields."""

    def body(**changes: Any) -> dict[str, Any]:
        school = {
            "name": "Matrícula sin documentos",
            "organization": "Oficina de Educación",
            "description": "Matrícula de niñas y niños que no tienen papeles",
            "category": "education",
            "status": "active",
            "confidential": False,
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
        return {**school, **changes}

    return body


@pytest.fixture
def create_service(
    api: httpx.AsyncClient, editor: Headers, entry: Callable[..., dict[str, Any]]
) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Create a directory entry and return it."""

    async def create(headers: Headers | None = None, **changes: Any) -> dict[str, Any]:
        answer = await api.post("/directory/services", json=entry(**changes), headers=headers or editor)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return create


@pytest.fixture
def grant_consent(intake: IntakeFake, tokens: Tokens) -> Callable[..., Awaitable[Granted]]:
    """Let intake have a person's consent that UNHCR recorded for the municipality."""

    async def grant(**changes: Any) -> Granted:
        parties = {"owner": tokens.agency("unhcr"), "recipient": tokens.agency("chorrera")}
        granted = Granted(**{**parties, **changes})
        intake.consents[granted.package_id] = granted
        return granted

    return grant


@pytest.fixture
def referral_body() -> Callable[..., dict[str, Any]]:
    """Return the body of a referral under a consent, with changed fields."""

    def body(granted: Granted, service_id: str, **changes: Any) -> dict[str, Any]:
        plain = {
            "consent_id": str(granted.consent_id),
            "package_id": str(granted.package_id),
            "person_id": str(granted.person_id),
            "service_id": service_id,
            "urgency": "urgent",
        }
        return {**plain, **changes}

    return body


@pytest.fixture
def refer(
    api: httpx.AsyncClient, sender: Headers, create_service: Any, grant_consent: Any, referral_body: Any
) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Send a referral from UNHCR to the municipality and return it as its sender sees it."""

    async def send(granted: Granted | None = None, **changes: Any) -> dict[str, Any]:
        created = await create_service()
        body = referral_body(granted or await grant_consent(), created["service_id"], **changes)
        answer = await api.post("/referrals", json=body, headers=sender)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return send
