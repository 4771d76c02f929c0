"""What must never happen with money, tried on the database itself, with the service's own role and plain SQL."""

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

MADE = ("populate", "lock", "entitle", "submit")


def subject(headers: dict[str, str]) -> UUID:
    """Who a token is of."""
    body = headers["Authorization"].split(".")[1]
    return UUID(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"])


@dataclass
class Attempt:
    """Statements of one person of one agency, in one transaction, as the service's role."""

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
    """The database refuses: a constraint or rule by its name, or a privilege."""
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
    content: str
    amount: int

    @property
    def named(self) -> dict[str, object]:
        return {"plan": self.plan, "payment": self.payment, "content": self.content, "line": self.line}


@pytest.fixture
async def scene(world) -> Scene:
    """A submitted plan with one payment of 250.00 on a line of 1,000.00."""
    return await _scene(world)


async def _scene(world, amount: int = 100_000) -> Scene:
    line = await world.budget_line(amount)
    programme = await world.programme(line)
    await world.household()
    place = await world.plan(programme, *MADE)
    plan = (await world.api.get(place, world.checker)).json()
    (payment,) = (await world.api.get(f"{place}/payments", world.checker)).json()["items"]
    return Scene(line, programme, UUID(plan["id"]), UUID(payment["id"]), plan["content"], payment["amount"])


async def release(world, scene: Scene) -> None:
    place = f"/payment-plans/{scene.plan}"
    await world.goes(place, "approve", world.checker)
    await world.goes(place, "authorise", world.checker2)
    await world.goes(place, "release", world.releaser)


SIGN = """INSERT INTO data.signature (root, round, part, content) VALUES (:plan, 1, '{part}', :content)"""
GO = "UPDATE data.payment_plan SET state = '{state}' WHERE id = :plan"


class TestMakerCheckerReleaser:
    async def test_a_maker_says_no_yes(self, world, attempt, scene):
        await refused("signature_once", attempt(world.maker, SIGN.format(part="approve"), **scene.named))

    async def test_whoever_wrote_the_formula_is_a_maker(self, world, attempt, tokens):
        from solidary.platform.identity import Duty

        author = tokens.of("iom", Duty.CASH_MAKER, number=7)
        maker, world.maker = world.maker, author
        programme = await world.programme(await world.budget_line())
        world.maker = maker
        await world.household()
        place = await world.plan(programme, *MADE)
        plan = (await world.api.get(place, world.checker)).json()
        named = {"plan": plan["id"], "content": plan["content"]}
        await refused("signature_once", attempt(author, SIGN.format(part="approve"), **named))

    async def test_whoever_touched_the_payments_is_a_maker(self, world, attempt, tokens):
        from solidary.platform.identity import Duty

        second = tokens.of("iom", Duty.CASH_MAKER, number=8)
        programme = await world.programme(await world.budget_line())
        await world.household()
        place = await world.plan(programme)
        await world.goes(place, "populate", second)
        for step in MADE[1:]:
            await world.goes(place, step, world.maker)
        plan = (await world.api.get(place, world.checker)).json()
        named = {"plan": plan["id"], "content": plan["content"]}
        await refused("signature_once", attempt(second, SIGN.format(part="approve"), **named))

    async def test_one_person_says_yes_once_over_all_stages(self, world, attempt, scene):
        await world.goes(f"/payment-plans/{scene.plan}", "approve", world.checker)
        await refused("signature_once", attempt(world.checker, SIGN.format(part="authorise"), **scene.named))

    async def test_nobody_signs_for_somebody_else_or_as_a_maker(self, world, attempt, scene):
        other = SIGN.replace("part,", "part, subject,").replace("'{part}',", "'approve', :other,")
        await refused(errors.InsufficientPrivilege, attempt(world.maker, other, other=uuid4(), **scene.named))
        made = SIGN.format(part="made")
        await refused(errors.InsufficientPrivilege, attempt(world.checker, made, **scene.named))

    async def test_nobody_signs_out_of_turn(self, world, attempt, scene):
        await refused(
            "signature_in_turn", attempt(world.releaser, SIGN.format(part="release"), **scene.named)
        )
        late = SIGN.format(part="approve").replace(", 1,", ", 2,")
        await refused("signature_in_turn", attempt(world.checker, late, **scene.named))

    async def test_a_yes_is_bound_to_the_payments(self, world, attempt, scene):
        other = scene.named | {"content": "0" * 64}
        await refused("signature_content", attempt(world.checker, SIGN.format(part="approve"), **other))

    async def test_a_plan_does_not_go_on_without_its_yeses(self, world, attempt, scene):
        await refused("plan_yeses", attempt(world.checker, GO.format(state="approved"), **scene.named))
        await refused("plan_way", attempt(world.checker, GO.format(state="released"), **scene.named))

    async def test_the_makers_and_the_hands_are_nobodys_to_change(self, world, attempt, scene):
        for statement in (
            "UPDATE data.payment_plan SET makers = '{}' WHERE id = :plan",
            "UPDATE data.payment_plan SET created_by = gen_random_uuid() WHERE id = :plan",
            "DELETE FROM data.payment_plan WHERE id = :plan",
            "UPDATE data.signature SET subject = gen_random_uuid() WHERE root = :plan",
            "DELETE FROM data.signature WHERE root = :plan",
        ):
            await refused(errors.InsufficientPrivilege, attempt(world.maker, statement, **scene.named))

    async def test_a_round_is_counted_by_the_database_alone(self, world, attempt, scene):
        await attempt(world.maker, "UPDATE data.payment_plan SET round = 9 WHERE id = :plan", **scene.named)
        shown = (await world.api.get(f"/payment-plans/{scene.plan}", world.checker)).json()
        assert shown["round"] == 1

    async def test_a_plan_begins_as_a_draft_of_whoever_makes_it(self, world, attempt, scene):
        (plan,) = await attempt(
            world.checker,
            """INSERT INTO data.payment_plan (id, root, programme_id, budget_line_id, cycle, purpose, fsp, currency,
                state, created_by, makers, round)
            SELECT :new, :new, programme_id, budget_line_id, cycle, purpose, fsp, currency, 'released',
                gen_random_uuid(), '{}', 5 FROM data.payment_plan WHERE id = :plan
            RETURNING state, created_by, makers, round""",
            new=uuid4(),
            **scene.named,
        )
        me = subject(world.checker)
        assert dict(plan) == {"state": "draft", "created_by": me, "makers": [me], "round": 0}

    async def test_how_many_must_agree_is_fixed_before_the_first_plan(self, world, attempt, scene):
        lower = """INSERT INTO data.tier (root, least, approve, authorise, release)
            SELECT programme_id, 1, 1, 1, 1 FROM data.payment_plan WHERE id = :plan"""
        await refused("tier_fixed", attempt(world.maker, lower, **scene.named))

    async def test_a_rule_is_its_authors(self, world, attempt, scene):
        others = """INSERT INTO data.programme (id, root, name, purpose, budget_line_id, currency, fsp, debtor, rule,
            rule_by, takes_referrals) VALUES (:new, :new, 'x', 'rent', :line, 'USD', 'f', '{}', '{}', :other, false)"""
        other = attempt(world.maker, others, new=uuid4(), other=uuid4(), **scene.named)
        await refused(errors.InsufficientPrivilege, other)


class TestContent:
    async def test_what_is_under_review_does_not_change(self, world, attempt, scene):
        await refused(
            "payment_fixed",
            attempt(world.maker, "UPDATE data.payment SET amount = 1 WHERE id = :payment", **scene.named),
        )
        await refused(
            "payment_fixed",
            attempt(
                world.maker,
                "UPDATE data.payment SET account = gen_random_uuid() WHERE id = :payment",
                **scene.named,
            ),
        )
        await refused(
            "plan_fixed",
            attempt(world.maker, "UPDATE data.payment_plan SET total = 1 WHERE id = :plan", **scene.named),
        )
        await refused(
            "plan_fixed",
            attempt(
                world.maker, "UPDATE data.payment_plan SET content = 'x' WHERE id = :plan", **scene.named
            ),
        )

    async def test_no_payment_is_slipped_in_or_taken_out(self, world, attempt, scene):
        slipped = """INSERT INTO data.payment (root, programme_id, enrolment_id, household_id, collector,
            registered_by, cycle, purpose, fsp, account, account_version, amount, currency)
            SELECT root, programme_id, enrolment_id, gen_random_uuid(), collector, registered_by, cycle, purpose, fsp,
            account, account_version, amount, currency FROM data.payment WHERE id = :payment"""
        await refused("payment_fixed", attempt(world.maker, slipped, **scene.named))
        taken = "DELETE FROM data.payment WHERE id = :payment"
        await refused(errors.InsufficientPrivilege, attempt(world.maker, taken, **scene.named))

    async def test_a_payment_keeps_its_household_and_its_cycle(self, world, attempt, scene):
        for column in ("household_id = gen_random_uuid()", "cycle = '2030-01'", "currency = 'COP'"):
            statement = f"UPDATE data.payment SET {column} WHERE id = :payment"
            await refused(errors.InsufficientPrivilege, attempt(world.maker, statement, **scene.named))

    async def test_a_release_computes_the_hash_anew(self, world, place, scene):
        where = f"/payment-plans/{scene.plan}"
        await world.goes(where, "approve", world.checker)
        await world.goes(where, "authorise", world.checker2)
        with psycopg.connect(place.admin, autocommit=True) as admin:
            admin.execute("SET session_replication_role = replica")  # past every trigger
            admin.execute("UPDATE data.payment SET amount = amount + 1 WHERE id = %s", [scene.payment])
        asked = await world.api.post(f"{where}/release", world.releaser)
        refused = (await world.outcome(asked, world.releaser))["failure"]
        assert refused["status"] == 409
        assert "not those" in refused["detail"] or "changed" in refused["detail"]

    async def test_a_payment_left_out_under_review_stops_the_release(self, world, attempt, scene):
        where = f"/payment-plans/{scene.plan}"
        await world.goes(where, "approve", world.checker)
        await attempt(
            world.maker, "UPDATE data.payment SET state = 'cancelled' WHERE id = :payment", **scene.named
        )
        assert (await world.api.post(f"{where}/authorise", world.checker2)).status_code == 409


class TestPayments:
    async def test_a_household_has_one_live_payment_in_a_cycle_for_a_purpose(self, world, attempt, scene):
        other = UUID((await world.plan(scene.programme)).rsplit("/", 1)[1])
        twice = """INSERT INTO data.payment (root, programme_id, enrolment_id, household_id, collector,
            registered_by, cycle, purpose, fsp, account, account_version, amount, currency)
            SELECT :other, programme_id, enrolment_id, household_id, collector, registered_by, cycle, purpose, fsp,
            account, account_version, amount, currency FROM data.payment WHERE id = :payment"""
        await refused("payment_once", attempt(world.maker, twice, other=other, **scene.named))

    async def test_a_payment_is_where_its_money_is(self, world, attempt, scene):
        state = "UPDATE data.payment SET state = '{}' WHERE id = :payment"
        reserved = attempt(world.maker, state.format("reserved"), **scene.named)
        await refused("payment_in_ledger", reserved)
        await release(world, scene)
        for after in ("sent", "failed"):
            await attempt(world.maker, state.format("sent"), **scene.named) if after == "failed" else None
            if after == "failed":
                for end in ("failed", "delivered", "expired", "returned"):
                    await refused("payment_in_ledger", attempt(world.maker, state.format(end), **scene.named))
        await refused("payment_way", attempt(world.maker, state.format("planned"), **scene.named))

    async def test_two_plans_at_once_take_a_household_once(self, world):
        programme = await world.programme(await world.budget_line())
        await world.household()
        plans = [await world.plan(programme) for _ in range(4)]
        for plan in plans:
            assert (await world.api.post(f"{plan}/populate", world.maker)).status_code == 202
        await world.jobs()
        shown = [(await world.api.get(plan, world.maker)).json() for plan in plans]
        assert [plan["state"] for plan in shown] == ["populated"] * 4
        assert sorted(plan["payments"] for plan in shown) == [0, 0, 0, 1]


TRANSFER = """
    INSERT INTO data.transfer (id, agency, root, kind, code, debit, debit_role, credit, credit_role, currency, amount,
        payment, pending)
    SELECT :new, d.agency, d.root, '{kind}', '{code}', d.id, d.role, c.id, c.role, d.currency, {amount},
        {payment}, {pending}
    FROM data.account d, data.account c WHERE d.root = :line AND c.root = :line AND d.currency = 'USD'
        AND c.currency = 'USD' AND d.name = '{debit}' AND c.name = '{credit}'
"""
CLEARING = "fsp:clearing:yappy"


def transfer(kind: str, code: str, debit: str, credit: str, amount: object, **ends: str) -> str:
    named = {"payment": "NULL", "pending": "NULL", **ends}
    return TRANSFER.format(kind=kind, code=code, debit=debit, credit=credit, amount=amount, **named)


def reserve(amount: object, payment: str = ":payment") -> str:
    return transfer("pending", "payment", "fund:available", CLEARING, amount, payment=payment)


def resolve(kind: str, amount: object) -> str:
    pending = "(SELECT id FROM data.transfer WHERE payment = :payment AND kind = 'pending')"
    return transfer(kind, "payment", "fund:available", CLEARING, amount, payment=":payment", pending=pending)


OPEN = """INSERT INTO data.account (agency, root, currency, name)
    SELECT agency, root, '{currency}', '{name}' FROM data.budget_line WHERE id = :line"""


class TestLedger:
    async def test_nothing_is_reserved_for_a_plan_that_is_not_released(self, world, attempt, scene):
        opened = OPEN.format(currency="USD", name=CLEARING)
        taken = attempt(world.maker, opened, reserve(25_000), new=uuid4(), **scene.named)
        await refused("transfer_released", taken)
        nobodys = attempt(world.maker, opened, reserve(25_000, "NULL"), new=uuid4(), **scene.named)
        await refused("transfer_released", nobodys)

    async def test_money_is_reserved_once_for_a_payment(self, world, attempt, scene):
        await release(world, scene)
        again = attempt(world.maker, reserve(25_000), new=uuid4(), **scene.named)
        await refused("transfer_reserved_once", again)

    async def test_no_more_is_posted_than_was_reserved(self, world, attempt, scene):
        await release(world, scene)
        more = attempt(world.maker, resolve("post", 25_001), new=uuid4(), **scene.named)
        await refused("transfer_resolves", more)
        less = attempt(world.maker, resolve("void", 24_999), new=uuid4(), **scene.named)
        await refused("transfer_resolves", less)

    async def test_a_reservation_is_resolved_once(self, world, attempt, scene):
        await release(world, scene)
        await attempt(world.maker, resolve("post", 10_000), new=uuid4(), **scene.named)
        for kind, amount in (("post", 1), ("void", 25_000)):
            again = attempt(world.maker, resolve(kind, amount), new=uuid4(), **scene.named)
            await refused("transfer_resolved_once", again)
        assert (await world.accounts(scene.line))["fund:available"]["free"] == 90_000

    async def test_a_post_needs_a_reservation_and_a_reservation_none(self, world, attempt, scene):
        await release(world, scene)
        bare = transfer("post", "payment", "fund:available", CLEARING, 1)
        await refused("transfer_pending", attempt(world.maker, bare, new=uuid4(), **scene.named))
        foreign = transfer("post", "payment", "fund:available", CLEARING, 1, pending="gen_random_uuid()")
        await refused("transfer_resolves", attempt(world.maker, foreign, new=uuid4(), **scene.named))

    async def test_a_transfer_stays_in_one_currency_and_one_line(self, world, attempt, scene):
        await release(world, scene)
        other = await world.budget_line()
        await attempt(world.maker, OPEN.format(currency="COP", name="delivered"), **scene.named)
        crossing = """INSERT INTO data.transfer (id, agency, root, kind, code, debit, debit_role, credit, credit_role,
            currency, amount) SELECT :new, d.agency, d.root, 'single', 'settlement', d.id, d.role, c.id, c.role,
            d.currency, 1 FROM data.account d, data.account c WHERE d.root = :line AND d.name = :clearing
            AND c.name = 'delivered' AND c.root = :to AND c.currency = :currency"""
        for to, currency in ((scene.line, "COP"), (other, "USD")):
            named = {"new": uuid4(), "to": to, "currency": currency, "clearing": CLEARING}
            await refused("transfer_credit", attempt(world.maker, crossing, **named, **scene.named))

    async def test_money_moves_only_as_the_chart_says(self, world, attempt, scene):
        for kind, code, debit, credit in (
            ("single", "payment", "fund:available", "delivered"),
            ("single", "settlement", "fund:available", "delivered"),
            ("single", "exchange", "fund:available", "fees"),
            ("pending", "grant", "fund:granted", "fund:available"),
            ("single", "gift", "fund:available", "beneficiary:payable"),
        ):
            statement = transfer(kind, code, debit, credit, 1)
            await refused("transfer_movement", attempt(world.maker, statement, new=uuid4(), **scene.named))

    async def test_who_draws_neither_grants_nor_charges(self, world, attempt, scene):
        grant = transfer("single", "grant", "fund:granted", "fund:available", 10**9)
        await refused("transfer_by_owner", attempt(world.maker, grant, new=uuid4(), **scene.named))
        fee = transfer("single", "fee", "fund:available", "fees", 1)
        await refused("transfer_by_owner", attempt(world.maker, fee, new=uuid4(), **scene.named))

    async def test_even_the_owner_spends_no_more_than_is_there(self, world, attempt, scene):
        fee = transfer("single", "fee", "fund:available", "fees", 100_001)
        spent = attempt(world.auditor, fee, agency=world.chorrera, new=uuid4(), **scene.named)
        await refused("budget", spent)

    async def test_nothing_of_nothing_or_less_moves(self, world, attempt, scene):
        await release(world, scene)
        for amount in (0, -1):
            moved = transfer("single", "settlement", CLEARING, "delivered", amount)
            await refused("transfer_amount", attempt(world.maker, moved, new=uuid4(), **scene.named))

    async def test_what_is_written_stays_written(self, world, attempt, scene):
        await release(world, scene)
        for agency, who in ((world.iom, world.maker), (world.chorrera, world.auditor)):
            for statement in (
                "UPDATE data.transfer SET amount = 1 WHERE root = :line",
                "DELETE FROM data.transfer WHERE root = :line",
                "UPDATE data.account SET credits_posted = 10000000 WHERE root = :line",
                "DELETE FROM data.account WHERE root = :line",
                "UPDATE data.budget_line SET ceiling = 10000000 WHERE id = :line",
                "TRUNCATE data.transfer",
                "ALTER TABLE data.transfer DISABLE TRIGGER moves_balances",
                "SET session_replication_role = replica",
                "UPDATE published.movement SET kind = 'single'",
                "INSERT INTO published.plan_arrow VALUES ('submitted', 'released')",
            ):
                tried = attempt(who, statement, agency=agency, **scene.named)
                await refused(errors.InsufficientPrivilege, tried)

    async def test_an_account_begins_empty(self, world, attempt, scene):
        full = """INSERT INTO data.account (agency, root, currency, name, credits_posted)
            SELECT agency, root, 'USD', 'fx', 1000 FROM data.budget_line WHERE id = :line"""
        await refused(errors.InsufficientPrivilege, attempt(world.maker, full, **scene.named))

    async def test_an_account_is_of_its_lines_owner(self, world, attempt, scene):
        mine = """INSERT INTO data.account (root, currency, name) VALUES (:line, 'COP', 'fund:granted')"""
        await refused("account_line", attempt(world.maker, mine, **scene.named))

    async def test_nobody_enters_a_transfer_in_another_name(self, world, attempt, scene):
        statement = transfer("single", "settlement", CLEARING, "delivered", 1)
        signed = statement.replace("payment, pending)", "payment, pending, entered_by)").replace(
            "NULL, NULL", "NULL, NULL, gen_random_uuid()"
        )
        await release(world, scene)
        tried = attempt(world.maker, signed, new=uuid4(), **scene.named)
        await refused(errors.InsufficientPrivilege, tried)


SHARE = """INSERT INTO data.share (id, root, owner, agency, level, reason)
    VALUES (gen_random_uuid(), :line, :owner, :to, :level, 'agreement')"""
SETTLE = transfer("single", "settlement", CLEARING, "delivered", 1)


class TestAgencies:
    async def test_without_a_share_a_line_is_not_there(self, world, attempt, scene):
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

    async def test_whom_the_line_is_shared_with_cannot_share_it_on(self, world, attempt, scene):
        named = {"owner": world.chorrera, "to": world.unhcr, "level": ShareLevel.DRAW, **scene.named}
        await refused(errors.InsufficientPrivilege, attempt(world.maker, SHARE, **named))

    async def test_a_share_that_ended_draws_nothing(self, world, attempt, scene):
        await attempt(
            world.auditor,
            "UPDATE data.share SET valid_until = now() - interval '1 second' WHERE root = :line",
            agency=world.chorrera,
            **scene.named,
        )
        place = f"/payment-plans/{scene.plan}"
        await world.goes(place, "approve", world.checker)
        await world.goes(place, "authorise", world.checker2)
        asked = await world.api.post(f"{place}/release", world.releaser)
        assert (await world.outcome(asked, world.releaser))["failure"]["status"] in (404, 409)
        assert (await world.accounts(scene.line))["fund:available"]["debits_pending"] == 0


class TestDrawers:
    """Two agencies draw on one line; IOM's payment is released."""

    @pytest.fixture
    async def both(self, world, attempt, scene) -> Scene:
        await release(world, scene)
        named = {"owner": world.chorrera, "to": world.unhcr, "level": ShareLevel.DRAW, **scene.named}
        await attempt(world.auditor, SHARE, agency=world.chorrera, **named)
        return scene

    async def test_each_sees_its_own_transfers_and_the_owner_all_without_the_payment(
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
        assert [(each["code"], each["payment"]) for each in owners] == [("payment", None), ("grant", None)]
        mine = (await world.api.get(f"{where}/transfers", world.maker)).json()["items"]
        assert [each["payment"] for each in mine] == [str(both.payment)]

    async def test_nobody_resolves_what_another_reserved(self, world, attempt, both, place):
        with psycopg.connect(place.admin) as admin:
            (reserved,) = admin.execute(
                "SELECT id FROM data.transfer WHERE payment = %s", [both.payment]
            ).fetchone()
        for kind in ("post", "void"):
            pending = {"payment": ":payment", "pending": f"'{reserved}'"}
            theirs = transfer(kind, "payment", "fund:available", CLEARING, 25_000, **pending)
            await refused(
                "transfer_own", attempt(uuid4(), theirs, agency=world.unhcr, new=uuid4(), **both.named)
            )
        assert (await world.accounts(both.line))["fund:available"]["debits_pending"] == 25_000

    async def test_only_a_delivered_payment_is_settled_or_comes_back_and_only_by_who_paid_it(
        self, world, attempt, both
    ):
        settled = transfer("single", "settlement", CLEARING, "delivered", 25_000, payment=":payment")
        back = transfer("single", "late_return", CLEARING, "beneficiary:payable", 25_000, payment=":payment")
        await attempt(world.maker, resolve("post", 20_000), new=uuid4(), **both.named)
        for statement in (settled.replace("25000", "19999"), back.replace("25000", "19999"), SETTLE):
            await refused("transfer_of_payment", attempt(world.maker, statement, new=uuid4(), **both.named))
        whole = settled.replace("25000", "20000")
        await refused(
            "transfer_of_payment", attempt(uuid4(), whole, agency=world.unhcr, new=uuid4(), **both.named)
        )
        await attempt(world.maker, whole, new=uuid4(), **both.named)


async def test_two_releases_at_once_never_exceed_the_budget(world):
    """Two plans of 250.00 on a line of 400.00: one is released, one is refused."""
    line = await world.budget_line(40_000)
    places = []
    for cycle in ("2026-11", "2026-12"):
        programme = await world.programme(line)
        await world.household()
        place = await world.plan(programme, *MADE, cycle=cycle)
        await world.goes(place, "approve", world.checker)
        await world.goes(place, "authorise", world.checker2)
        places.append(place)
    asked = [await world.api.post(f"{place}/release", world.releaser) for place in places]
    ends = [await world.outcome(answer, world.releaser) for answer in asked]
    assert sorted(work["state"] for work in ends) == ["done", "failed"]
    available = (await world.accounts(line))["fund:available"]
    assert (available["debits_pending"], available["free"]) == (25_000, 15_000)


async def test_two_yeses_of_one_person_at_once_are_one(world):
    scene = await _scene(world)
    tries: list[Callable[[], Awaitable[object]]] = [
        lambda: world.api.post(f"/payment-plans/{scene.plan}/approve", world.checker) for _ in range(4)
    ]
    answers = await asyncio.gather(*(one() for one in tries))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
