"""The payees of payment orders, of which cash asks for a thousand at once."""

from __future__ import annotations

from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from solidary.platform.identity import ON_BEHALF_OF_HEADER, Duty
from solidary_testing.tokens import subject_of
from sqlalchemy import Engine, event

from services.intake.tests.payee_reader import payments_of


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
def payee(register, consent, tokens):
    """The function that registers a household with a consent for cash from IOM; returns the person and the package."""

    async def make():
        family = await register()
        terms = {"purpose": "cash", "categories": ["household_profile", "payee"]}
        recorded = await consent(family.mother, tokens.agency("iom"), **terms)
        return UUID(str(family.mother)), UUID(recorded["package_id"])

    return make


async def test_many_payees_cost_as_many_statements_as_one(payee, read_payees):
    packages = [str((await payee())[1]) for _ in range(6)]
    counts = []
    for asked in (packages[:1], packages):
        payments = payments_of(asked)
        permit = await read_payees.permit(payments)
        with counted_statements() as sent:
            answer = await read_payees.read(permit, payments)
        assert [each["package_id"] for each in answer.json()] == asked
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 14, sent


async def test_each_payee_read_is_logged_with_the_human_of_the_permit_and_held(
    payee, read_payees, tokens, test_database
):
    people = dict([await payee() for _ in range(3)])
    payments = payments_of(people.values())
    another = tokens.of("iom", Duty.CASH_RELEASER, number=2)
    claimed = read_payees.service | {ON_BEHALF_OF_HEADER: str(subject_of(another))}
    answer = await read_payees.read(await read_payees.permit(payments), payments, headers=claimed)
    assert len(answer.json()) == 3
    with psycopg.connect(test_database.admin) as admin:
        entries = admin.execute(
            """SELECT root, reference, agency, recipient, service, recorded_by, cause, on_behalf_of
            FROM data.access_entry WHERE action = 'payee_fetched' AND root = ANY(%s)""",
            [list(people)],
        ).fetchall()
        held = admin.execute(
            "SELECT root, reference FROM data.legal_hold WHERE kind = 'open_payment' AND root = ANY(%s)",
            [list(people)],
        ).fetchall()
    because = f"payment_order:{read_payees.order}", subject_of(read_payees.releaser)
    owner, recipient = tokens.agency("unhcr"), tokens.agency("iom")
    service = subject_of(read_payees.service)
    assert sorted(entries) == sorted(
        (person, package, owner, recipient, "cash", service, *because) for person, package in people.items()
    )
    ids = [UUID(each["payment_id"]) for each in payments]
    assert sorted(held) == sorted(zip(people, ids, strict=True))


async def test_permit_opens_each_batch_once_and_no_other_payee(payee, read_payees, tokens, test_database):
    (_, package), (_, other) = await payee(), await payee()
    first, second, foreign = payments_of([package]), payments_of([package]), payments_of([other])
    permit = await read_payees.permit(first, second)
    redirected = [first[0] | {"package_id": str(other)}]
    for batch, payments in ((1, foreign), (1, redirected), (2, first), (3, first), (1, first + foreign)):
        refused = await read_payees.read(permit, payments, batch)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:permit-mismatch")
    assert len((await read_payees.read(permit, first)).json()) == 1
    again = await read_payees.read(permit, first)
    assert (again.status_code, again.json()["type"]) == (409, "urn:solidary:problem:permit-used")
    assert len((await read_payees.read(permit, second, 2)).json()) == 1
    carried = await read_payees.read(permit, first, headers=read_payees.carried)
    assert carried.status_code == 403
    unknown = await read_payees.read(str(uuid4()), first)
    chorrera = tokens.service("cash", acting_for=tokens.agency("chorrera"))
    assert (await read_payees.read(permit, first, headers=chorrera)).status_code == unknown.status_code == 404


async def test_permit_ends_after_a_quarter_of_an_hour(payee, read_payees, test_database):
    payments = payments_of([(await payee())[1]])
    permit = await read_payees.permit(payments)
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.payee_permit SET valid_until = now() WHERE id = %s", [permit])
    refused = await read_payees.read(permit, payments)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:permit-over")


async def test_database_refuses_the_use_of_another_permit_than_was_given(payee, read_payees, test_database):
    payments = payments_of([(await payee())[1]])
    permit = await read_payees.permit(payments)
    use = "INSERT INTO data.payee_permit_use (id, root, batch, digest) VALUES (gen_random_uuid(), %s, %s, %s)"
    subject = str(subject_of(read_payees.service))
    with psycopg.connect(test_database.roles["app"]) as app:
        scope = "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)"
        app.execute(scope, [str(read_payees.agency), subject])
        for batch, digest in ((1, b"0" * 32), (2, b"0" * 32)):
            with pytest.raises(psycopg.errors.CheckViolation), app.transaction():
                app.execute(use, [permit, batch, digest])
        for change in ("UPDATE data.payee_permit SET digests = '{}'", "DELETE FROM data.payee_permit_use"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(change)


async def test_consent_that_ends_after_the_permit_opens_nobody(api, desk, register, consent, read_payees):
    family = await register()
    terms = {"purpose": "cash", "categories": ["household_profile", "payee"]}
    recorded = await consent(family.mother, read_payees.agency, **terms)
    payments = payments_of([recorded["package_id"]])
    permit = await read_payees.permit(payments)
    await api.post(f"/consents/{recorded['consent_id']}/withdraw", headers=desk)
    answer = await read_payees.read(permit, payments)
    assert (answer.status_code, answer.json()) == (200, [])


async def test_nobody_but_a_releaser_whom_cash_carries_gives_a_permit(api, read_payees, tokens):
    body = {"reference": str(uuid4()), "batches": ["0" * 64]}
    maker = tokens.carried(tokens.of("iom", Duty.CASH_MAKER), by="cash", to="intake")
    for headers in (read_payees.service, read_payees.releaser, maker):
        assert (await api.post("/payee-permits", json=body, headers=headers)).status_code == 403


async def test_too_many_payees_at_once_are_refused(read_payees):
    answer = await read_payees.read(str(uuid4()), payments_of(uuid4() for _ in range(1001)))
    assert answer.status_code == 422
