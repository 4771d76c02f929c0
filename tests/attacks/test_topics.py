"""Attacks on the bus: a reader of every topic, and of everything public, learns nothing about anybody.

The adversary has all topics from their beginning, the public directory, the published plans, and every word of the
contracts. What stays visible to them: the agency that registered a person, sent a referral or pays (the envelope's
`agency`), the number and order of events, and their times.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import TopicAuthorizationFailedError
from psycopg.rows import dict_row
from stack.run_file import Run
from stack.services import SERVICES, all_topics, read_topics, services_with_events

from tests.conftest import ScenarioRun
from tests.scenario.scanner import content, records, topics_of, type_of

ABOUT_PEOPLE = ("cases", "money")
"""The audiences whose events are about single people."""


def rows(run: Run, service: str, query: str) -> list[dict[str, Any]]:
    """Return rows of a service's database as the truth, which the adversary does not have."""
    with psycopg.connect(run.postgres.admin, dbname=service, row_factory=dict_row) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
async def bus(scenario_run: ScenarioRun) -> list[Any]:
    """Every record of every topic."""
    read = await records(scenario_run.run, topics_of(scenario_run.run, scenario_run.run.country.lower()))
    assert {record.topic for record in read} >= {
        name for name in all_topics(scenario_run.run.country) if name.endswith(ABOUT_PEOPLE)
    }
    return read


@pytest.fixture(scope="module")
def about_people(bus: list[Any]) -> list[Any]:
    """The records about single people."""
    found = [record for record in bus if record.topic.endswith(ABOUT_PEOPLE)]
    assert len(found) >= 20
    return found


def marks(record: Any) -> set[str]:
    """Return what may join a record to others: its ids, its trace, and its time to the microsecond."""
    headers = {name: value.decode() for name, value in record.headers}
    trace = headers.get("ce_traceparent", "--").split("-")[1]
    return {*_strings(json.loads(record.value)), headers["ce_subject"], headers["ce_time"], trace} - {""}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inside in value.values():
            yield from _strings(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _strings(inside)
    elif value is not None:
        yield str(value)


def joined(found: Iterable[Any]) -> dict[str, set[str]]:
    """Join records by whatever they have in common, and return for each mark all marks that it leads to."""
    groups: dict[str, set[str]] = {}
    for record in found:
        together = set.union(marks(record), *(groups.get(mark, set()) for mark in marks(record)))
        for mark in together:
            groups[mark] = together
    return defaultdict(set, groups)


def test_records_about_people_have_nothing_that_the_public_directory_names(scenario_run, about_people):
    """Attack: look each id and word of the events up in the directory."""
    directory = httpx.get(f"{scenario_run.run.services['referrals']}/services", params={"per_page": 200})
    public = {str(entry["id"]) for entry in directory.json()["contents"]}
    public |= {str(entry["organization_id"]) for entry in directory.json()["contents"]}
    for entry in rows(scenario_run.run, "referrals", "SELECT * FROM data.service"):
        public |= {str(entry["id"]), str(entry["agency"]), entry["category"], entry["area"], entry["purpose"]}
        public |= set(entry["needs"])
    for record in about_people:
        payload = [*_strings(json.loads(record.value)), (record.key or b"").decode()]
        assert not public & set(payload), type_of(record)
        assert {name for name, _ in record.headers} <= {
            *("ce_specversion", "content-type", "ce_source", "ce_id", "ce_type", "ce_subject", "ce_time"),
            *("ce_agency", "ce_sequence", "ce_traceparent", "traceparent"),
        }


def test_no_referral_leads_to_its_receiver_service_urgency_or_person(scenario_run, about_people):
    """Attack: join all events of a referral, and tell where the person was sent."""
    groups = joined(about_people)
    sent = rows(scenario_run.run, "referrals", "SELECT * FROM data.referral WHERE requested_at IS NOT NULL")
    assert len(sent) >= 3
    for referral in sent:
        seen = groups[str(referral["id"])]
        assert seen, "the referral is on the bus"
        hidden = {str(referral[name]) for name in ("receiver", "service_id", "urgency", "purpose")}
        hidden |= {str(referral[name]) for name in ("person_id", "household_id", "package_id")}
        hidden |= {referral["due_at"].isoformat()}
        assert not hidden & seen
    owners = {
        dict(record.headers)["ce_agency"].decode()
        for record in about_people
        if ".referral." in type_of(record)
    }
    assert owners == {str(referral["agency"]) for referral in sent}
    assert not [record for record in about_people if type_of(record).endswith("referral.overdue.v1")]


def test_no_person_leads_to_a_referral_a_consent_or_a_payment(scenario_run, about_people):
    """Attack: start from a person's id, and join events until a need shows."""
    run, groups = scenario_run.run, joined(about_people)
    people = rows(run, "intake", "SELECT id, household_id FROM data.person")
    assert len(people) >= 5
    secrets = {
        str(row["id"])
        for service, table in (
            ("referrals", "referral"),
            ("intake", "consent"),
            ("intake", "package"),
            ("cash", "payment"),
            ("cash", "enrolment"),
        )
        for row in rows(run, service, f"SELECT id FROM data.{table}")
    }
    assert len(secrets) >= 10
    for person in people:
        assert groups[str(person["id"])], "the person is on the bus"
        assert not groups[str(person["id"])] & secrets
        assert not groups[str(person["household_id"])] & secrets


def test_no_header_names_the_agencies_concerned(scenario_run, bus):
    """Attack: read from the envelope who receives a case; a shelter's agency is the shelter."""
    for record in bus:
        headers = dict(record.headers)
        assert "ce_parties" not in headers
        if record.topic.endswith(ABOUT_PEOPLE):
            others = {str(row["receiver"]) for row in rows_of_referrals(scenario_run.run)}
            assert not [other for other in others if other.encode() in (record.value or b"")]
            assert content(record).count(headers["ce_agency"]) == 1


async def test_notices_name_neither_a_case_nor_a_receiver_and_only_the_subscriptions_read_them(
    scenario_run, bus
):
    """Attack: find in the topics of notices, which know all parties, who receives which case."""
    notices = [record for record in bus if record.topic.endswith(".parties")]
    assert len(notices) >= 20
    readers = [name for name in SERVICES if [t for t in read_topics("PA", name) if t.endswith(".parties")]]
    assert readers == ["subscriptions"]
    others = [record for record in bus if not record.topic.endswith(".parties")]
    known = {dict(record.headers)["ce_id"] for record in others} | {record.key for record in others}
    known |= {str(row["receiver"]).encode() for row in rows_of_referrals(scenario_run.run)}
    known |= {str(id_).encode() for id_ in scenario_run.run.agencies.values()}
    for record in notices:
        text = content(record)
        assert not [each for each in known if each in text]
        assert {name for name, _ in record.headers} == {
            *("ce_specversion", "content-type", "ce_source", "ce_id", "ce_type")
        }


def rows_of_referrals(run: Run) -> list[dict[str, Any]]:
    """Return the receivers of all referrals."""
    return rows(run, "referrals", "SELECT receiver FROM data.referral WHERE receiver IS NOT NULL")


@pytest.mark.parametrize("service", services_with_events())
async def test_account_of_a_service_reads_the_topics_of_its_events_only(scenario_run, service):
    """Attack: a service that was taken over reads the cases of the others."""
    run = scenario_run.run
    account = run.kafka.accounts[service]
    assert (service == "planning") <= ("pa.intake.cases" not in read_topics(run.country, service))
    for name in set(all_topics(run.country)) - set(read_topics(run.country, service)):
        consumer: AIOKafkaConsumer = AIOKafkaConsumer(
            name,
            bootstrap_servers=run.kafka.bootstrap,
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="SCRAM-SHA-256",
            sasl_plain_username=account.username,
            sasl_plain_password=account.password,
            auto_offset_reset="earliest",
        )
        try:
            with pytest.raises(TopicAuthorizationFailedError):
                await consumer.start()
                await consumer.getone()
        finally:
            await consumer.stop()


def test_referral_right_after_its_consent_is_sent_every_time(scenario_run, tokens):
    """Repeat a consent and its referral: nobody may be sent away because a consent is still on its way."""
    run, worker = scenario_run.run, tokens.demonstration("unhcr.case_worker")
    (adult,) = rows(
        run,
        "intake",
        """SELECT person_id, recipient FROM data.consent WHERE purpose = 'referral' AND given_by IS NULL
        ORDER BY created LIMIT 1""",
    )
    (service,) = rows(
        run,
        "referrals",
        f"""SELECT id FROM data.service WHERE agency = '{adult["recipient"]}' AND category = 'health'
        AND purpose = 'service' LIMIT 1""",
    )

    def post(name: str, path: str, body: dict[str, Any]) -> httpx.Response:
        return httpx.post(run.services[name] + path, json=body, headers=worker, timeout=30)

    for _ in range(10):
        body = {"person_id": str(adult["person_id"]), "recipient": str(adult["recipient"])}
        terms = {"purpose": "referral", "categories": ["language"], "basis": "consent", "language": "spa"}
        terms |= {"channel": "in_person", "text_version": "2026-11"}
        consent = post("intake", "/consents", body | terms).json()
        ids = {name: consent[name] for name in ("consent_id", "package_id", "person_id")}
        sent = post("referrals", "/referrals", ids | {"service_id": str(service["id"])})
        assert sent.status_code == 201, sent.text
        cancelled = post(
            "referrals", f"/referrals/{UUID(sent.json()['referral_id'])}/cancel", {"reason": "other"}
        )
        assert cancelled.status_code == 200, cancelled.text
