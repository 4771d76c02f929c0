"""Attacks on consents: shares that nobody should get by a desk's word alone."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege
from solidary.platform.identity import Duty

PROOF = {"language": "spa", "channel": "in_person", "text_version": "2026-11"}


@pytest.fixture
def desk(tokens):
    return tokens.of("unhcr", Duty.FRONT_DESK)


@pytest.fixture
def intake(scenario_run, desk):
    """A client of the running intake with a front desk's token."""
    with httpx.Client(base_url=scenario_run.run.services["intake"], headers=desk, timeout=30) as client:
        yield client


@pytest.fixture
def people(intake):
    """The ids of a registered mother and her child."""
    return _register(intake)


def test_a_consent_for_nobody_or_for_oneself_is_refused(intake, people, tokens):
    """Name an agency that does not exist, and the own one, to open data without anybody's consent."""
    for recipient in (uuid4(), tokens.agency("unhcr")):
        refused = intake.post("/consents", json=_consent(people[0], recipient))
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["pointer"] == "/recipient"


def test_the_database_refuses_a_consent_for_the_own_agency(scenario_run, tokens, people):
    """Make the own agency a recipient through a flaw in the service: the database refuses it by itself."""
    unhcr = str(tokens.agency("unhcr"))
    with psycopg.connect(scenario_run.run.databases["intake"]["app"]) as app:
        app.execute(
            "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)", (unhcr, unhcr)
        )
        with pytest.raises(psycopg.errors.CheckViolation, match="consent_of_another_agency"):
            app.execute(
                """INSERT INTO data.consent (id, root, person_id, household_id, package_id, purpose, recipient,
                    categories, basis, language, channel, text_version, valid_until, state)
                SELECT gen_random_uuid(), id, id, household_id, gen_random_uuid(), 'referral', agency, '{name}',
                    'consent', 'spa', 'in_person', '1', now() + interval '1 day', 'granted'
                FROM data.person WHERE id = %s""",
                (people[0],),
            )


def test_a_case_is_not_pointed_at_another_person(scenario_run, intake, people, tokens):
    """Say that a referral of one person is another's, over HTTP and with the service's own database role."""
    other = _consent(_register(intake)[0], tokens.agency("chorrera"))
    mine = _consent(people[0], tokens.agency("chorrera"))
    first, second = (intake.post("/consents", json=body).json() for body in (mine, other))
    reference = {"reference": str(uuid4())}
    for_unhcr = tokens.service("referrals", acting_for=tokens.agency("unhcr"))
    for package, status in ((first, 200), (second, 404), (first, 200)):
        used = intake.post(f"/packages/{package['package_id']}/uses", json=reference, headers=for_unhcr)
        assert used.status_code == status, used.text
    unhcr = str(tokens.agency("unhcr"))
    changes = (
        "person_id = c.person_id, household_id = c.household_id, consent_id = c.id, package_id = c.package_id",
        "household_id = c.household_id",
        "consent_id = c.id, package_id = c.package_id",
        "package_id = c.package_id",
        "service = 'cash'",
    )
    with psycopg.connect(scenario_run.run.databases["intake"]["app"]) as app:
        for change in changes:
            with pytest.raises((CheckViolation, InsufficientPrivilege)), app.transaction():
                app.execute(
                    "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)",
                    (unhcr, unhcr),
                )
                point = f"UPDATE data.consent_use u SET {change} FROM data.consent c WHERE u.id = %s AND c.id = %s"
                app.execute(point.encode(), (reference["reference"], second["consent_id"]))


def test_a_basis_of_convenience_is_refused(intake, people, tokens):
    """Write «other legitimate interest» to share for cash without asking anybody."""
    refused = intake.post(
        "/consents",
        json=_consent(people[0], tokens.agency("iom"))
        | {"purpose": "cash", "categories": ["payee"], "basis": "other_legitimate"},
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/basis")


@pytest.mark.parametrize("basis", ["consent", "vital_interests", "beneficiary_interests"])
def test_no_basis_leads_around_the_child(intake, people, tokens, basis):
    """Share a child's data without an adult and without asking the child, by choosing another basis."""
    mother, child = people
    body = _consent(child, tokens.agency("chorrera")) | {"basis": basis}
    for missing in ({}, {"given_by": mother}, {"assent": True}, {"given_by": child, "assent": True}):
        refused = intake.post("/consents", json=body | missing)
        assert refused.status_code == 422, (missing, refused.text)
    assert intake.post("/consents", json=body | {"given_by": mother, "assent": True}).status_code == 201
    day = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    assert intake.post("/consents", json=body | {"best_interest": day}).status_code == 201


def test_leaving_the_end_out_does_not_open_for_ever(intake, people, tokens):
    """Leave the end out, so that the recipient would read for ever."""
    granted = intake.post("/consents", json=_consent(people[0], tokens.agency("chorrera"))).json()
    end = datetime.fromisoformat(granted["valid_until"])
    assert timedelta(days=1) < end - datetime.now(UTC) < timedelta(days=370)


def test_a_consent_without_proof_is_refused_and_names_who_took_it(intake, people, tokens):
    """Assert a consent that nobody gave: its proof is required, and nobody else can be named as its taker."""
    body = _consent(people[0], tokens.agency("chorrera"))
    for proof in PROOF:
        without = {name: value for name, value in body.items() if name != proof}
        assert intake.post("/consents", json=without).status_code == 422
    assert intake.post("/consents", json=body | {"recorded_by": str(uuid4())}).status_code == 422
    granted = intake.post("/consents", json=body).json()
    assert (granted["text_version"], granted["language"], granted["channel"]) == (
        "2026-11",
        "spa",
        "in_person",
    )
    assert granted["recorded_by"] == _subject(intake)


def _register(intake):
    """Register a mother and her child, and return their ids."""
    body = {
        "household": {"area": "PA110403"},
        "members": [
            _member("Nohemí", "head", "1990-01-02"),
            _member("Keiver", "child", (datetime.now(UTC) - timedelta(days=3000)).date().isoformat()),
        ],
    }
    registered = intake.put(f"/registrations/{uuid4()}", json=body)
    assert registered.status_code == 201, registered.text
    return [member["person_id"] for member in registered.json()["members"]]


def _member(name: str, relation: str, born: str) -> dict[str, str]:
    return {
        "given_name": name,
        "surname": "Prueba",
        "relation": relation,
        "sex": "unknown",
        "population_group": "migrant",
        "born": born,
    }


def _subject(client: httpx.Client) -> str:
    """Return the subject of the token that a client sends."""
    _, claims, _ = client.headers["authorization"].split(".")
    subject: str = json.loads(base64.urlsafe_b64decode(claims + "==="))["sub"]
    return subject


def _consent(person, recipient):
    return PROOF | {
        "person_id": str(person),
        "recipient": str(recipient),
        "purpose": "referral",
        "categories": ["name"],
        "basis": "consent",
    }
