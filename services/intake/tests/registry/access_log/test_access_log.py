"""The access log: who reads it, what it names, and the detection of changed, removed and cut-off entries."""

from __future__ import annotations

import json
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from intake.registry.access_log import commands
from intake.registry.access_log.jobs import seal_access_logs, verify_access_logs
from solidary.platform.identity import Duty
from sqlalchemy import Engine, event


@pytest.fixture
def auditor(tokens):
    return tokens.of("unhcr", Duty.AUDITOR)


@pytest.fixture
def entries_of(api, auditor):
    """The function that returns the actions in the log about a person, the oldest first."""

    async def read(person):
        page = (await api.get(f"/access-log?about={person}&limit=200", headers=auditor)).json()
        return [entry["action"] for entry in reversed(page["items"])]

    return read


@contextmanager
def statements():
    """Collect the statements that are sent to any database."""
    sent = []

    def collect(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", collect)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", collect)


@pytest.fixture
def sealed(api, auditor, database, test_database):
    """The function that seals all entries; it returns the state of the chain and the newest published seal."""

    async def seal_all_entries():
        await seal_access_logs(database)
        chain = (await api.get("/access-log/chain", headers=auditor)).json()
        with psycopg.connect(test_database.admin) as admin:
            payload = admin.execute(
                "SELECT payload FROM machinery.outbox WHERE type LIKE '%access_log.sealed%' ORDER BY position DESC"
            ).fetchone()
        return chain, json.loads(payload[0])

    return seal_all_entries


async def test_the_auditor_reads_the_log_of_their_agency(api, desk, tokens, register, entries_of):
    family = await register()
    await api.get(f"/people/{family.mother}", headers=desk)
    assert (await entries_of(family.mother))[-1] == "person_read"
    assert (await api.get("/access-log", headers=desk)).status_code == 403
    other = tokens.of("iom", Duty.AUDITOR)
    assert (await api.get(f"/access-log?about={family.mother}", headers=other)).json()["items"] == []


STATEMENTS = {"sex": "female", "population_group": "refugee", "language": "eng"}


@pytest.mark.parametrize(
    ("method", "path", "body", "action"),
    [
        ("GET", "", None, "person_read"),
        ("POST", "/state", {"to": "verified"}, "person_state_changed"),
        ("PUT", "/identity", {"given_name": "Ana", "surname": "Prueba"}, "identity_corrected"),
        ("PUT", "/statements", STATEMENTS, "identity_corrected"),
        ("PUT", "/payout", {"kind": "collection", "reference": "Agencia 1"}, "payout_written"),
        ("GET", "/timeline", None, "timeline_read"),
        ("GET", "/needs", None, "needs_read"),
        ("POST", "/needs", {"code": "CR-SE"}, "need_recorded"),
        ("POST", "/visits", {"centre": "pao", "reason": "first_orientation"}, "visit_recorded"),
        ("GET", "/pathways", None, "pathways_read"),
        ("GET", "/procedures", None, "procedures_read"),
        ("GET", "/consents", None, "consents_read"),
        ("GET", "/assignments", None, "assignments_read"),
    ],
)
async def test_an_act_on_a_person_is_one_entry_under_its_own_name(
    api, desk, register, entries_of, method, path, body, action
):
    family = await register()
    before = await entries_of(family.mother)
    response = await api.request(method, f"/people/{family.mother}{path}", json=body, headers=desk)
    assert response.is_success, response.text
    assert (await entries_of(family.mother))[len(before) :] == [action]


async def test_each_person_of_a_list_has_an_entry(api, desk, register, entries_of):
    family = await register()
    await api.get(f"/households/{family.household}", headers=desk)
    for person in (family.mother, family.child, family.grandmother):
        assert (await entries_of(person))[-1] == "household_read"


async def test_a_search_and_its_second_reading_name_each_person_shown(api, desk, register, entries_of):
    family = await register()
    made = await api.post("/people/search", json={"given_name": "Ofelia"}, headers=desk)
    shown = [UUID(each["person_id"]) for each in made.json()["candidates"]]
    assert family.grandmother in shown
    assert family.child not in shown
    await api.get(made.headers["location"], headers=desk)
    assert (await entries_of(family.grandmother))[-2:] == ["found_in_search", "search_read"]
    assert "search_read" not in await entries_of(family.child)


async def test_an_entry_costs_no_statement_per_person(api, desk, register):
    family = await register()
    with statements() as sent:
        await api.get(f"/households/{family.household}", headers=desk)
    assert sum("INSERT INTO data.access_entry" in statement for statement in sent) == 1


async def test_a_refused_request_shows_nothing_and_is_no_entry(api, register, entries_of, tokens):
    family = await register()
    before = await entries_of(family.mother)
    colleague = tokens.of("unhcr", Duty.FRONT_DESK, number=2)
    assert (await api.get(f"/people/{family.mother}/needs", headers=colleague)).status_code == 403
    assert await entries_of(family.mother) == before


@pytest.mark.parametrize("column", ["recorded_by", "created", "number", "seal"])
def test_the_service_cannot_choose_the_hand_the_time_or_the_seal_of_an_entry(test_database, tokens, column):
    value = {"created": "now()", "number": "1", "seal": "1"}.get(column, f"'{uuid4()}'")
    forged = (
        f"INSERT INTO data.access_entry (id, root, action, {column}) VALUES (%s, %s, 'person_read', {value})"
    )
    with psycopg.connect(test_database.roles["app"]) as app:
        scope = "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)"
        app.execute(scope, (str(tokens.agency("unhcr")), str(uuid4())))
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.GeneratedAlways)):
            app.execute(forged.encode(), (uuid4(), uuid4()))


async def test_a_changed_or_removed_entry_breaks_its_seal(
    api, desk, auditor, register, sealed, test_database, run_jobs
):
    async def broken_seal(*, whole):
        started = await api.post("/access-log/verifications", json={"whole": whole}, headers=auditor)
        assert started.status_code == 202, started.text
        await run_jobs()
        work = (await api.get(started.headers["location"], headers=auditor)).json()
        assert work["state"] == "done", work
        return (await api.get(work["result"], headers=auditor)).json()["broken_seal"]

    family = await register()
    for person in (family.mother, family.child):
        await api.get(f"/people/{person}", headers=desk)
        chain, _ = await sealed()
    assert chain["seals"] >= 2
    assert await broken_seal(whole=False) is None
    change = "UPDATE data.access_entry SET action = %s WHERE root = %s AND action = %s"
    with psycopg.connect(test_database.admin) as admin:
        admin.execute(change, ("nothing_read", family.mother, "person_read"))
    assert await broken_seal(whole=False) is None, "the seals before were verified already"
    assert await broken_seal(whole=True) is not None
    assert await broken_seal(whole=False) is not None, "after a broken seal the verification begins anew"
    with psycopg.connect(test_database.admin) as admin:
        admin.execute(change, ("person_read", family.mother, "nothing_read"))
    assert await broken_seal(whole=True) is None
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("DELETE FROM data.access_entry WHERE root = %s", (family.child,))
    assert await broken_seal(whole=True) is not None


async def test_new_seals_are_verified_from_the_last_verified_one(
    api, desk, auditor, register, sealed, database, test_database, monkeypatch
):
    monkeypatch.setattr(commands, "SEALS_AT_ONCE", 2)
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("DELETE FROM data.access_entry")
        admin.execute("DELETE FROM data.access_seal")
        admin.execute("DELETE FROM data.access_verification")
    for _ in range(5):
        await register()
        await sealed()
    with statements() as sent:
        await verify_access_logs(database)
    stretches = [statement for statement in sent if "access_digest" in statement]
    assert len(stretches) == 3
    chain = (await api.get("/access-log/chain", headers=auditor)).json()
    assert (chain["verified_seal"], chain["broken_seal"]) == (5, None)
    await register()
    await sealed()
    with statements() as sent:
        await verify_access_logs(database)
        await api.get("/access-log/chain", headers=auditor)
    assert sum("access_digest" in statement for statement in sent) == 1
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("DELETE FROM data.access_seal WHERE number = 6")
    await verify_access_logs(database)
    assert (await api.get("/access-log/chain", headers=auditor)).json()["broken_seal"] == 6
    await register()
    await sealed()
    await verify_access_logs(database)
    assert (await api.get("/access-log/chain", headers=auditor)).json()["broken_seal"] == 6


async def test_a_cut_off_tail_differs_from_the_published_seal(
    api, desk, tokens, register, sealed, test_database
):
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    family = await register()
    await sealed()
    await api.get(f"/people/{family.mother}", headers=desk)
    _, published = await sealed()
    assert set(published) == {"agency_id", "number", "digest"}
    compare = f"/access-log/chain?number={published['number']}&digest={published['digest']}"
    assert (await api.get(compare, headers=auditor)).json()["published_seal"] == "same"
    other = compare.replace(published["digest"], "0" * 64)
    assert (await api.get(other, headers=auditor)).json()["published_seal"] == "different"
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("DELETE FROM data.access_entry WHERE seal = %s", (published["number"],))
        admin.execute("DELETE FROM data.access_seal WHERE number = %s", (published["number"],))
    assert (await api.get(compare, headers=auditor)).json()["published_seal"] == "missing"


async def test_half_of_a_seal_is_refused(api, auditor):
    assert (await api.get("/access-log/chain?number=1", headers=auditor)).status_code == 422
