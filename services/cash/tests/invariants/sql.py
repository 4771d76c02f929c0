"""Plain SQL with the service's own role, and the statements of several tests of the rules on money."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
from solidary.platform.identity import Principal
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

PREPARED = ("populate", "lock", "entitle", "submit")


def subject(headers: dict[str, str]) -> UUID:
    """Return the subject of a token."""
    body = headers["Authorization"].split(".")[1]
    return UUID(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"])


@dataclass
class Attempt:
    """A function that runs statements of one person of one agency, in one transaction, with the service's role."""

    world: object

    async def __call__(
        self, who: dict[str, str] | UUID, *statements: str, agency: UUID | None = None, **named
    ):
        subject_ = who if isinstance(who, UUID) else subject(who)
        me = Principal(subject_, agency or self.world.iom, "", frozenset())
        async with self.world.database.unit(me) as unit:
            for statement in statements:
                result = await unit.session.execute(text(statement), {"me": subject_, **named})
            return result.mappings().all() if result.returns_rows else result.rowcount


async def refused(by: str | type[psycopg.Error], attempt: Awaitable[object]) -> None:
    """Assert that the database refuses an attempt, by the name of a rule or for a missing privilege."""
    with pytest.raises(DBAPIError) as refusal:
        await attempt
    cause = refusal.value.orig
    found = cause.diag.constraint_name if isinstance(by, str) else type(cause)
    assert found == by, cause


@dataclass
class Scene:
    line: UUID
    programme: str
    plan: UUID
    payment: UUID
    content_hash: str
    amount: int

    @property
    def named(self) -> dict[str, object]:
        return {
            "plan": self.plan,
            "payment": self.payment,
            "content_hash": self.content_hash,
            "line": self.line,
        }


async def make_scene(world, amount: int = 100_000) -> Scene:
    line = await world.budget_line(amount)
    programme = await world.programme(line)
    await world.household()
    place = await world.plan(programme, *PREPARED)
    plan = (await world.api.get(place, world.checker)).json()
    (payment,) = (await world.api.get(f"{place}/payments", world.checker)).json()["items"]
    return Scene(
        line, programme, UUID(plan["id"]), UUID(payment["id"]), plan["content_hash"], payment["amount"]
    )


async def release(world, scene: Scene) -> None:
    place = f"/payment-plans/{scene.plan}"
    await world.take(place, "approve", world.checker)
    await world.take(place, "authorise", world.checker2)
    await world.take(place, "release", world.releaser)


APPROVE = """INSERT INTO data.sign_off (root, round, stage, content_hash)
    VALUES (:plan, 1, '{stage}', :content_hash)"""
ADVANCE = "UPDATE data.payment_plan SET state = '{state}' WHERE id = :plan"


TRANSFER = """
    INSERT INTO data.transfer (id, agency, root, kind, code, debit_account, debit_role, credit_account, credit_role,
        currency, amount, payment_id, reservation_id)
    SELECT :new, d.agency, d.root, '{kind}', '{code}', d.id, d.role, c.id, c.role, d.currency, {amount},
        {payment}, {reservation}
    FROM data.account d, data.account c WHERE d.root = :line AND c.root = :line AND d.currency = 'USD'
        AND c.currency = 'USD' AND d.name = '{debit}' AND c.name = '{credit}'
"""
CLEARING = "fsp:clearing:yappy"


def transfer(kind: str, code: str, debit: str, credit: str, amount: object, **ends: str) -> str:
    named = {"payment": "NULL", "reservation": "NULL", **ends}
    return TRANSFER.format(kind=kind, code=code, debit=debit, credit=credit, amount=amount, **named)


def reserve(amount: object, payment: str = ":payment") -> str:
    return transfer("pending", "payment", "fund:available", CLEARING, amount, payment=payment)


def resolve(kind: str, amount: object) -> str:
    reservation = "(SELECT id FROM data.transfer WHERE payment_id = :payment AND kind = 'pending')"
    ends = {"payment": ":payment", "reservation": reservation}
    return transfer(kind, "payment", "fund:available", CLEARING, amount, **ends)


OPEN_ACCOUNT = """INSERT INTO data.account (agency, root, currency, name)
    SELECT agency, root, '{currency}', '{name}' FROM data.budget_line WHERE id = :line"""


SHARE = """INSERT INTO data.share (id, root, owner, agency, level, reason)
    VALUES (gen_random_uuid(), :line, :owner, :to, :level, 'agreement')"""
SETTLE = transfer("single", "settlement", CLEARING, "delivered", 1)

REPORT = """INSERT INTO data.status_report (id, root, sha256, message, version, matched, unmatched, contradictions)
    VALUES (:report, :report, gen_random_uuid(), 'pain.002', '001.12', 1, 0, 0)"""
ANSWER = """UPDATE data.payment SET state = '{state}', delivered_amount = {amount}, report_id = :report
    WHERE id = :payment"""


async def deliver(world, attempt, scene: Scene, amount: int) -> None:
    """Order a released payment and deliver a part of it, as a report of the provider would."""
    await world.ordered(f"/payment-plans/{scene.plan}")
    named = {"new": uuid4(), "report": uuid4(), **scene.named}
    answer = ANSWER.format(state="partial", amount=amount)
    await attempt(world.bank, REPORT, resolve("post", amount), answer, **named)
