"""The rules on the content of plans and on payments, tried on the database itself."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg
from psycopg import errors
from solidary_testing import eventually

from services.cash.tests.invariants.sql import (
    refused,
    release,
    subject,
)


class TestContent:
    async def test_content_under_review_cannot_change(self, world, attempt, scene):
        await refused(
            "payment_unchanged_in_review",
            attempt(world.maker, "UPDATE data.payment SET amount = 1 WHERE id = :payment", **scene.named),
        )
        await refused(
            "payment_unchanged_in_review",
            attempt(
                world.maker,
                "UPDATE data.payment SET account_reference = gen_random_uuid() WHERE id = :payment",
                **scene.named,
            ),
        )
        await refused(
            "plan_unchanged_in_review",
            attempt(world.maker, "UPDATE data.payment_plan SET total = 1 WHERE id = :plan", **scene.named),
        )
        await refused(
            "plan_unchanged_in_review",
            attempt(
                world.maker, "UPDATE data.payment_plan SET content_hash = 'x' WHERE id = :plan", **scene.named
            ),
        )

    async def test_payments_cannot_be_added_or_deleted_under_review(self, world, attempt, scene):
        slipped = """INSERT INTO data.payment (root, programme_id, enrolment_id, household_id, collector,
            registered_by, cycle, purpose, fsp, account_reference, account_version, amount, currency)
            SELECT root, programme_id, enrolment_id, gen_random_uuid(), collector, registered_by, cycle, purpose, fsp,
            account_reference, account_version, amount, currency FROM data.payment WHERE id = :payment"""
        await refused("payment_unchanged_in_review", attempt(world.maker, slipped, **scene.named))
        taken = "DELETE FROM data.payment WHERE id = :payment"
        await refused(errors.InsufficientPrivilege, attempt(world.maker, taken, **scene.named))

    async def test_payment_keeps_its_household_and_its_cycle(self, world, attempt, scene):
        for column in ("household_id = gen_random_uuid()", "cycle = '2030-01'", "currency = 'COP'"):
            statement = f"UPDATE data.payment SET {column} WHERE id = :payment"
            await refused(errors.InsufficientPrivilege, attempt(world.maker, statement, **scene.named))

    async def test_release_computes_the_hash_again(self, world, place, scene):
        where = f"/payment-plans/{scene.plan}"
        await world.take(where, "approve", world.checker)
        await world.take(where, "authorise", world.checker2)
        with psycopg.connect(place.admin, autocommit=True) as admin:
            admin.execute("SET session_replication_role = replica")  # without triggers
            admin.execute("UPDATE data.payment SET amount = amount + 1 WHERE id = %s", [scene.payment])
        asked = await world.api.post(f"{where}/release", world.releaser)
        refused = (await world.outcome(asked, world.releaser))["failure"]
        assert refused["type"] == "urn:solidary:problem:payments-changed"

    async def test_payment_that_is_cancelled_under_review_stops_the_approval(self, world, attempt, scene):
        where = f"/payment-plans/{scene.plan}"
        await world.take(where, "approve", world.checker)
        await attempt(
            world.maker, "UPDATE data.payment SET state = 'cancelled' WHERE id = :payment", **scene.named
        )
        assert (await world.api.post(f"{where}/authorise", world.checker2)).status_code == 409


class TestPayments:
    async def test_household_has_one_live_payment_in_a_cycle_for_a_purpose(self, world, attempt, scene):
        other = UUID((await world.plan(scene.programme)).rsplit("/", 1)[1])
        twice = """INSERT INTO data.payment (root, programme_id, enrolment_id, household_id, collector,
            registered_by, cycle, purpose, fsp, account_reference, account_version, amount, currency)
            SELECT :other, programme_id, enrolment_id, household_id, collector, registered_by, cycle, purpose, fsp,
            account_reference, account_version, amount, currency FROM data.payment WHERE id = :payment"""
        await refused("payment_once_per_cycle", attempt(world.maker, twice, other=other, **scene.named))

    async def test_state_of_a_payment_agrees_with_the_ledger(self, world, attempt, scene):
        state = "UPDATE data.payment SET state = '{}' WHERE id = :payment"
        reserved = attempt(world.maker, state.format("reserved"), **scene.named)
        await refused("payment_state_in_ledger", reserved)
        await release(world, scene)
        await attempt(world.maker, state.format("sent"), **scene.named)
        for end in ("delivered", "returned"):
            await refused("payment_state_in_ledger", attempt(world.maker, state.format(end), **scene.named))
        for other in ("planned", "failed"):
            await refused("payment_transition", attempt(world.maker, state.format(other), **scene.named))

    async def test_concurrent_plans_include_a_household_once(self, world):
        programme = await world.programme(await world.budget_line())
        await world.household()
        plans = [await world.plan(programme) for _ in range(4)]
        for plan in plans:
            assert (await world.api.post(f"{plan}/populate", world.maker)).status_code == 202
        await world.jobs()
        shown = [(await world.api.get(plan, world.maker)).json() for plan in plans]
        assert [plan["state"] for plan in shown] == ["populated"] * 4
        assert sorted(plan["payment_count"] for plan in shown) == [0, 0, 0, 1]


async def test_submission_waits_for_a_change_that_is_under_way(world, place):
    """Change an account in an open transaction, submit the plan meanwhile, and commit the change afterwards."""
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.plan(programme, "populate", "lock", "entitle")
    with psycopg.connect(place.roles["app"]) as other:
        scope = "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)"
        other.execute(scope, [str(world.iom), str(subject(world.maker))])
        other.execute(
            "UPDATE data.payment SET account_version = account_version + 1 WHERE root = %s", [plan[-36:]]
        )
        submitting = asyncio.create_task(world.api.post(f"{plan}/submit", world.maker))
        waiting = "SELECT pid FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"

        async def is_blocked() -> bool:
            return submitting.done() or other.execute(waiting).fetchone() is not None

        await eventually(is_blocked, what="the submission waits for the change")
        assert not submitting.done()
        other.commit()
    refused = await submitting
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:payments-changed")
