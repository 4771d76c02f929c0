"""The payees of payment orders, of which cash asks for a thousand at once."""

from __future__ import annotations

from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing.tokens import subject_of
from sqlalchemy import Engine, event


@contextmanager
def counted_statements():
    """Collect the statements that are sent to any database."""
    sent: list[str] = []

    def collect(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", collect)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", collect)


@pytest.fixture
def for_iom(tokens):
    return tokens.carried(tokens.of("iom", Duty.CASH_RELEASER), by="cash", to="intake")


@pytest.fixture
def payee(register, consent, tokens):
    """The function that registers a household with a consent for cash from IOM; returns the person and the package."""

    async def make():
        family = await register()
        terms = {"purpose": "cash", "categories": ["household_profile", "payee"]}
        recorded = await consent(family.mother, tokens.agency("iom"), **terms)
        return UUID(str(family.mother)), UUID(recorded["package_id"])

    return make


async def test_many_payees_cost_as_many_statements_as_one(api, payee, for_iom):
    packages = [str((await payee())[1]) for _ in range(6)]
    counts = []
    for asked in (packages[:1], packages):
        with counted_statements() as sent:
            payments = [{"payment_id": str(uuid4()), "package_id": package} for package in asked]
            answer = await api.post("/payees", json={"payments": payments}, headers=for_iom)
        assert [each["package_id"] for each in answer.json()] == asked
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12, sent


async def test_each_payee_read_is_logged_with_the_human_and_held(api, payee, for_iom, tokens, test_database):
    people = dict([await payee() for _ in range(3)])
    payments = {person: uuid4() for person in people}
    body = {
        "payments": [
            {"payment_id": str(payments[person]), "package_id": str(package)}
            for person, package in people.items()
        ]
    }
    assert len((await api.post("/payees", json=body, headers=for_iom)).json()) == 3
    with psycopg.connect(test_database.admin) as admin:
        entries = admin.execute(
            """SELECT root, reference, agency, recipient, service, recorded_by FROM data.access_entry
            WHERE action = 'payee_fetched' AND root = ANY(%s)""",
            [list(people)],
        ).fetchall()
        held = admin.execute(
            "SELECT root, reference FROM data.legal_hold WHERE kind = 'open_payment' AND root = ANY(%s)",
            [list(people)],
        ).fetchall()
    releaser = subject_of(tokens.of("iom", Duty.CASH_RELEASER))
    owner, recipient = tokens.agency("unhcr"), tokens.agency("iom")
    assert sorted(entries) == sorted(
        (person, package, owner, recipient, "cash", releaser) for person, package in people.items()
    )
    assert sorted(held) == sorted(payments.items())
