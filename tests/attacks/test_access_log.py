"""Attacks on the access log: a valid login reads or changes people and looks for a way to leave no trace."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens

from tests.conftest import ScenarioRun
from tests.isolation.examples import document_of, example
from tests.isolation.ids import Row, first_and_last, rows_of
from tests.isolation.operations import OPERATIONS, Operation, for_each

ANY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

WITHOUT_PEOPLE = {
    "/demand-reports",
    "/retention-runs",
    "/access-log",
    "/events",
    "/work",
    "/inquiries",
    "/questions/received",
}
"""The first parts of the paths whose answers hold counts, the log itself or events: of people ids at most."""

SECRET_BALLOTS = {"ballot", "ballot_box", "used_ballot_card"}
"""The only tables without a writer: of a secret ballot nothing may disclose whose it is."""

OF_THE_ERASED = "intake GET /people/{person_id}/erasure"
"""It shows when somebody was erased, of whom nothing is left to be read."""

OF_PEOPLE = [
    operation
    for operation in OPERATIONS
    if operation.service == "intake"
    and operation.declaration.reach in ("agency", "shared")
    and not any(operation.route.path.startswith(start) for start in WITHOUT_PEOPLE)
    and str(operation) != OF_THE_ERASED
]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as opened:
        yield opened


@pytest.fixture(scope="module")
def insider(tokens: Tokens) -> dict[str, str]:
    """The headers of a person with every duty at UNHCR, who states a reason."""
    return tokens.of("unhcr", *Duty) | {"Solidary-Reason": "supervision"}


def subject_of(headers: dict[str, str]) -> UUID:
    """Return the subject of a token."""
    payload = headers["Authorization"].split(".")[1]
    return UUID(json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"])


@pytest.fixture(scope="module")
def logged_since(scenario_run: ScenarioRun) -> Callable[[int], set[tuple[UUID, UUID]]]:
    """A function that returns the people and the subjects of the entries with greater numbers than the given one."""

    def read(number: int) -> set[tuple[UUID, UUID]]:
        with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as admin:
            entries = "SELECT root, recorded_by FROM data.access_entry WHERE number > %s"
            return {(root, subject) for root, subject in admin.execute(entries, (number,)).fetchall()}

    return read


@pytest.fixture(scope="module")
def own_rows(
    client: httpx.Client, insider: dict[str, str], tokens: Tokens, scenario_run: ScenarioRun
) -> dict[str, list[Row]]:
    """The rows of a household that the insider registers for this test, which ends or changes all of them."""
    intake = scenario_run.run.services["intake"]
    before = {row.id for rows in rows_of(scenario_run.run, "intake").values() for row in rows}

    def send(method: str, path: str, body: object) -> dict[str, Any]:
        answer = client.request(method, intake + path, json=body, headers=insider)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    adult = {"surname": "Intrusa", "sex": "female", "population_group": "refugee", "relation": "head"}
    member = {**adult, "given_name": "Rita", "born": "1990-01-02", "entered_on": "2026-10-01"}
    household = {"household": {"area": "PA110403"}, "members": [{**member, "needs": [{"code": "CR-NE"}]}]}
    registered = send("PUT", f"/registrations/{uuid4()}", household)
    person = registered["members"][0]["person_id"]
    send("POST", "/people/search", {"given_name": "Rita", "surname": "Intrusa", "born": "1990-01-02"})
    send("POST", f"/people/{person}/visits", {"centre": "pao", "reason": "other", "note": "a note"})
    send("POST", f"/people/{person}/restricted-needs", {"code": "TR-HO", "note": "a note"})
    send("POST", f"/people/{person}/guidance", {"pathway": "pa-asylum", "language": "es"})
    send("POST", f"/people/{person}/procedures", {"pathway": "pa-asylum", "warnings_discussed": True})
    send(
        "POST", "/questions", {**{k: member[k] for k in ("given_name", "surname", "born")}, "reason": "cash"}
    )
    schemas = document_of("intake")["components"]["schemas"]
    hold = example(schemas["LegalHoldIn"], document_of("intake"))
    send("POST", f"/people/{person}/legal-holds", hold)
    consent = example(schemas["ConsentIn"], document_of("intake"))
    send("POST", "/consents", consent | {"person_id": person, "recipient": str(tokens.agency("chorrera"))})
    return {
        table: [row for row in rows if row.id not in before]
        for table, rows in rows_of(scenario_run.run, "intake").items()
    }


def last_number(scenario_run: ScenarioRun) -> int:
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as admin:
        row = admin.execute("SELECT coalesce(max(number), 0) FROM data.access_entry").fetchone()
    assert row is not None
    return int(row[0])


def paths_to(operation: Operation, rows: dict[str, list[Row]], agency: UUID) -> list[dict[str, UUID]]:
    """Return the ids of paths that lead to rows of an agency."""
    if not operation.last_id:
        return [{}]
    own = [row for row in rows[operation.table_of(operation.last_id) or ""] if row.owner == agency]
    return [operation.path_to(row) for row in first_and_last(own)]


@for_each(*OF_PEOPLE)
def test_nobody_sees_or_changes_a_person_without_an_entry_under_their_own_name(
    client: httpx.Client,
    insider: dict[str, str],
    tokens: Tokens,
    own_rows: dict[str, list[Row]],
    scenario_run: ScenarioRun,
    logged_since: Callable[[int], set[tuple[UUID, UUID]]],
    operation: Operation,
) -> None:
    """Call every route that has a person in its path or its answer."""
    agency, document = tokens.agency("unhcr"), document_of("intake")
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as admin:
        people = {id_ for (id_,) in admin.execute("SELECT id FROM data.person").fetchall()}
    seen: set[UUID] = set()
    for ids in paths_to(operation, own_rows, agency):
        number = last_number(scenario_run)
        path = re.sub(
            r"\{(\w+)\}", lambda found, ids=ids: str(ids.get(found[1], uuid4())), operation.route.path
        )
        wanted = {name: rows[0].id for name, rows in _own(operation, own_rows, agency).items()}
        body = example(operation.body, document, wanted) if operation.body else None
        headers = insider | ({"Idempotency-Key": str(uuid4())} if operation.method == "POST" else {})
        answer = client.request(
            operation.method, scenario_run.run.services["intake"] + path, headers=headers, json=body
        )
        assert answer.status_code < 500, answer.text
        if not answer.is_success:
            continue
        with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as admin:
            people |= {id_ for (id_,) in admin.execute("SELECT id FROM data.person").fetchall()}
        shown = {UUID(found) for found in ANY_ID.findall(path + answer.text)} & people
        missing = shown - {root for root, subject in logged_since(number) if subject == subject_of(insider)}
        assert not missing, f"{operation}: no entry of the reader about {missing}"
        seen |= shown
    if operation.path_ids and operation.path_ids[0] == "person_id" and operation.method == "GET":
        assert seen, f"{operation} showed nobody: the attack tried nothing"


def _own(operation: Operation, rows: dict[str, list[Row]], agency: UUID) -> dict[str, list[Row]]:
    """Return, for the ids in an operation's body, the agency's rows of their tables."""
    tables = {name: operation.table_of(name) for name in operation.request_ids}
    own = {
        name: [row for row in rows[table] if row.owner == agency] for name, table in tables.items() if table
    }
    return {name: found for name, found in own.items() if found}


def test_the_service_s_own_role_cannot_forge_change_or_remove_an_entry(
    scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    """Send statements as the service: they write under the subject of their transaction only."""
    agency = tokens.agency("unhcr")
    attacks = (
        "INSERT INTO data.access_entry (id, root, action, recorded_by) VALUES (gen_random_uuid(), "
        "gen_random_uuid(), 'person_read', gen_random_uuid())",
        "UPDATE data.access_entry SET action = 'nothing'",
        "UPDATE data.access_entry SET recorded_by = gen_random_uuid()",
        "DELETE FROM data.access_entry",
        "DELETE FROM data.access_seal",
        "INSERT INTO data.access_seal (id, root, number, entries, digest) VALUES (gen_random_uuid(), "
        "gen_random_uuid(), 99999, 0, '')",
        "TRUNCATE data.access_entry",
        "INSERT INTO data.access_cut (id, root, seal, entries) VALUES (gen_random_uuid(), gen_random_uuid(), 1, 1)",
    )
    with psycopg.connect(scenario_run.run.databases["intake"]["app"]) as app:
        scope = "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)"
        app.execute(scope, (str(agency), str(uuid4())))
        for attack in attacks:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(attack.encode())
        with pytest.raises(psycopg.errors.CheckViolation, match="five years"), app.transaction():
            app.execute("SELECT machinery.cut_access_log(current_date, 1000)")


def test_the_verification_of_the_log_belongs_to_its_auditors(
    scenario_run: ScenarioRun, tokens: Tokens, client: httpx.Client
) -> None:
    """Start the verification at the desk, and follow that of another agency."""
    address = scenario_run.run.services["intake"]
    once = {"Idempotency-Key": str(uuid4())}

    def start(headers: dict[str, str]) -> httpx.Response:
        return client.post(
            f"{address}/access-log/verifications", json={"whole": True}, headers=headers | once
        )

    assert start(tokens.of("unhcr", Duty.FRONT_DESK)).status_code == 403
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    started = start(auditor)
    assert started.status_code == 202, started.text
    work = f"{address}/work/{started.json()['id']}"
    assert client.get(work, headers=auditor).status_code == 200
    assert client.get(work, headers=tokens.of("iom", Duty.AUDITOR)).status_code == 404


@pytest.mark.parametrize("service", ["intake", "referrals", "planning", "market", "cash"])
def test_no_row_of_any_service_is_written_as_somebody_else(scenario_run: ScenarioRun, service: str) -> None:
    """Look for an agency table that does not keep its writer; only secret ballots may have none."""
    with psycopg.connect(scenario_run.run.postgres.admin, dbname=service) as admin:
        tables = {
            name
            for (name,) in admin.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'data'"
            ).fetchall()
        }
        held = {
            name
            for (name,) in admin.execute(
                """SELECT tablename FROM pg_policies WHERE schemaname = 'data' AND policyname = 'own_writer'
                AND permissive = 'RESTRICTIVE' AND with_check ~ 'recorded_by = .*app.subject'"""
            ).fetchall()
        }
        kept = {
            name
            for (name,) in admin.execute(
                """SELECT tgrelid::regclass::name FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
                WHERE tgname = 'record_writer' AND tgenabled = 'O' AND relnamespace = 'data'::regnamespace"""
            ).fetchall()
        }
    assert tables - SECRET_BALLOTS <= held
    assert tables - SECRET_BALLOTS <= kept
