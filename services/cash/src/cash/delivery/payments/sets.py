"""All payments of a plan at once: one statement, however many there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import text

from cash.delivery.payments.rules import PaymentState

AT_ONCE = 5000

ADD = text(
    """
    INSERT INTO data.payment (root, programme_id, enrolment_id, household_id, collector, registered_by, cycle,
        purpose, fsp, account, account_version, currency)
    SELECT o.id, o.programme_id, e.id, e.household_id, e.collector, e.registered_by, o.cycle, o.purpose, o.fsp,
        e.package_id, CAST(e.profile ->> 'payout_version' AS int), o.currency
    FROM data.payment_plan o JOIN data.enrolment e USING (programme_id)
    WHERE o.id = :plan AND e.state = 'enrolled' AND CAST(e.profile ->> 'payout_version' AS int) > 0
    ON CONFLICT (household_id, cycle, purpose)
        WHERE state NOT IN ('returned', 'failed', 'expired', 'cancelled') DO NOTHING
    """
)
PROFILES = text(
    """
    SELECT p.id, CASE WHEN e.state = 'enrolled' THEN e.profile END AS profile
    FROM data.payment p JOIN data.enrolment e ON e.id = p.enrolment_id
    WHERE p.root = :plan AND p.state = 'planned' AND p.id > :after ORDER BY p.id LIMIT :limit
    """
)
ENTITLE = text(
    """
    UPDATE data.payment p SET account_version = a.payout, amount = a.amount, why = CAST(a.why AS jsonb),
        reason = a.reason, state = CASE WHEN a.amount > 0 THEN 'planned' ELSE 'cancelled' END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:payouts AS int[]), CAST(:amounts AS bigint[]), CAST(:whys AS text[]),
        CAST(:reasons AS text[])) AS a (id, payout, amount, why, reason)
    WHERE p.id = a.id
    """
)
PLANNED = text(
    """
    SELECT count(*) AS payments, coalesce(sum(amount), 0)::bigint AS total,
        (SELECT count(*) FROM data.enrolment e JOIN data.payment_plan o USING (programme_id)
            WHERE o.id = :plan AND e.state = 'enrolled') AS enrolled
    FROM data.payment WHERE root = :plan AND state = 'planned'
    """
)
MOVE = text("UPDATE data.payment SET state = :after WHERE root = :plan AND state = :before")
CONTENT = text("SELECT data.plan_content(:plan)")
FOLLOW = text(
    """
    UPDATE data.payment p SET state = o.state, delivered = o.delivered, reason = o.reason
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:delivered AS bigint[]),
        CAST(:reasons AS text[])) AS o (id, state, delivered, reason)
    WHERE p.id = o.id
    """
)
KNOWN = text(
    """
    SELECT id, root, household_id, programme_id, registered_by, amount, currency, state, reason FROM data.payment
    WHERE agency = :agency AND id = ANY(:ids) ORDER BY id FOR UPDATE
    """
)
ORDERED = text(
    """
    SELECT p.id FROM data.payment p JOIN data.instruction i USING (root)
    WHERE root = :plan AND p.state NOT IN ('planned', 'cancelled') AND p.id <> ALL (i.not_sent) AND p.id > :after
    ORDER BY p.id LIMIT :limit
    """
)
UNDER_WAY = text(
    """
    SELECT count(*) FROM data.payment WHERE root = :plan
        AND state IN ('reserved', 'sent', 'accepted_by_fsp', 'unknown')
    """
)


class Entitled(NamedTuple):
    """A payment's account by its version, its amount in minor units, how that came about (JSON), and why none."""

    payment: UUID
    payout: int
    amount: int
    why: str
    reason: str | None


class Known(NamedTuple):
    """A payment that an answer speaks of."""

    id: UUID
    plan: UUID
    household_id: UUID
    programme_id: UUID
    registered_by: UUID
    amount: int
    currency: str
    state: PaymentState
    reason: str | None


class Followed(NamedTuple):
    """What became of a payment: `delivered` in minor units, `reason` the provider's code."""

    payment: UUID
    state: PaymentState
    delivered: int
    reason: str | None


class Planned(NamedTuple):
    """What a plan pays, together in minor units, and how many households are enrolled."""

    payments: int
    total: int
    enrolled: int


async def add(unit: UnitOfWork, plan: UUID) -> None:
    """A payment for each enrolled household that is known, and has none in this cycle for this purpose."""
    await unit.session.execute(ADD, {"plan": plan})


async def profiles(unit: UnitOfWork, plan: UUID) -> AsyncIterator[list[tuple[UUID, dict[str, Any] | None]]]:
    """Each planned payment with its household's coded profile, None once the consent has ended; in thousands."""
    after = UUID(int=0)
    while True:
        named = {"plan": plan, "after": after, "limit": AT_ONCE}
        found = [(row.id, row.profile) for row in await unit.session.execute(PROFILES, named)]
        if not found:
            return
        yield found
        after = found[-1][0]


async def entitle(unit: UnitOfWork, entitled: Sequence[Entitled]) -> None:
    """Writes the amounts; a payment of nothing is cancelled."""
    columns = zip(("ids", "payouts", "amounts", "whys", "reasons"), zip(*entitled, strict=True), strict=True)
    await unit.session.execute(ENTITLE, {name: list(column) for name, column in columns})


async def planned(unit: UnitOfWork, plan: UUID) -> Planned:
    return Planned(*(await unit.session.execute(PLANNED, {"plan": plan})).one())


async def content(unit: UnitOfWork, plan: UUID) -> str:
    """The SHA-256 of the payments as they are now (`cash.delivery.payment_plans.content`, computed in the database)."""
    return str(await unit.session.scalar(CONTENT, {"plan": plan}))


async def move(unit: UnitOfWork, plan: UUID, before: PaymentState, after: PaymentState) -> None:
    """All that are in one state go on to another."""
    await unit.session.execute(MOVE, {"plan": plan, "before": before, "after": after})


async def under_way(unit: UnitOfWork, plan: UUID) -> int:
    """How many are neither delivered nor given up."""
    return await unit.session.scalar(UNDER_WAY, {"plan": plan}) or 0


async def ordered(unit: UnitOfWork, plan: UUID) -> AsyncIterator[list[UUID]]:
    """The ids of the payments in a plan's order, some thousands at a time."""
    after = UUID(int=0)
    while ids := list(await unit.session.scalars(ORDERED, {"plan": plan, "after": after, "limit": AT_ONCE})):
        yield ids
        after = ids[-1]


async def known(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Known]:
    """Those of the acting agency, locked in one order."""
    rows = await unit.session.execute(KNOWN, {"agency": unit.principal.agency, "ids": list(ids)})
    payments = (Known(*row) for row in rows)
    return {each.id: each._replace(state=PaymentState(each.state)) for each in payments}


async def follow(unit: UnitOfWork, followed: Sequence[Followed]) -> None:
    """Writes what became of them."""
    if followed:
        ids, states, delivered, reasons = map(list, zip(*followed, strict=True))
        named = {"ids": ids, "states": states, "delivered": delivered, "reasons": reasons}
        await unit.session.execute(FOLLOW, named)
