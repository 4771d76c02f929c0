"""The rules on money, each tried on the database itself with the service's own role and plain SQL."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from solidary.platform.database import ShareLevel
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


@pytest.fixture
def attempt(world) -> Attempt:
    return Attempt(world)


async def refused(by: str | type[psycopg.Error], attempt: Awaitable[object]) -> None:
    """Assert that the database refuses an attempt, by the name of a rule or for a missing privilege."""
    with pytest.raises(DBAPIError) as refusal:
        await attempt
    cause = refusal.value.orig
    if isinstance(by, str):
        assert cause.diag.constraint_name == by, cause
    else:
        assert isinstance(cause, by), cause


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


@pytest.fixture
async def scene(world) -> Scene:
    """A submitted plan with one payment of 250.00 on a line of 1,000.00."""
    return await _scene(world)


async def _scene(world, amount: int = 100_000) -> Scene:
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


class TestMakerCheckerReleaser:
    async def test_plan_maker_cannot_approve(self, world, attempt, scene):
        await refused(
            "sign_off_once_per_round", attempt(world.maker, APPROVE.format(stage="approve"), **scene.named)
        )

    async def test_rule_author_cannot_approve(self, world, attempt, tokens):
        from solidary.platform.identity import Duty

        author = tokens.of("iom", Duty.CASH_MAKER, number=7)
        maker, world.maker = world.maker, author
        programme = await world.programme(await world.budget_line())
        world.maker = maker
        await world.household()
        place = await world.plan(programme, *PREPARED)
        plan = (await world.api.get(place, world.checker)).json()
        named = {"plan": plan["id"], "content_hash": plan["content_hash"]}
        await refused("sign_off_once_per_round", attempt(author, APPROVE.format(stage="approve"), **named))

    async def test_person_who_populated_the_plan_cannot_approve(self, world, attempt, tokens):
        from solidary.platform.identity import Duty

        second = tokens.of("iom", Duty.CASH_MAKER, number=8)
        programme = await world.programme(await world.budget_line())
        await world.household()
        place = await world.plan(programme)
        await world.take(place, "populate", second)
        for step in PREPARED[1:]:
            await world.take(place, step, world.maker)
        plan = (await world.api.get(place, world.checker)).json()
        named = {"plan": plan["id"], "content_hash": plan["content_hash"]}
        await refused("sign_off_once_per_round", attempt(second, APPROVE.format(stage="approve"), **named))

    async def test_person_approves_once_over_all_stages(self, world, attempt, scene):
        await world.take(f"/payment-plans/{scene.plan}", "approve", world.checker)
        await refused(
            "sign_off_once_per_round",
            attempt(world.checker, APPROVE.format(stage="authorise"), **scene.named),
        )

    async def test_person_cannot_sign_off_for_another_or_as_a_maker(self, world, attempt, scene):
        other = APPROVE.replace("stage,", "stage, subject,").replace("'{stage}',", "'approve', :other,")
        await refused(errors.InsufficientPrivilege, attempt(world.maker, other, other=uuid4(), **scene.named))
        preparation = APPROVE.format(stage="prepare")
        await refused(errors.InsufficientPrivilege, attempt(world.checker, preparation, **scene.named))

    async def test_approval_out_of_turn_is_refused(self, world, attempt, scene):
        await refused(
            "sign_off_in_turn", attempt(world.releaser, APPROVE.format(stage="release"), **scene.named)
        )
        late = APPROVE.format(stage="approve").replace(", 1,", ", 2,")
        await refused("sign_off_in_turn", attempt(world.checker, late, **scene.named))

    async def test_approval_is_bound_to_the_payments(self, world, attempt, scene):
        other = scene.named | {"content_hash": "0" * 64}
        await refused("sign_off_content", attempt(world.checker, APPROVE.format(stage="approve"), **other))

    async def test_plan_does_not_advance_without_its_approvals(self, world, attempt, scene):
        await refused(
            "plan_approvals", attempt(world.checker, ADVANCE.format(state="approved"), **scene.named)
        )
        await refused(
            "payment_plan_transition", attempt(world.checker, ADVANCE.format(state="released"), **scene.named)
        )

    async def test_makers_and_sign_offs_cannot_be_changed(self, world, attempt, scene):
        for statement in (
            "UPDATE data.payment_plan SET makers = '{}' WHERE id = :plan",
            "UPDATE data.payment_plan SET created_by = gen_random_uuid() WHERE id = :plan",
            "DELETE FROM data.payment_plan WHERE id = :plan",
            "UPDATE data.sign_off SET subject = gen_random_uuid() WHERE root = :plan",
            "DELETE FROM data.sign_off WHERE root = :plan",
        ):
            await refused(errors.InsufficientPrivilege, attempt(world.maker, statement, **scene.named))

    async def test_round_is_counted_by_the_database_alone(self, world, attempt, scene):
        await attempt(world.maker, "UPDATE data.payment_plan SET round = 9 WHERE id = :plan", **scene.named)
        shown = (await world.api.get(f"/payment-plans/{scene.plan}", world.checker)).json()
        assert shown["round"] == 1

    async def test_new_plan_has_its_creator_as_the_only_maker(self, world, attempt, scene):
        insert = """INSERT INTO data.payment_plan (id, root, programme_id, budget_line_id, cycle, purpose, fsp,
                currency, state, created_by, makers, round)
            SELECT :new, :new, programme_id, budget_line_id, cycle, purpose, fsp, currency, '{state}',
                gen_random_uuid(), '{{}}', 5 FROM data.payment_plan WHERE id = :plan
            RETURNING created_by, makers, round"""
        draft = insert.format(state="draft")
        (plan,) = await attempt(world.checker, draft, new=uuid4(), **scene.named)
        me = subject(world.checker)
        assert dict(plan) == {"created_by": me, "makers": [me], "round": 0}
        released = attempt(world.checker, insert.format(state="released"), new=uuid4(), **scene.named)
        await refused("payment_plan_transition", released)

    async def test_approval_tiers_are_fixed_before_the_first_plan(self, world, attempt, scene):
        lower = """INSERT INTO data.approval_tier (root, from_total, approvers, authorisers, releasers)
            SELECT programme_id, 1, 1, 1, 1 FROM data.payment_plan WHERE id = :plan"""
        await refused("approval_tiers_fixed", attempt(world.maker, lower, **scene.named))

    async def test_rule_cannot_have_another_author(self, world, attempt, scene):
        others = """INSERT INTO data.programme (id, root, name, purpose, budget_line_id, currency, fsp, debtor, rule,
                rule_author, takes_referrals)
            VALUES (:new, :new, 'x', 'rent', :line, 'USD', 'f', '{}', '{}', :other, false)"""
        other = attempt(world.maker, others, new=uuid4(), other=uuid4(), **scene.named)
        await refused(errors.InsufficientPrivilege, other)


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
        for end in ("failed", "delivered", "returned"):
            await refused("payment_state_in_ledger", attempt(world.maker, state.format(end), **scene.named))
        await refused("payment_transition", attempt(world.maker, state.format("planned"), **scene.named))

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
        await attempt(world.maker, resolve("post", 10_000), new=uuid4(), **scene.named)
        for kind, amount in (("post", 1), ("void", 25_000)):
            again = attempt(world.maker, resolve(kind, amount), new=uuid4(), **scene.named)
            await refused("transfer_resolved_once", again)
        assert (await world.accounts(scene.line))["fund:available"]["free"] == 90_000

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


SHARE = """INSERT INTO data.share (id, root, owner, agency, level, reason)
    VALUES (gen_random_uuid(), :line, :owner, :to, :level, 'agreement')"""
SETTLE = transfer("single", "settlement", CLEARING, "delivered", 1)


class TestAgencies:
    async def test_budget_line_without_a_share_is_invisible(self, world, attempt, scene):
        seen = await attempt(
            uuid4(), "SELECT * FROM data.account WHERE root = :line", agency=world.unhcr, **scene.named
        )
        assert seen == []

    @pytest.mark.parametrize("level", [ShareLevel.READ, ShareLevel.ACT])
    async def test_only_the_level_draw_moves_money(self, world, attempt, scene, level):
        await release(world, scene)
        named = {"owner": world.chorrera, "to": world.unhcr, "level": level, **scene.named}
        await attempt(world.auditor, SHARE, agency=world.chorrera, **named)
        tried = attempt(uuid4(), SETTLE, agency=world.unhcr, new=uuid4(), **scene.named)
        await refused(errors.InsufficientPrivilege, tried)

    async def test_drawing_agency_cannot_share_the_budget_line(self, world, attempt, scene):
        named = {"owner": world.chorrera, "to": world.unhcr, "level": ShareLevel.DRAW, **scene.named}
        await refused(errors.InsufficientPrivilege, attempt(world.maker, SHARE, **named))

    async def test_ended_share_draws_nothing(self, world, attempt, scene):
        await attempt(
            world.auditor,
            "UPDATE data.share SET valid_until = now() - interval '1 second' WHERE root = :line",
            agency=world.chorrera,
            **scene.named,
        )
        place = f"/payment-plans/{scene.plan}"
        await world.take(place, "approve", world.checker)
        await world.take(place, "authorise", world.checker2)
        asked = await world.api.post(f"{place}/release", world.releaser)
        assert (await world.outcome(asked, world.releaser))["failure"]["status"] in (404, 409)
        assert (await world.accounts(scene.line))["fund:available"]["debits_pending"] == 0


class TestDrawers:
    """Two agencies that draw on one budget line, of which one has released a payment."""

    @pytest.fixture
    async def both(self, world, attempt, scene) -> Scene:
        await release(world, scene)
        named = {"owner": world.chorrera, "to": world.unhcr, "level": ShareLevel.DRAW, **scene.named}
        await attempt(world.auditor, SHARE, agency=world.chorrera, **named)
        return scene

    async def test_drawer_sees_its_own_transfers_and_the_owner_all_without_payments(
        self, world, attempt, both, tokens
    ):
        from solidary.platform.identity import Duty

        where = f"/budget-lines/{both.line}"
        other = tokens.of("unhcr", Duty.CASH_MAKER)
        assert (await world.api.get(f"{where}/transfers", other)).json()["items"] == []
        seen = await attempt(
            uuid4(), "SELECT * FROM data.transfer WHERE root = :line", agency=world.unhcr, **both.named
        )
        assert seen == []
        assert len((await world.api.get(f"{where}/accounts", other)).json()) == 6
        owners = (await world.api.get(f"{where}/transfers", world.auditor)).json()["items"]
        assert [(each["code"], each["payment_id"]) for each in owners] == [("payment", None), ("grant", None)]
        mine = (await world.api.get(f"{where}/transfers", world.maker)).json()["items"]
        assert [each["payment_id"] for each in mine] == [str(both.payment)]

    async def test_reservation_of_another_agency_cannot_be_resolved(self, world, attempt, both, place):
        with psycopg.connect(place.admin) as admin:
            (reserved,) = admin.execute(
                "SELECT id FROM data.transfer WHERE payment_id = %s", [both.payment]
            ).fetchone()
        for kind in ("post", "void"):
            ends = {"payment": ":payment", "reservation": f"'{reserved}'"}
            theirs = transfer(kind, "payment", "fund:available", CLEARING, 25_000, **ends)
            await refused(
                "transfer_same_drawer",
                attempt(uuid4(), theirs, agency=world.unhcr, new=uuid4(), **both.named),
            )
        assert (await world.accounts(both.line))["fund:available"]["debits_pending"] == 25_000

    async def test_only_the_payer_settles_or_returns_a_delivered_payment(self, world, attempt, both):
        settled = transfer("single", "settlement", CLEARING, "delivered", 25_000, payment=":payment")
        back = transfer("single", "late_return", CLEARING, "beneficiary:payable", 25_000, payment=":payment")
        await attempt(world.maker, resolve("post", 20_000), new=uuid4(), **both.named)
        for statement in (settled.replace("25000", "19999"), back.replace("25000", "19999"), SETTLE):
            await refused(
                "transfer_of_delivered_payment", attempt(world.maker, statement, new=uuid4(), **both.named)
            )
        whole = settled.replace("25000", "20000")
        await refused(
            "transfer_of_delivered_payment",
            attempt(uuid4(), whole, agency=world.unhcr, new=uuid4(), **both.named),
        )
        await attempt(world.maker, whole, new=uuid4(), **both.named)


async def test_concurrent_releases_do_not_exceed_the_budget(world):
    """Release two plans of 250.00 on a budget line of 400.00: one succeeds."""
    line = await world.budget_line(40_000)
    places = []
    for cycle in ("2026-11", "2026-12"):
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


async def test_concurrent_approvals_of_one_person_count_once(world):
    scene = await _scene(world)
    tries: list[Callable[[], Awaitable[object]]] = [
        lambda: world.api.post(f"/payment-plans/{scene.plan}/approve", world.checker) for _ in range(4)
    ]
    answers = await asyncio.gather(*(one() for one in tries))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
