"""The database holds the same rules as the engines: their tables, their hash, their books."""

from __future__ import annotations

import random
import re
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from cash.accounting.ledger.accounts import Account as BookAccount
from cash.accounting.ledger.books import audit
from cash.accounting.ledger.transfers import MOVEMENTS, Code, Kind, Transfer
from cash.delivery.payment_plans import rules as plans
from cash.delivery.payment_plans.content import PaymentLine, content_hash
from cash.delivery.payments import rules as payments
from cash.service import service

MADE = ("populate", "lock", "entitle", "submit")


@pytest.fixture
def admin(place):
    with psycopg.connect(place.admin, autocommit=True) as connection:
        yield connection


def test_the_ways_of_plans_and_payments_are_those_of_the_rules(admin):
    of_plans = {
        (str(before), str(after))
        for before, steps in plans.ARROWS.items()
        for after in steps.values()
        if before is not after
    }
    of_payments = {(str(before), str(to)) for before, after in payments.ARROWS.items() for to in after}
    assert set(admin.execute("SELECT * FROM published.plan_arrow")) == of_plans
    assert set(admin.execute("SELECT * FROM published.payment_arrow")) == of_payments


def test_the_movements_are_those_of_the_engine_but_for_the_exchange(admin):
    engine = {
        (str(code), str(kind), *way)
        for code, (kinds, ways) in MOVEMENTS.items()
        for kind in kinds
        for way in ways
        if code is not Code.EXCHANGE
    }
    assert set(admin.execute("SELECT * FROM published.movement")) == engine


def test_live_payments_are_those_of_the_rules(admin):
    (index,) = admin.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'payment_once'").fetchone()
    named = set(re.findall(r"'(\w+)'::text", index))
    assert named == {str(state) for state in payments.PaymentState if state not in payments.LIVE}


def test_every_rule_of_the_database_is_said_in_words():
    written = "".join(each.read_text() for each in (service.folder / "migrations").glob("cash_*.py"))
    rules = set(re.findall(r"refuse\('(\w+)'", written))
    rules |= set(re.findall(r"UNIQUE INDEX (\w+)", written))
    rules |= set(re.findall(r"CONSTRAINT (\w+) (?:CHECK|UNIQUE|FOREIGN)", written))
    internal = {"account_name", "account_ends", "account_line", "instruction_message"}
    assert rules - internal <= set(service.constraint_problems)


async def test_the_hash_of_the_database_is_that_of_the_engine(world, admin):
    programme = await world.programme(await world.budget_line())
    for size in (1, 2, 5):
        await world.household(size=size, own_income=size * 1000)
    place = await world.plan(programme, *MADE)
    plan = (await world.api.get(place, world.checker)).json()
    lines = [
        PaymentLine(*row)
        for row in admin.execute(
            """SELECT id::text, household_id::text, collector::text, cycle, purpose, fsp, account::text,
            account_version, amount, currency FROM data.payment WHERE root = %s ORDER BY id::text""",
            [plan["id"]],
        )
    ]
    assert len(lines) == 3
    assert content_hash(lines) == plan["content"]


async def test_the_balances_are_those_that_the_engine_computes(world, admin):
    """Random reports on many payments; then the engine replays every transfer of the line."""
    dice = random.Random(7)
    line = await world.budget_line(10_000_000)
    programme = await world.programme(line)
    for _ in range(12):
        await world.household(own_income=dice.randrange(0, 30_000, 100))
    place = await world.released(programme)
    ids = [
        row[0]
        for row in admin.execute("SELECT id FROM data.payment WHERE root = %s", [place.rsplit("/", 1)[1]])
    ]
    settle(admin, world, dice, ids)
    accounts = dict(admin.execute("SELECT id, name FROM data.account WHERE root = %s", [line]))

    def account(id_: UUID) -> BookAccount:
        return BookAccount(str(line), "USD", accounts[id_])

    books = audit(
        Transfer(
            str(id_),
            Kind(kind),
            Code(code),
            account(debit),
            account(credit),
            amount,
            pending=pending and str(pending),
        )
        for id_, kind, code, debit, credit, amount, pending in admin.execute(
            """SELECT id, kind, code, debit, credit, amount, pending FROM data.transfer WHERE root = %s
            ORDER BY created, pending NULLS FIRST, id""",
            [line],
        )
    )
    for name, *sums in admin.execute(
        """SELECT name, debits_pending, debits_posted, credits_pending, credits_posted FROM data.account
        WHERE root = %s""",
        [line],
    ):
        computed = books.balance(BookAccount(str(line), "USD", name))
        assert [
            computed.debits_pending,
            computed.debits_posted,
            computed.credits_pending,
            computed.credits_posted,
        ] == sums, name


def settle(admin, world, dice, ids) -> None:
    """Posts, parts and voids of reservations, set-wise and one by one, in a random order."""
    dice.shuffle(ids)
    sql = """INSERT INTO data.transfer (agency, root, kind, code, debit, debit_role, credit, credit_role, currency,
        amount, payment, pending)
        SELECT agency, root, %(kind)s, code, debit, debit_role, credit, credit_role, currency,
            CASE WHEN %(part)s THEN 1 + amount / 3 ELSE amount END, payment, id
        FROM data.transfer WHERE payment = ANY(%(payments)s) AND kind = 'pending'"""
    admin.execute("SELECT set_config('app.agency', %s, false)", [str(world.iom)])
    admin.execute("SELECT set_config('app.subject', %s, false)", [str(uuid4())])
    while ids:
        some = [ids.pop() for _ in range(min(len(ids), dice.randrange(1, 4)))]
        kind, part = dice.choice([("post", False), ("post", True), ("void", False)])
        admin.execute(sql, {"kind": kind, "part": part, "payments": some})


def test_the_page_shows_the_tables_of_the_rules():
    """docs/using/payment-plans.md is checked by the engine's own tests; the service's page names every refusal."""
    page = (Path(__file__).parents[4] / "docs" / "using" / "cash.md").read_text()
    missing = [rule for rule in service.constraint_problems if f"`{rule}`" not in page]
    assert missing == []
