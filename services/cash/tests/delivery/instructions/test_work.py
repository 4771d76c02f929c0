"""The writing of an order by a worker: statements, crashes, and what the releaser permitted."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
from cash.delivery.instructions import commands, jobs
from cash.delivery.instructions.commands import PermittedOrder
from cash.delivery.instructions.encryption import public_key
from cash.intake import Intake
from solidary.language.problems import TransitionNotAllowed
from solidary.platform.clients import Cause, PeerRefused
from solidary.platform.identity import Principal
from solidary.platform.jobs import Progress
from solidary_testing.tokens import subject_of

from services.cash.tests.delivery.payment_plans.test_routes import NoProgress

KEY = public_key(b"a secret of the tests, thirty-two letters long")


class Crash(Exception):
    """The end of a worker, right before its commit."""


def worker(world) -> Principal:
    """Return the worker that acts because of the releaser."""
    me = subject_of(world.releaser)
    return Principal(me, world.iom, str(world.iom), frozenset(), "cash", on_behalf_of=me)


async def permitted(world, plan: str) -> PermittedOrder:
    """Let the releaser permit the order of a plan."""
    async with world.database.unit(worker(world)) as unit:
        order = await commands.permit_order(unit, intake(world), UUID(plan[-36:]))
    assert order is not None
    return order


def intake(world) -> Intake:
    return Intake.of(world.intake.clients, world.iom, Cause("payment_order", uuid4()))


async def attempt(world, order: PermittedOrder, *, crash: bool) -> None:
    """Run the job as a worker does, and end before its commit or after it."""
    principal = worker(world)
    async with world.database.unit(principal) as unit:
        await jobs.order_payments.function(
            unit,
            Progress(world.database, principal, uuid4()),
            clients=world.intake.clients,
            file_key=KEY.hex(),
            execution_date=f"{unit.now:%Y-%m-%d}",
            **order.arguments,
        )
        if crash:
            raise Crash


def stored(place, plan: str) -> tuple[int, int, int]:
    """Return the numbers of orders and files of a plan, and of its payments that were sent."""
    with psycopg.connect(place.admin) as admin:
        counts = [
            admin.execute(f"SELECT count(*) FROM data.{rows} AND root = %s".encode(), [plan[-36:]]).fetchone()
            for rows in ("instruction WHERE true", "order_file WHERE true", "payment WHERE state = 'sent'")
        ]
    return tuple(count for (count,) in counts)  # type: ignore[return-value]


async def test_worker_that_ends_before_its_commit_loses_and_doubles_nothing(world, place):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.released(programme)
    order = await permitted(world, plan)
    with pytest.raises(Crash):
        await attempt(world, order, crash=True)
    assert stored(place, plan) == (0, 0, 0)
    with pytest.raises(PeerRefused):
        await attempt(world, order, crash=False)
    assert stored(place, plan) == (0, 0, 0)
    await world.ordered(plan)
    with pytest.raises(TransitionNotAllowed):
        await attempt(world, order, crash=False)
    assert stored(place, plan) == (1, 1, 1)


async def test_worker_reads_no_payee_once_the_plan_is_cancelled(world, place):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.released(programme)
    order = await permitted(world, plan)
    await world.take(plan, "cancel", world.maker)
    world.intake.requests.clear()
    with pytest.raises(TransitionNotAllowed):
        await attempt(world, order, crash=False)
    assert (stored(place, plan), world.intake.requests) == ((0, 0, 0), [])


async def test_order_costs_as_many_statements_for_many_payments_as_for_one(
    world, count_statements, monkeypatch
):
    monkeypatch.setattr(commands, "BATCH_SIZE", 2)
    counts = []
    for households in (1, 5):
        programme = await world.programme(await world.budget_line(), purpose=f"order-{households}")
        for _ in range(households):
            await world.household()
        plan = await world.released(programme)
        world.intake.requests.clear()
        with count_statements() as sent:
            order = await permitted(world, plan)
            async with world.database.unit(worker(world)) as unit:
                draft = await commands.draft_order(unit, intake(world), order, NoProgress())
            async with world.database.unit(worker(world)) as unit:
                today = unit.now.date()
                instruction = await commands.dispatch(unit, KEY, order, draft, today)
        assert instruction.payment_count == households
        asked = [path for path, _ in world.intake.requests]
        assert asked == ["/payee-permits", *["/payees"] * -(-households // 2)]
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 25, sent
