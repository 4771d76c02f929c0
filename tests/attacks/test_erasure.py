"""Attacks after an erasure: somebody looks for the person everywhere, and errors may tell that there was one."""

from __future__ import annotations

from uuid import uuid4

import httpx
import psycopg
import pytest
from solidary.language.events.intake import PersonErased
from solidary.platform.identity import Duty
from solidary_testing import eventually

from tests.isolation.operations import OPERATIONS
from tests.scenario.scanner import (
    contains_any,
    content,
    decrypted,
    files_in,
    forms,
    records,
    rows,
    topics_of,
    type_of,
)

NAMES = ("Xochiquetzal", "Inolvidable")
NOTE = "Llegó sola desde Tapachula."
BORN = "1979-03-14"


@pytest.fixture
def everything(tokens):
    """The headers of a colleague with every duty in the person's agency."""
    return tokens.of("unhcr", *Duty)


@pytest.fixture
def intake(scenario_run, tokens, everything):
    """A client of the running intake as that colleague."""
    with httpx.Client(base_url=scenario_run.run.services["intake"], headers=everything, timeout=30) as client:
        yield client


@pytest.fixture
def person(intake, tokens) -> str:
    """A person with a visit, a note, an account and a shared package, whom somebody has searched."""
    member = {
        "given_name": NAMES[0],
        "surname": NAMES[1],
        "relation": "head",
        "sex": "female",
        "population_group": "migrant",
        "born": BORN,
        "documents": [{"kind": "passport", "number": "XQ-7654321"}],
        "phones": [{"number": "+50767654321", "safe": True}],
    }
    body = {"household": {"area": "PA110403"}, "members": [member]}
    registered = intake.put(f"/registrations/{uuid4()}", json=body)
    assert registered.status_code == 201, registered.text
    person_id: str = registered.json()["members"][0]["person_id"]
    consent = {
        "person_id": person_id,
        "recipient": str(tokens.agency("chorrera")),
        "purpose": "referral",
        "categories": ["name", "contact"],
        "basis": "consent",
        "language": "spa",
        "channel": "in_person",
        "text_version": "2026-11",
    }
    visit = {"centre": "norte", "reason": "advice", "note": NOTE}
    for path, sent in ((f"/people/{person_id}/visits", visit), ("/consents", consent)):
        assert intake.post(path, json=sent).status_code == 201
    assert person_id in _found(intake)
    return person_id


async def test_nobody_finds_an_erased_person(scenario_run, intake, everything, person):
    """Look for the person as a colleague, an operator and a thief: by every route, in every table, topic and file."""
    erased = intake.post(f"/people/{person}/erasure", json={"reason": "requested"})
    assert erased.status_code == 201, erased.text

    assert person not in _found(intake)
    for operation in OPERATIONS:
        if operation.service != "intake" or "person_id" not in operation.path_ids:
            continue
        if operation.route.path.endswith("/erasure"):
            continue
        ids = {name: person if name == "person_id" else uuid4() for name in operation.path_ids}
        answer = intake.request(operation.method, operation.route.path.format(**ids), json={})
        expected = (404, 410) if operation.method == "GET" else (404, 410, 422)
        assert answer.status_code in expected, f"{operation}: {answer.status_code} {answer.text}"

    kept = {
        table
        for schema in ("data", "keys", "machinery")
        for table, row in rows(scenario_run.run, "intake", schema)
        if person in row
    }
    assert kept <= {"access_entry", "erasure", "outbox", "aggregate_sequence", "procrastinate_jobs"}

    # Seven digits alone occur in the times of spans by chance.
    words = forms({*NAMES, NOTE, BORN, "XQ-7654321", "50767654321"})
    read = await records(scenario_run.run, topics_of(scenario_run.run, scenario_run.run.country.lower()))
    read = decrypted(scenario_run.run, read)
    assert not [type_of(record) for record in read if contains_any(words, content(record))]
    files = files_in(scenario_run.platform.stack.folder)
    assert not [file.name for file in files if contains_any(words, file.read_bytes())]


@pytest.fixture
def referral(scenario_run, intake, everything, tokens, person) -> str:
    """A referral of the person to Chorrera, which was rejected with a comment that names her."""
    chorrera = tokens.agency("chorrera")
    consent = {"person_id": person, "recipient": str(chorrera), "purpose": "referral", "basis": "consent"}
    proof = {"language": "spa", "channel": "in_person", "text_version": "2026-11"}
    granted = intake.post("/consents", json=consent | proof | {"categories": ["name"]}).json()
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="referrals") as admin:
        query = (
            "SELECT id FROM data.service WHERE agency = %s AND category = 'health' AND purpose = 'service'"
        )
        row = admin.execute(query, (chorrera,)).fetchone()
    assert row is not None
    sent = {name: granted[name] for name in ("consent_id", "package_id", "person_id")}
    url = scenario_run.run.services["referrals"] + "/referrals"
    made = httpx.post(url, json=sent | {"service_id": str(row[0])}, headers=everything, timeout=30)
    assert made.status_code == 201, made.text
    referral_id: str = made.json()["referral_id"]
    rejection = {"reason": "no_capacity", "comment": f"{NAMES[0]} {NAMES[1]} llegó tarde."}
    provider = tokens.of("chorrera", Duty.PROVIDER)
    rejected = httpx.post(f"{url}/{referral_id}/reject", json=rejection, headers=provider, timeout=30)
    assert rejected.is_success, rejected.text
    return referral_id


async def test_the_other_services_forget(scenario_run, intake, person, referral):
    """Look for a copy that outlives the erasure: referrals and cash must have handled its event, and kept no word."""

    def known_to_referrals() -> list[str]:
        words = forms(NAMES)
        found = rows(scenario_run.run, "referrals", "data")
        return [table for table, row in found if contains_any(words, row.encode())]

    assert "referral" in known_to_referrals()
    intake.post(f"/people/{person}/erasure", json={"reason": "requested"})
    topics = topics_of(scenario_run.run, scenario_run.run.country.lower())

    async def event_id() -> str | None:
        for record in await records(scenario_run.run, topics):
            if type_of(record) == PersonErased.type and person.encode() in content(record):
                return dict(record.headers)["ce_id"].decode()
        return None

    event = await eventually(event_id, what="the erasure on the topic")

    async def handled() -> bool:
        return all(_has_handled(scenario_run, service, event) for service in ("referrals", "cash"))

    await eventually(handled, what="the reactions of referrals and cash")
    assert not known_to_referrals()


def test_a_colleague_cannot_erase_and_evidence_stays(intake, scenario_run, tokens, person):
    """Erase a record to hide what one did: it is not the colleague's duty, and a hold keeps the record."""
    path = scenario_run.run.services["intake"] + f"/people/{person}/erasure"
    for duty in sorted(set(Duty) - {Duty.DATA_PROTECTION_OFFICER}):
        refused = httpx.post(path, json={"reason": "unlawful"}, headers=tokens.of("unhcr", duty))
        assert refused.status_code == 403, duty
    stranger = tokens.of("iom", Duty.DATA_PROTECTION_OFFICER)
    assert httpx.post(path, json={"reason": "unlawful"}, headers=stranger).status_code == 404
    hold = {"reason": "fraud_inquiry", "until": "2199-12-31"}
    assert intake.post(f"/people/{person}/legal-holds", json=hold).status_code == 201
    refused = intake.post(f"/people/{person}/erasure", json={"reason": "unlawful"})
    assert (refused.status_code, "2199-12-31" in refused.text) == (409, True)
    with psycopg.connect(scenario_run.run.databases["intake"]["app"]) as app:
        for statement in ("SELECT machinery.delete_person(%s)", "SELECT machinery.erase_person(%s)"):
            unhcr = str(tokens.agency("unhcr"))
            scope = "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)"
            app.execute(scope, (unhcr, unhcr))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement, (person,))
            app.rollback()


def _found(intake: httpx.Client) -> set[str]:
    wanted = {"given_name": NAMES[0], "surname": NAMES[1], "born": BORN}
    found = intake.post("/people/search", json=wanted)
    assert found.status_code == 200, found.text
    return {candidate["person_id"] for candidate in found.json()["candidates"]}


def _has_handled(scenario_run, service: str, event: str) -> bool:
    with psycopg.connect(scenario_run.run.postgres.admin, dbname=service) as admin:
        handled = admin.execute(
            "SELECT count(*) FROM machinery.inbox WHERE event_id = %s", (event,)
        ).fetchone()
    return handled == (1,)
