"""The constraints of the database, tested with the service's own role and without the rules of the code."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from referrals.casework.referrals.rules import REFERRAL_TRANSITIONS, Party, ReferralState
from referrals.problems import CONSTRAINT_PROBLEMS
from solidary.language.events.intake import ConsentEnded
from solidary.platform import external_ids
from solidary.platform.identity import Duty
from solidary_testing.transitions import recorded_transitions


@pytest.fixture
def raw(service_database) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the service's own role."""
    with psycopg.connect(service_database.roles["app"]) as connection:
        yield connection
        connection.rollback()


def act_for(connection, agency: UUID) -> None:
    connection.execute(
        "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)",
        [str(agency), str(uuid4())],
    )


def set_state(service_database, referral: str, state: ReferralState) -> None:
    """Set a state without the triggers, as only a superuser can."""
    with psycopg.connect(service_database.admin) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            """UPDATE data.referral SET state = %s, reason = 'other', comment = 'c', outcome = 'not_needed'
            WHERE id = %s""",
            [state, referral],
        )


def violated(connection, statement: str, *values: Any) -> str | None:
    """Return the constraint that a statement violates, or None."""
    try:
        with connection.transaction(force_rollback=True):
            assert connection.execute(statement.encode(), values).rowcount == 1, (
                "the statement changed no row"
            )
    except psycopg.errors.IntegrityError as error:
        return error.diag.constraint_name
    return None


def test_database_has_the_transitions_of_the_rules(service_database):
    recorded = recorded_transitions(service_database.admin, REFERRAL_TRANSITIONS.machine)
    assert recorded == REFERRAL_TRANSITIONS.pairs


@pytest.mark.parametrize("state", ReferralState)
async def test_database_refuses_what_the_rules_refuse(refer, service_database, raw, tokens, state):
    sent = await refer()
    set_state(service_database, sent["referral_id"], state)
    agencies = {Party.SENDER: tokens.agency("unhcr"), Party.RECEIVER: tokens.agency("chorrera")}
    for party, agency in agencies.items():
        act_for(raw, agency)
        for target in set(ReferralState) - {state}:
            constraint = violated(
                raw, "UPDATE data.referral SET state = %s WHERE id = %s", target, sent["referral_id"]
            )
            listed = [
                each.by
                for each in REFERRAL_TRANSITIONS.transitions
                if (each.source, each.target) == (state, target)
            ]
            if not listed:
                assert constraint == "referral_transition", (state, target)
            elif party in listed[0]:
                assert constraint is None, (state, target, party)
            elif Party.CONSENT_END not in listed[0]:
                assert constraint == "referral_actor", (state, target, party)
            else:
                assert constraint in (None, "referral_actor"), (state, target, party)


@pytest.mark.parametrize(
    "change",
    ["person_id", "service_id", "receiver", "consent_id", "package_id"],
)
async def test_sent_referral_cannot_be_changed(refer, raw, tokens, change):
    sent = await refer()
    for agency in ("unhcr", "chorrera"):
        act_for(raw, tokens.agency(agency))
        statement = f"UPDATE data.referral SET {change} = %s WHERE id = %s"
        assert violated(raw, statement, uuid4(), sent["referral_id"]) == "referral_unchanged_after_sending"


@pytest.mark.parametrize(
    ("state", "to", "missing", "constraint"),
    [
        (ReferralState.REQUESTED, ReferralState.REJECTED, "reason", "referral_rejection_reason_required"),
        (ReferralState.REQUESTED, ReferralState.REJECTED, "comment", "referral_rejection_reason_required"),
        (ReferralState.IN_PROGRESS, ReferralState.FAILED, "reason", "referral_failure_reason_required"),
        (ReferralState.IN_PROGRESS, ReferralState.COMPLETED, "outcome", "referral_outcome_required"),
    ],
)
async def test_end_needs_its_reason(refer, service_database, raw, tokens, state, to, missing, constraint):
    sent = await refer()
    set_state(service_database, sent["referral_id"], state)
    act_for(raw, tokens.agency("chorrera"))
    statement = f"UPDATE data.referral SET state = %s, {missing} = NULL WHERE id = %s"
    assert violated(raw, statement, to, sent["referral_id"]) == constraint


async def test_database_refuses_a_referral_under_a_consent_that_has_ended(
    refer, grant_consent, raw, tokens, consume
):
    sent = await refer()
    past = await grant_consent()
    await consume(ConsentEnded(consent_id=past.consent_id), tokens.agency("unhcr"))
    act_for(raw, tokens.agency("unhcr"))
    copy = """INSERT INTO data.referral (id, root, person_id, consent_id, package_id, service_id, receiver,
            purpose, urgency, state, requested_at, due_at)
        SELECT %s, %s, %s, %s, %s, service_id, receiver, purpose, urgency, %s, requested_at, due_at
        FROM data.referral WHERE id = %s"""
    id_ = uuid4()
    under_past = (past.person_id, past.consent_id, past.package_id, "requested", sent["referral_id"])
    assert violated(raw, copy, id_, id_, *under_past) == "referral_consent_in_force"
    again = (UUID(sent["person_id"]), UUID(sent["consent_id"]), UUID(sent["package_id"]))
    assert violated(raw, copy, id_, id_, *again, "requested", sent["referral_id"]) == "referral_open_unique"
    assert violated(raw, copy, id_, id_, *again, "accepted", sent["referral_id"]) == "referral_transition"


async def test_steps_and_decisions_cannot_be_changed(refer, raw, tokens):
    await refer()
    act_for(raw, tokens.agency("unhcr"))
    for table in ("referral_step", "referral_decision"):
        for statement in (f"UPDATE data.{table} SET created = now()", f"DELETE FROM data.{table}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), raw.transaction():
                raw.execute(statement.encode())


def test_every_named_constraint_has_a_problem(service_database):
    with psycopg.connect(service_database.admin) as admin:
        rows = admin.execute(
            r"""SELECT conname FROM pg_constraint WHERE conname ~ '^(referral|published|publication)_[a-z_]+$'
                AND contype IN ('c', 'f', 'u') AND conname !~ '_(check|fkey|key)\d*$'
            UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'data' AND tablename = 'referral'
                AND indexdef ~ 'UNIQUE' AND indexname !~ '_(pkey|key)$'"""
        ).fetchall()
    named = {name for (name,) in rows}
    raised = {"referral_transition", "referral_actor", "referral_consent_in_force"}
    raised |= {"service_publication_by_two_people", "publication_request_unchanged"}
    named |= raised | {"referral_unchanged_after_sending"}
    assert named == set(CONSTRAINT_PROBLEMS) - set(external_ids.CONSTRAINT_PROBLEMS)


async def test_one_of_simultaneous_referrals_is_sent(
    api, grant_consent, create_service, referral_body, sender
):
    granted, offered = await grant_consent(), await create_service()
    body = referral_body(granted, offered["service_id"])
    answers = await asyncio.gather(*(api.post("/referrals", json=body, headers=sender) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["type"] == "urn:solidary:problem:open-referral-exists"


async def test_repeated_request_makes_one_referral(
    api, grant_consent, create_service, referral_body, sender, events_of
):
    body = referral_body(await grant_consent(), (await create_service())["service_id"])
    headers = sender | {"Idempotency-Key": str(uuid4())}
    first, again = [await api.post("/referrals", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(events_of(first.json()["referral_id"])) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"consent_id": str(uuid4())}, "/consent_id"),
        ({"person_id": str(uuid4())}, "/person_id"),
        ({"package_id": str(uuid4())}, "/package_id"),
        ({"preview": {"need": "CR-NE"}}, "/preview"),
        ({"service_id": str(uuid4())}, "/service_id"),
        ({"purpose": "cash"}, "/consent_id"),
        ({"purpose": "gossip"}, "/purpose"),
        ({"urgency": "soon"}, "/urgency"),
        ({"note": "call her sister"}, "/note"),
    ],
)
async def test_invalid_referral_is_refused_at_its_field(
    api, grant_consent, create_service, referral_body, sender, changes, pointer
):
    granted = await grant_consent()
    body = referral_body(granted, (await create_service())["service_id"]) | changes
    answer = await api.post("/referrals", json=body, headers=sender)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    mine = await api.get("/referrals", params={"person_id": str(granted.person_id)}, headers=sender)
    assert mine.json()["items"] == []


async def test_consent_covers_services_of_its_recipient_only(
    api, grant_consent, create_service, referral_body, sender, tokens
):
    theirs = await create_service(tokens.of("casa-abierta", Duty.DIRECTORY_EDITOR))
    answer = await api.post(
        "/referrals", json=referral_body(await grant_consent(), theirs["service_id"]), headers=sender
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/service_id")


async def test_consent_of_another_agency_is_not_found(
    api, grant_consent, create_service, referral_body, tokens
):
    body = referral_body(await grant_consent(), (await create_service())["service_id"])
    answer = await api.post("/referrals", json=body, headers=tokens.of("iom", Duty.CASE_WORKER))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/package_id")


async def test_full_service_is_refused_unless_the_sender_insists(
    api, grant_consent, create_service, referral_body, sender, editor
):
    offered = await create_service()
    where = f"/directory/services/{offered['service_id']}/capacity"
    await api.put(where, json={"available": 0}, headers=editor)
    body = referral_body(await grant_consent(), offered["service_id"])
    refused = await api.post("/referrals", json=body, headers=sender)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:no-free-places")
    assert (
        await api.post("/referrals", json=body | {"although_full": True}, headers=sender)
    ).status_code == 201
