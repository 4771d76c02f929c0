"""The rules on transfers and accounts, tried on the database itself."""

from __future__ import annotations

from uuid import uuid4

from psycopg import errors

from services.cash.tests.invariants.sql import (
    CLEARING,
    OPEN_ACCOUNT,
    PREPARED,
    deliver,
    refused,
    release,
    reserve,
    resolve,
    transfer,
)


class TestLedger:
    async def test_money_is_not_reserved_for_a_plan_that_is_not_released(self, world, attempt, scene):
        opened = OPEN_ACCOUNT.format(currency="USD", name=CLEARING)
        taken = attempt(world.maker, opened, reserve(25_000), new=uuid4(), **scene.named)
        await refused("transfer_plan_released", taken)
        nobodys = attempt(world.maker, opened, reserve(25_000, "NULL"), new=uuid4(), **scene.named)
        await refused("transfer_plan_released", nobodys)

    async def test_money_is_reserved_once_for_a_payment(self, world, attempt, scene):
        await release(world, scene)
        again = attempt(world.maker, reserve(25_000), new=uuid4(), **scene.named)
        await refused("transfer_reserved_once", again)

    async def test_post_cannot_exceed_its_reservation(self, world, attempt, scene):
        await release(world, scene)
        more = attempt(world.maker, resolve("post", 25_001), new=uuid4(), **scene.named)
        await refused("transfer_matches_reservation", more)
        less = attempt(world.maker, resolve("void", 24_999), new=uuid4(), **scene.named)
        await refused("transfer_matches_reservation", less)

    async def test_reservation_is_resolved_once(self, world, attempt, scene):
        await release(world, scene)
        await deliver(world, attempt, scene, 10_000)
        for kind, amount in (("post", 1), ("void", 25_000)):
            again = attempt(world.maker, resolve(kind, amount), new=uuid4(), **scene.named)
            await refused("transfer_resolved_once", again)
        assert (await world.accounts(scene.line))["fund:available"]["free"] == 90_000

    async def test_money_does_not_move_without_the_state_of_its_payment(self, world, attempt, scene):
        await release(world, scene)
        await world.ordered(f"/payment-plans/{scene.plan}")
        for who in (world.releaser, world.bank):
            for kind in ("post", "void"):
                moved = attempt(who, resolve(kind, 25_000), new=uuid4(), **scene.named)
                await refused("payment_state_in_ledger", moved)
        assert (await world.accounts(scene.line))["fund:available"]["debits_pending"] == 25_000

    async def test_post_needs_a_reservation(self, world, attempt, scene):
        await release(world, scene)
        bare = transfer("post", "payment", "fund:available", CLEARING, 1)
        await refused("transfer_reservation_required", attempt(world.maker, bare, new=uuid4(), **scene.named))
        foreign = transfer("post", "payment", "fund:available", CLEARING, 1, reservation="gen_random_uuid()")
        await refused(
            "transfer_matches_reservation", attempt(world.maker, foreign, new=uuid4(), **scene.named)
        )

    async def test_transfer_stays_in_one_currency_and_one_budget_line(self, world, attempt, scene):
        await release(world, scene)
        other = await world.budget_line()
        await attempt(world.maker, OPEN_ACCOUNT.format(currency="COP", name="delivered"), **scene.named)
        crossing = """INSERT INTO data.transfer (id, agency, root, kind, code, debit_account, debit_role,
                credit_account, credit_role, currency, amount)
            SELECT :new, d.agency, d.root, 'single', 'settlement', d.id, d.role, c.id, c.role, d.currency, 1
            FROM data.account d, data.account c WHERE d.root = :line AND d.name = :clearing
            AND c.name = 'delivered' AND c.root = :to AND c.currency = :currency"""
        for to, currency in ((scene.line, "COP"), (other, "USD")):
            named = {"new": uuid4(), "to": to, "currency": currency, "clearing": CLEARING}
            await refused("transfer_credit_account", attempt(world.maker, crossing, **named, **scene.named))

    async def test_movement_outside_the_chart_is_refused(self, world, attempt, scene):
        for kind, code, debit, credit in (
            ("single", "payment", "fund:available", "delivered"),
            ("single", "settlement", "fund:available", "delivered"),
            ("single", "exchange", "fund:available", "fees"),
            ("pending", "grant", "fund:granted", "fund:available"),
            ("single", "gift", "fund:available", "beneficiary:payable"),
        ):
            statement = transfer(kind, code, debit, credit, 1)
            await refused("transfer_movement", attempt(world.maker, statement, new=uuid4(), **scene.named))

    async def test_drawing_agency_enters_neither_grants_nor_fees(self, world, attempt, scene):
        grant = transfer("single", "grant", "fund:granted", "fund:available", 10**9)
        await refused("transfer_owner_only", attempt(world.maker, grant, new=uuid4(), **scene.named))
        fee = transfer("single", "fee", "fund:available", "fees", 1)
        await refused("transfer_owner_only", attempt(world.maker, fee, new=uuid4(), **scene.named))

    async def test_owner_cannot_overdraw_the_budget_line(self, world, attempt, scene):
        fee = transfer("single", "fee", "fund:available", "fees", 100_001)
        spent = attempt(world.auditor, fee, agency=world.chorrera, new=uuid4(), **scene.named)
        await refused("account_not_overdrawn", spent)

    async def test_amount_of_a_transfer_is_positive(self, world, attempt, scene):
        await release(world, scene)
        for amount in (0, -1):
            moved = transfer("single", "settlement", CLEARING, "delivered", amount)
            await refused("transfer_amount_positive", attempt(world.maker, moved, new=uuid4(), **scene.named))

    async def test_ledger_cannot_be_changed_or_deleted(self, world, attempt, scene):
        await release(world, scene)
        for agency, who in ((world.iom, world.maker), (world.chorrera, world.auditor)):
            for statement in (
                "UPDATE data.transfer SET amount = 1 WHERE root = :line",
                "DELETE FROM data.transfer WHERE root = :line",
                "UPDATE data.account SET credits_posted = 10000000 WHERE root = :line",
                "DELETE FROM data.account WHERE root = :line",
                "UPDATE data.budget_line SET ceiling = 10000000 WHERE id = :line",
                "TRUNCATE data.transfer",
                "ALTER TABLE data.transfer DISABLE TRIGGER apply_transfers",
                "SET session_replication_role = replica",
                "UPDATE published.movement SET kind = 'single'",
                "INSERT INTO machinery.transition VALUES ('payment_plan', 'submitted', 'released')",
            ):
                tried = attempt(who, statement, agency=agency, **scene.named)
                await refused(errors.InsufficientPrivilege, tried)

    async def test_account_begins_empty(self, world, attempt, scene):
        full = """INSERT INTO data.account (agency, root, currency, name, credits_posted)
            SELECT agency, root, 'USD', 'fees', 1000 FROM data.budget_line WHERE id = :line"""
        await refused(errors.InsufficientPrivilege, attempt(world.maker, full, **scene.named))

    async def test_account_belongs_to_the_owner_of_its_budget_line(self, world, attempt, scene):
        mine = """INSERT INTO data.account (root, currency, name) VALUES (:line, 'COP', 'fund:granted')"""
        await refused("account_of_budget_line", attempt(world.maker, mine, **scene.named))

    async def test_transfer_cannot_be_entered_in_another_name(self, world, attempt, scene):
        statement = transfer("single", "settlement", CLEARING, "delivered", 1)
        signed = statement.replace("reservation_id)", "reservation_id, entered_by)").replace(
            "NULL, NULL", "NULL, NULL, gen_random_uuid()"
        )
        await release(world, scene)
        tried = attempt(world.maker, signed, new=uuid4(), **scene.named)
        await refused(errors.InsufficientPrivilege, tried)


async def test_concurrent_releases_do_not_exceed_the_budget(world):
    """Release two plans of 250.00 on a budget line of 400.00: one succeeds."""
    line = await world.budget_line(40_000)
    places = []
    for cycle in world.cycles[:2]:
        programme = await world.programme(line)
        await world.household()
        place = await world.plan(programme, *PREPARED, cycle=cycle)
        await world.take(place, "approve", world.checker)
        await world.take(place, "authorise", world.checker2)
        places.append(place)
    asked = [await world.api.post(f"{place}/release", world.releaser) for place in places]
    ends = [await world.outcome(answer, world.releaser) for answer in asked]
    assert sorted(work["state"] for work in ends) == ["done", "failed"]
    available = (await world.accounts(line))["fund:available"]
    assert (available["debits_pending"], available["free"]) == (25_000, 15_000)
