"""What the database itself refuses, whoever asks it, and what a broken request is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from referrals.casework.referrals.rules import LEADS, Side, State, may_become
from referrals.service import service
from solidary.platform.identity import Duty


@pytest.fixture
def raw(place) -> Iterator[psycopg.Connection[Any]]:
    """The service's own role, past all its rules."""
    with psycopg.connect(place.roles["app"]) as connection:
        yield connection
        connection.rollback()


def act_for(connection, agency: UUID) -> None:
    connection.execute(
        "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)",
        [str(agency), str(uuid4())],
    )


def put_into(place, referral: str, state: State) -> None:
    """Past the triggers, as only a superuser can."""
    with psycopg.connect(place.admin) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            """UPDATE data.referral SET state = %s, reason = 'other', comment = 'c', outcome = 'not_needed'
            WHERE id = %s""",
            [state, referral],
        )


def refusal(connection, statement: str, *values: Any) -> str | None:
    """The constraint that refuses; None where nothing does."""
    try:
        with connection.transaction(force_rollback=True):
            assert connection.execute(statement.encode(), values).rowcount == 1, "nothing was in reach"
    except psycopg.errors.IntegrityError as refused:
        return refused.diag.constraint_name
    return None


@pytest.mark.parametrize("state", State)
async def test_the_database_holds_the_same_table_as_the_rules(refer, place, raw, tokens, state):
    sent = await refer()
    put_into(place, sent["referral_id"], state)
    sides = {Side.SENDER: tokens.agency("unhcr"), Side.RECEIVER: tokens.agency("chorrera")}
    for side, agency in sides.items():
        act_for(raw, agency)
        for to in set(State) - {state}:
            answer = refusal(
                raw, "UPDATE data.referral SET state = %s WHERE id = %s", to, sent["referral_id"]
            )
            if not may_become(state, to):
                assert answer == "referral_way", (state, to)
            elif side not in LEADS[to] and Side.CONSENT not in LEADS[to]:
                assert answer == "referral_side", (state, to)
            else:
                assert answer in (None, "referral_side"), (state, to)
                assert answer is None or side is Side.RECEIVER


@pytest.mark.parametrize(
    "change",
    ["person_id", "service_id", "receiver", "consent_id", "package_id"],
)
async def test_what_was_sent_stays_as_it_was_sent(refer, raw, tokens, change):
    sent = await refer()
    for agency in ("unhcr", "chorrera"):
        act_for(raw, tokens.agency(agency))
        statement = f"UPDATE data.referral SET {change} = %s WHERE id = %s"
        assert refusal(raw, statement, uuid4(), sent["referral_id"]) == "referral_stays_as_sent"
        preview = "UPDATE data.referral SET need = %s WHERE id = %s"
        assert refusal(raw, preview, "LP-ND", sent["referral_id"]) == "referral_stays_as_sent"


@pytest.mark.parametrize(
    ("state", "to", "missing", "constraint"),
    [
        (State.REQUESTED, State.REJECTED, "reason", "referral_rejection_says_why"),
        (State.REQUESTED, State.REJECTED, "comment", "referral_rejection_says_why"),
        (State.IN_PROGRESS, State.FAILED, "reason", "referral_failure_says_why"),
        (State.IN_PROGRESS, State.COMPLETED, "outcome", "referral_completion_says_what"),
    ],
)
async def test_an_end_says_why(refer, place, raw, tokens, state, to, missing, constraint):
    sent = await refer()
    put_into(place, sent["referral_id"], state)
    act_for(raw, tokens.agency("chorrera"))
    statement = f"UPDATE data.referral SET state = %s, {missing} = NULL WHERE id = %s"
    assert refusal(raw, statement, to, sent["referral_id"]) == constraint


async def test_no_row_goes_out_without_a_consent_in_force(refer, consent, raw, tokens):
    sent = await refer()
    past = await consent(valid_until=datetime.now(UTC) - timedelta(minutes=1))
    act_for(raw, tokens.agency("unhcr"))
    copy = """INSERT INTO data.referral (id, root, person_id, consent_id, package_id, service_id, receiver,
            purpose, urgency, state, requested_at, due_at)
        SELECT %s, %s, %s, %s, %s, service_id, receiver, purpose, urgency, %s, requested_at, due_at
        FROM data.referral WHERE id = %s"""
    id_ = uuid4()
    under_past = (past.person_id, past.consent_id, past.package_id, "requested", sent["referral_id"])
    assert refusal(raw, copy, id_, id_, *under_past) == "referral_consent_in_force"
    stranger = (uuid4(), UUID(sent["consent_id"]), UUID(sent["package_id"]), "requested", sent["referral_id"])
    assert refusal(raw, copy, id_, id_, *stranger) == "referral_as_consented"
    again = (UUID(sent["person_id"]), UUID(sent["consent_id"]), UUID(sent["package_id"]))
    assert refusal(raw, copy, id_, id_, *again, "requested", sent["referral_id"]) == "referral_open"
    assert refusal(raw, copy, id_, id_, *again, "accepted", sent["referral_id"]) == "referral_way"


async def test_steps_and_decisions_cannot_be_changed(refer, raw, tokens):
    await refer()
    act_for(raw, tokens.agency("unhcr"))
    for table in ("referral_step", "referral_decision"):
        for statement in (f"UPDATE data.{table} SET created = now()", f"DELETE FROM data.{table}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), raw.transaction():
                raw.execute(statement.encode())


def test_every_named_constraint_of_the_service_has_its_sentence(place):
    with psycopg.connect(place.admin) as admin:
        rows = admin.execute(
            r"""SELECT conname FROM pg_constraint WHERE conname ~ '^(referral|published)_[a-z_]+$'
                AND contype IN ('c', 'f', 'u') AND conname !~ '_(check|fkey|key)\d*$'
            UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'data' AND tablename = 'referral'
                AND indexdef ~ 'UNIQUE' AND indexname !~ '_(pkey|key)$'"""
        ).fetchall()
    named = {name for (name,) in rows}
    assert named
    assert named <= set(service.constraint_problems)


async def test_of_two_at_once_one_is_sent(api, consent, offer, referral, sender):
    granted, offered = await consent(), await offer()
    body = referral(granted, offered["service_id"])
    answers = await asyncio.gather(*(api.post("/referrals", json=body, headers=sender) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["detail"] == "there is an open referral of this person to this service"


async def test_the_same_post_twice_is_one_referral(api, consent, offer, referral, sender, told):
    body = referral(await consent(), (await offer())["service_id"])
    headers = sender | {"Idempotency-Key": str(uuid4())}
    first, again = [await api.post("/referrals", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(told(first.json()["referral_id"])) == 1


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"consent_id": str(uuid4())}, "/consent_id"),
        ({"person_id": str(uuid4())}, "/person_id"),
        ({"package_id": str(uuid4())}, "/package_id"),
        ({"service_id": str(uuid4())}, "/service_id"),
        ({"purpose": "cash"}, "/consent_id"),
        ({"purpose": "gossip"}, "/purpose"),
        ({"urgency": "soon"}, "/urgency"),
        ({"preview": {"need": "SV-VA"}}, "/preview/need"),
        ({"preview": {"need": "SC-UC"}}, "/preview/need"),
        ({"preview": {"need": "anything"}}, "/preview/need"),
        ({"preview": {"need": "CR-NE", "name": "Brayan"}}, "/preview/name"),
        ({"preview": {"need": "CR-NE", "age_band": "9"}}, "/preview/age_band"),
        ({"note": "call her sister"}, "/note"),
    ],
)
async def test_a_referral_that_cannot_be_is_refused_at_its_field(
    api, consent, offer, referral, sender, said, pointer
):
    granted = await consent()
    body = referral(granted, (await offer())["service_id"]) | said
    answer = await api.post("/referrals", json=body, headers=sender)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    mine = await api.get("/referrals", params={"person_id": str(granted.person_id)}, headers=sender)
    assert mine.json()["items"] == []


async def test_a_consent_opens_its_recipients_services_only(api, consent, offer, referral, sender, tokens):
    theirs = await offer(tokens.of("casa-abierta", Duty.DIRECTORY_EDITOR))
    answer = await api.post(
        "/referrals", json=referral(await consent(), theirs["service_id"]), headers=sender
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/service_id")


async def test_another_agencys_consent_is_none(api, consent, offer, referral, tokens):
    body = referral(await consent(), (await offer())["service_id"])
    answer = await api.post("/referrals", json=body, headers=tokens.of("iom", Duty.CASE_WORKER))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/consent_id")


async def test_a_full_service_is_asked_first(api, consent, offer, referral, sender, editor):
    offered = await offer()
    where = f"/directory/services/{offered['service_id']}/capacity"
    await api.put(where, json={"available": 0}, headers=editor)
    body = referral(await consent(), offered["service_id"])
    refused = await api.post("/referrals", json=body, headers=sender)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:no-places")
    assert (
        await api.post("/referrals", json=body | {"although_full": True}, headers=sender)
    ).status_code == 201
