"""The cash service on a real PostgreSQL, with the events and the answers of the other services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from cash.service import service
from solidary.language.events import Envelope, Event, encode
from solidary.language.events.intake import ConsentEnded
from solidary.language.events.planning import BudgetLine, PlanValidated
from solidary.language.events.referrals import ReferralAccepted
from solidary.platform.database import Database
from solidary.platform.identity import Duty
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.record import Record
from solidary_testing.servers import (
    TestDatabase,
    api_client,
    kafka_as_admin,
    settings_for,
    throwaway_database,
)
from sqlalchemy import event
from sqlalchemy.engine import Engine

from services.cash.tests.peers import PEERS, Intake

_NOW = datetime.now(UTC)
CYCLES = [f"{_NOW + timedelta(days=31 * number):%Y-%m}" for number in range(4)]
"""The current month and the next ones."""
TODAY = {"execution_date": f"{_NOW:%Y-%m-%d}"}
PROFILE = {
    "version": 1,
    "payout_version": 1,
    "size": 3,
    "age_bands": {"18-59": 1},
    "disability": 1,
    "shelter": "rented_room",
    "area": "PA1301",
    "own_income": 5000,
    "other_aid": 0,
    "currency": "USD",
}
RULE = {
    "name": "Rent",
    "version": 1,
    "currency": "USD",
    "columns": {"household_size": "whole", "own_income": "money", "other_aid": "money"},
    "amount": {
        "kind": "gap",
        "basket": {
            "version": "training",
            "example": True,
            "rows": [
                {"household_size": "1-2", "amount": "180.00"},
                {"household_size": "3+", "amount": "310.00"},
            ],
        },
        "less": ["own_income", "other_aid"],
    },
    "cap": "250.00",
    "rounding": {"unit": "1.00", "mode": "down"},
}
DEBTOR = {"name": "OIM Panamá", "account": {"number": "04-12-99-1", "type": "CACC"}, "bic": "NACNPAPA"}


@pytest.fixture(scope="module")
def place(run) -> Iterator[TestDatabase]:
    with throwaway_database(run, "cash", service.folder / "migrations", forbid_scans=True) as database:
        yield database


@pytest.fixture
async def database(place) -> AsyncIterator[Database]:
    opened = Database(place.roles["app"], service="cash", country="pa")
    yield opened
    await opened.close()


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
def settings(run, place):
    return settings_for(run, place, "cash", peers=PEERS, rate_limit="100000/minute")


class Api:
    """A client of the API whose POSTs each have a fresh idempotency key."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, headers, **kwargs) -> httpx.Response:
        return await self.client.get(path, headers=headers, **kwargs)

    async def post(self, path: str, headers, json=None, **kwargs) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4())} | headers
        return await self.client.post(path, json=json, headers=headers, **kwargs)


@pytest.fixture
async def api(settings, intake) -> AsyncIterator[Api]:
    app = service.application(settings)
    async with api_client(app) as client:
        await app.state.runtime.clients.close()
        app.state.runtime.clients = intake.clients
        yield Api(client)


class Bus:
    """Events of the other services, delivered to the consumer as records."""

    def __init__(self, database: Database, run) -> None:
        (reactions,) = service.subscribers
        self.consumer = Consumer(
            reactions, database, kafka_as_admin(run), principal=service.principal, topics=[]
        )

    def envelope(self, event: Event, owner: UUID) -> Envelope:
        return Envelope(
            uuid4(),
            event.type,
            f"/pa/{event.service}",
            event.key,
            datetime.now(UTC),
            owner,
            1,
            None,
            event,
        )

    async def deliver(self, event: Event, owner: UUID) -> None:
        envelope = self.envelope(event, owner)
        key, headers, value = encode(envelope)
        await self.consumer.handle_batch([Record(key.decode(), str(envelope.id), tuple(headers), value)])


@dataclass
class Household:
    """A household registered by UNHCR, with a consent for cash from IOM."""

    id: UUID = field(default_factory=uuid4)
    person: UUID = field(default_factory=uuid4)
    package: UUID = field(default_factory=uuid4)
    consent: UUID = field(default_factory=uuid4)


class Order(NamedTuple):
    """A payment order that was taken: its path and its file."""

    place: str
    content: bytes


@dataclass
class Field:
    """The people of a cash programme, and the steps of the other services around it."""

    api: Api
    bus: Bus
    intake: Intake
    tokens: object
    settings: object
    database: Database
    order: str = ""
    """The message id of the latest order."""

    def __post_init__(self) -> None:
        self.cycles = CYCLES
        of = self.tokens.of
        self.maker = of("iom", Duty.CASH_MAKER)
        self.checker = of("iom", Duty.CASH_CHECKER)
        self.checker2 = of("iom", Duty.CASH_CHECKER, number=2)
        self.releaser = of("iom", Duty.CASH_RELEASER)
        self.bank = of("iom", Duty.BANK_REPORTER)
        self.controller = of("iom", Duty.CASH_CONTROLLER)
        self.auditor = of("chorrera", Duty.AUDITOR)
        self.iom, self.unhcr = self.tokens.agency("iom"), self.tokens.agency("unhcr")
        self.chorrera = self.tokens.agency("chorrera")

    async def budget_line(self, amount: int = 1_000_000) -> UUID:
        line = BudgetLine(
            budget_line_id=uuid4(),
            action_id=uuid4(),
            perspective="cbi",
            currency="USD",
            amount_minor=amount,
            may_draw=[self.iom],
        )
        event = PlanValidated(plan_id=uuid4(), act_number="Acuerdo 12 de 2026", budget_lines=[line])
        await self.bus.deliver(event, self.chorrera)
        return line.budget_line_id

    async def programme(self, line: UUID, **changes) -> str:
        body = {
            "name": "Alquiler seguro",
            "purpose": "rent",
            "budget_line_id": str(line),
            "fsp": "yappy",
            "debtor": DEBTOR,
            "rule": RULE,
            "takes_referrals": True,
        }
        answer = await self.api.post("/programmes", self.maker, body | changes)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def household(self, of: Household | None = None, **profile) -> Household:
        """Register, refer and accept a household with its consent, and fetch its profile where it was enrolled.

        `of`: another person of that household, with a consent of their own.
        """
        one = Household(id=of.id) if of else Household()
        self.intake.profiles[str(one.id)] = {"household_id": str(one.id), **PROFILE, **profile}
        self.intake.payees[str(one.package)] = {
            "package_id": str(one.package),
            "household_id": str(one.id),
            "person_id": str(one.person),
            "name": "Yolanda Núñez",
            "payout": {"kind": "wallet", "reference": "+50760000000", "provider": "YAPPY"},
            "payout_version": 1,
            "document": None,
        }
        self.grant(one)
        await self.accept(one)
        await self.jobs()
        return one

    def stranger(self) -> Household:
        """Return a household of which cash knows nothing yet."""
        return Household()

    def grant(self, household: Household, **changes) -> None:
        """Let intake have a consent of UNHCR's for cash from IOM."""
        self.intake.consents[str(household.package)] = {
            "consent_id": str(household.consent),
            "package_id": str(household.package),
            "person_id": str(household.person),
            "household_id": str(household.id),
            "purpose": "cash",
            "owner": str(self.unhcr),
            "recipient": str(self.iom),
            "valid_until": None,
        } | changes

    async def accept(self, household: Household) -> UUID:
        """Let referrals have an accepted referral for cash, and deliver its event; return its id."""
        referral = uuid4()
        self.intake.referrals[str(referral)] = {
            "consent_id": str(household.consent),
            "package_id": str(household.package),
            "receiver": str(self.iom),
            "accepted_by": self.intake.accepted_by,
        }
        await self.bus.deliver(ReferralAccepted(referral_id=referral), self.unhcr)
        return referral

    async def end_consent(self, household: Household) -> None:
        """Let the household's consent end in intake, and deliver the event."""
        self.intake.consents.pop(str(household.package), None)
        await self.bus.deliver(ConsentEnded(consent_id=household.consent), self.unhcr)

    async def jobs(self) -> None:
        """Run the jobs that were deferred, and those that these deferred in turn."""
        clients = self.intake.clients
        async with service.bind_jobs(self.settings, self.database, clients).open_async() as app:
            for _ in range(2):
                await app.run_worker_async(install_signal_handlers=False, wait=False, concurrency=4)
        await clients.close()

    async def plan(self, programme: str, *steps: str, cycle: str = CYCLES[0]) -> str:
        """Create a plan and take it through these steps as its maker."""
        answer = await self.api.post(
            "/payment-plans", self.maker, {"programme_id": programme, "cycle": cycle}
        )
        assert answer.status_code == 201, answer.text
        place = answer.headers["location"]
        for step in steps:
            await self.take(place, step, self.maker)
        return place

    async def take(self, plan: str, step: str, who) -> dict[str, object]:
        """Take a step of a plan, and return the plan."""
        answer = await self.api.post(f"{plan}/{step}", who)
        if answer.status_code == 202:
            work = await self.outcome(answer, who)
            assert work["failure"] is None, work
            answer = await self.api.get(work["result"], who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def outcome(self, answer: httpx.Response, who) -> dict[str, object]:
        """Run long work that was accepted, and return it."""
        assert answer.status_code == 202, answer.text
        await self.jobs()
        return (await self.api.get(answer.headers["location"], who)).json()

    async def released(self, programme: str, cycle: str = CYCLES[0]) -> str:
        """Create a plan and release it."""
        plan = await self.plan(programme, *PREPARED, cycle=cycle)
        await self.take(plan, "approve", self.checker)
        await self.take(plan, "authorise", self.checker2)
        assert (await self.take(plan, "release", self.releaser))["state"] == "released"
        return plan

    async def order_of(self, plan: str, body: object = TODAY) -> dict[str, object]:
        """Let the payment order of a plan be written, and return the work."""
        return await self.outcome(
            await self.api.post(f"{plan}/instruction", self.releaser, body), self.releaser
        )

    async def ordered(self, plan: str) -> Order:
        """Take the payment order of a released plan."""
        work = await self.order_of(plan)
        assert work["failure"] is None, work
        place = str(work["result"])
        self.order = UUID(place.rsplit("/", 1)[1]).hex
        return Order(place, await self.file_of(place))

    async def file_of(self, order: str) -> bytes:
        """Download the file of an order."""
        file = await self.api.get(f"{order}/file", self.releaser)
        assert file.status_code == 200, file.text
        return file.content

    async def written_again(self, order: str, who=None) -> dict[str, object]:
        """Let the file of an order be written again, and return the work."""
        who = who or self.releaser
        return await self.outcome(await self.api.post(f"{order}/file", who), who)

    async def accounts(self, line: UUID) -> dict[str, dict[str, int]]:
        answer = await self.api.get(f"/budget-lines/{line}/accounts", self.auditor)
        return {account["name"]: account for account in answer.json()}


PREPARED = ("populate", "lock", "entitle", "submit")


@pytest.fixture
async def world(api, database, run, intake, tokens, settings) -> Field:
    return Field(api, Bus(database, run), intake, tokens, settings, database)


@pytest.fixture
def count_statements():
    """A context that collects the statements of all engines in this process."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def add(connection, cursor, statement, *_) -> None:
            statements.append(statement)

        event.listen(Engine, "before_cursor_execute", add)
        try:
            yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", add)

    return counting
