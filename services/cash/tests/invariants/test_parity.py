"""The database has the same rules as the code: transitions, movements, live states, hashes and balances."""

from __future__ import annotations

import random
import re
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cash.accounting.ledger.rules import MOVEMENTS
from cash.auditing.audit import audit
from cash.auditing.statements import PLAN_PAYMENTS
from cash.delivery.payment_plans.rules import PAYMENT_PLAN
from cash.delivery.payments.content import PaymentLine, content_hash
from cash.delivery.payments.rules import LIVE_STATES, PAYMENT, PaymentState
from cash.service import service
from cash.targeting.enrolments.rules import ENROLMENT
from solidary.platform import external_ids
from solidary_testing.drift import assert_models_match
from solidary_testing.transitions import recorded_transitions

PREPARED = ("populate", "lock", "entitle", "submit")
PAGES = Path(__file__).parents[4] / "docs" / "using"


@pytest.fixture
def admin(place):
    with psycopg.connect(place.admin, autocommit=True) as connection:
        yield connection


def test_models_match_their_tables(place):
    assert_models_match(place, service, unmapped=["published.movement"])


@pytest.mark.parametrize("table", [PAYMENT_PLAN, PAYMENT, ENROLMENT], ids=lambda table: table.machine)
def test_transitions_are_those_of_the_rules(place, table):
    assert recorded_transitions(place.admin, table.machine) == table.pairs


def test_movements_are_those_of_the_rules(admin):
    rules = {
        (str(code), str(kind), *accounts)
        for code, movement in MOVEMENTS.items()
        for kind in movement.kinds
        for accounts in movement.accounts
    }
    assert set(admin.execute("SELECT * FROM published.movement")) == rules


def test_live_states_are_those_of_the_rules(admin):
    index = "SELECT indexdef FROM pg_indexes WHERE indexname = 'payment_once_per_cycle'"
    assert admin.execute(index).fetchone()[0].endswith(" WHERE is_live")
    column = """SELECT generation_expression FROM information_schema.columns
        WHERE (table_schema, table_name, column_name) = ('data', 'payment', 'is_live')"""
    (expression,) = admin.execute(column).fetchone()
    excluded = set(re.findall(r"'(\w+)'::text", expression))
    assert excluded == {str(state) for state in PaymentState if state not in LIVE_STATES}


def test_every_rule_of_the_database_has_a_problem_and_stands_on_the_page():
    revision = "".join(file.read_text() for file in (service.folder / "migrations" / "sql").glob("*.sql"))
    rules = set(re.findall(r"raise_violation\('(\w+)'", revision))
    rules |= set(re.findall(r"UNIQUE INDEX (\w+)", revision))
    rules |= set(re.findall(r"CONSTRAINT (\w+) (?:CHECK|UNIQUE|FOREIGN)", revision))
    rules |= set(re.findall(r"CREATE TRIGGER (\w+_transition)", revision))
    internal = {"account_name", "account_of_budget_line", "instruction_message"}
    own = set(service.constraint_problems) - set(external_ids.CONSTRAINT_PROBLEMS)
    assert rules - internal == own
    page = (PAGES / "cash.md").read_text()
    assert [rule for rule in sorted(own) if f"`{rule}`" not in page] == []


def test_page_shows_the_transitions_of_an_enrolment():
    assert ENROLMENT.markdown() in (PAGES / "cash.md").read_text()


async def test_content_hash_of_the_database_is_that_of_the_audit(world, admin):
    programme = await world.programme(await world.budget_line())
    for size in (1, 2, 5):
        await world.household(size=size, own_income=size * 1000)
    place = await world.plan(programme, *PREPARED)
    plan = (await world.api.get(place, world.checker)).json()
    lines = [PaymentLine(*row) for row in admin.execute(PLAN_PAYMENTS, [plan["id"]])]
    assert len(lines) == 3
    assert content_hash(lines) == plan["content_hash"]


async def test_balances_are_those_of_a_replay(world, place, admin):
    """Resolve the reservations of many payments at random; the audit then computes the same balances."""
    dice = random.Random(7)
    programme = await world.programme(await world.budget_line(10_000_000))
    for _ in range(12):
        await world.household(own_income=dice.randrange(0, 30_000, 100))
    plan = await world.released(programme)
    rows = admin.execute("SELECT id FROM data.payment WHERE root = %s", [plan.rsplit("/", 1)[1]])
    _resolve_at_random(admin, world, dice, [row[0] for row in rows])
    result = audit(place.roles["backup"])
    assert result.differences == []
    assert result.transfers >= 12


def _resolve_at_random(admin, world, dice, payments) -> None:
    """Post, post in part or void reservations, several or one at a time, in a random order."""
    dice.shuffle(payments)
    sql = """INSERT INTO data.transfer (agency, root, kind, code, debit_account, debit_role, credit_account,
            credit_role, currency, amount, payment_id, reservation_id)
        SELECT agency, root, %(kind)s, code, debit_account, debit_role, credit_account, credit_role, currency,
            CASE WHEN %(part)s THEN 1 + amount / 3 ELSE amount END, payment_id, id
        FROM data.transfer WHERE payment_id = ANY(%(payments)s) AND kind = 'pending'"""
    admin.execute("SELECT set_config('app.agency', %s, false)", [str(world.iom)])
    admin.execute("SELECT set_config('app.subject', %s, false)", [str(uuid4())])
    admin.execute("ALTER TABLE machinery.moved_payments DISABLE TRIGGER check_moved_payments")
    while payments:
        some = [payments.pop() for _ in range(min(len(payments), dice.randrange(1, 4)))]
        kind, part = dice.choice([("post", False), ("post", True), ("void", False)])
        admin.execute(sql, {"kind": kind, "part": part, "payments": some})
    admin.execute("ALTER TABLE machinery.moved_payments ENABLE TRIGGER check_moved_payments")
