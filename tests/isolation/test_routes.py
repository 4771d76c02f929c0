"""Every operation of every service, called by agencies that have no access to what the request names.

Whatever another agency holds must look exactly like what does not exist: the same status, the same problem, no row
and no count. The operations and their reach are the services' own declarations, so a new route is tested from its
first day. `ids.py` finds the table of each id, and a new kind of id without a table fails here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from solidary.platform.registry import service_names

from tests.conftest import ScenarioRun
from tests.isolation.examples import document_of, example
from tests.isolation.ids import AGENCIES, Row, first_and_last
from tests.isolation.operations import OPERATIONS, Operation, for_each

ANY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

NOT_PUBLIC = [operation for operation in OPERATIONS if operation.declaration.reach != "public"]
ON_ROWS = [operation for operation in NOT_PUBLIC if operation.last_id]
READING = [
    operation
    for operation in NOT_PUBLIC
    if operation.method == "GET"
    and operation.declaration.reach != "service"
    and operation.route.path != "/events"
]
"""The operations that return rows. The feed has its own tests in services/subscriptions/tests/feed."""

UNANSWERED_AFTER_SCENARIO = {
    "referrals GET /referrals/{referral_id}/package",
    "cash GET /instructions/{instruction_id}/file",
}
"""Operations without an answer after the scenario: it ends each referral that has a package, and the file of a payment
order is for nobody but the person who took it."""

ONLY_NAMED = {"cash GET /budget-lines/{line_id}/transfers": "cash.payment"}
"""Operations whose answers may have an id of a table although the reader has no access to that row.

The ledger of a government's budget line names the payment of a transfer (decision 0027).
"""


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as opened:
        yield opened


@pytest.fixture(scope="module")
def send(scenario_run, client):
    """A function that calls an operation with a valid body, and with random ids where none are given."""

    def call(operation: Operation, headers: dict[str, str], **ids: UUID) -> httpx.Response:
        path = re.sub(r"\{(\w+)\}", lambda found: str(ids.get(found[1], uuid4())), operation.route.path)
        document = document_of(operation.service)
        query = {
            each["name"]: str(ids[each["name"]]) if each["name"] in ids else example(each["schema"], document)
            for each in operation.queries
            if each.get("required") or each["name"] in ids
        }
        body = example(operation.body, document, ids) if operation.body else None
        if operation.method == "POST":
            headers = headers | {"Idempotency-Key": str(uuid4())}
        url = scenario_run.run.services[operation.service] + path
        return client.request(operation.method, url, headers=headers, params=query, json=body)

    return call


def without_ids(answer: httpx.Response) -> tuple[int, str]:
    """Return an answer's status and text, with every id replaced."""
    return answer.status_code, ANY_ID.sub("an id", answer.text)


def test_table_of_every_id_is_known(stored_rows):
    for operation in OPERATIONS:
        for name in [*operation.path_ids, *operation.request_ids]:
            if operation.declaration.reach != "public":
                assert operation.table_of(name) in {None, *stored_rows}, f"{operation}: {name}"


def test_scenario_leaves_a_row_in_every_table_of_the_paths(stored_rows):
    tables = {operation.table_of(operation.last_id) for operation in ON_ROWS}
    assert not {table for table in tables if not stored_rows[table] and not table.endswith(".work")}


@for_each(*ON_ROWS)
def test_row_of_another_agency_looks_like_one_that_does_not_exist(
    send, headers_for, agency_headers, stored_rows, operation: Operation
):
    rows = first_and_last(stored_rows[operation.table_of(operation.last_id)])
    for agency in agency_headers:
        headers = headers_for(operation, agency)
        nothing = send(operation, headers)
        assert 400 <= nothing.status_code < 500
        assert nothing.status_code != 422, f"the example of the body is not valid: {nothing.text}"
        for row in rows:
            if row.is_foreign_to(agency):
                answer = send(operation, headers, **operation.path_to(row))
                assert without_ids(answer) == without_ids(nothing), f"{row} for {agency}"


@for_each(*(operation for operation in ON_ROWS if operation.method == "GET" and not operation.request_ids))
def test_agency_with_access_to_a_row_finds_it(
    send, headers_for, agency_headers, stored_rows, operation: Operation
):
    # Otherwise the test before would look for rows that nobody can find.
    rows = first_and_last(stored_rows[operation.table_of(operation.last_id)])
    if not rows:
        pytest.skip("the scenario leaves no such row")
    statuses = {
        send(operation, headers_for(operation, agency), **operation.path_to(row)).status_code
        for agency in agency_headers
        for row in rows
        if not row.is_foreign_to(agency)
    }
    assert statuses & {200, 409}, statuses


@for_each(*READING)
def test_answer_has_no_id_of_a_row_that_its_agency_cannot_see(
    send, headers_for, agency_headers, stored_rows, published_ids, event_subjects, operation: Operation
):
    # This test comes before the one that writes, which may end what this one reads.
    rows_by_id = {
        row.id: row
        for table, rows in stored_rows.items()
        if table.startswith(operation.service) and table != ONLY_NAMED.get(str(operation))
        for row in rows
    }
    answered = 0
    for agency in agency_headers:
        paths: list[dict[str, UUID]] = [{}]
        if operation.last_id:
            table = operation.table_of(operation.last_id)
            accessible = [row for row in stored_rows[table] if not row.is_foreign_to(agency)]
            paths = [operation.path_to(row) for row in first_and_last(accessible)]
        for ids in paths:
            answer = send(operation, headers_for(operation, agency), **ids)
            assert answer.status_code < 500
            answered += answer.is_success
            ids_found = {UUID(found) for found in ANY_ID.findall(answer.text)} & rows_by_id.keys()
            rows = [rows_by_id[id_] for id_ in ids_found - published_ids]
            foreign = [row for row in rows if row.is_foreign_to(agency)]
            assert not [row for row in foreign if not {row.id, row.root} & event_subjects[agency]], agency
    may_answer = operation.last_id and str(operation) not in UNANSWERED_AFTER_SCENARIO
    assert answered or not may_answer or not stored_rows[operation.table_of(operation.last_id)]


@for_each(*(operation for operation in NOT_PUBLIC if any(map(operation.table_of, operation.request_ids))))
def test_id_of_another_agency_in_a_body_or_query_is_treated_as_unknown(
    send, headers_for, agency_headers, stored_rows, published_ids, operation: Operation
):
    for agency in agency_headers:
        headers = headers_for(operation, agency)
        some_agency = next(iter(agency_headers))
        ids = own_ids(operation, stored_rows, agency)
        ids |= dict.fromkeys(AGENCIES & {*operation.request_ids}, some_agency)
        for name in operation.request_ids:
            if operation.table_of(name) is None:
                continue
            others = {other: id_ for other, id_ in ids.items() if other != name}
            nothing = send(operation, headers, **others, **{name: uuid4()})
            assert nothing.status_code < 500
            if nothing.status_code == 422:
                fields = {fault["pointer"].split("/")[1] for fault in nothing.json()["errors"]}
                assert fields & {*operation.request_ids}, f"the example is not valid: {nothing.text}"
            for row in first_and_last(stored_rows[operation.table_of(name)]):
                if row.is_foreign_to(agency) and row.id not in published_ids:
                    answer = send(operation, headers, **others, **{name: row.id})
                    if operation.method == "GET" and answer.is_success:
                        # A filter shows the rows of the list that name this id, such as a household of a referral.
                        items = answer.json()["items"]
                        assert all(str(row.id) in item.values() for item in items), (
                            f"{name}: {row} for {agency}"
                        )
                        continue
                    assert without_ids(answer) == without_ids(nothing), f"{name}: {row} for {agency}"


def own_ids(operation: Operation, stored_rows: dict[str, list[Row]], agency: UUID) -> dict[str, UUID]:
    """Return, for the ids of an operation's request, the newest rows that the agency owns."""
    names = [*operation.path_ids, *operation.request_ids]
    tables = {name: table for name in names if (table := operation.table_of(name))}
    owned = {
        name: [row.id for row in stored_rows[table] if row.owner == agency] for name, table in tables.items()
    }
    return {name: ids[-1] for name, ids in owned.items() if ids}


@pytest.fixture(scope="module")
def published_ids(scenario_run: ScenarioRun) -> set[UUID]:
    """The ids in the public tables of all services."""
    return set(chain.from_iterable(ids_of_public_tables(scenario_run, name) for name in service_names()))


def ids_of_public_tables(scenario_run: ScenarioRun, service: str) -> set[UUID]:
    with psycopg.connect(scenario_run.run.postgres.admin, dbname=service) as connection:
        tables = connection.execute(
            """SELECT table_name FROM information_schema.columns
            WHERE table_schema = 'published' AND column_name = 'id' AND data_type = 'uuid'"""
        ).fetchall()
        return {
            id_
            for (table,) in tables
            for (id_,) in connection.execute(f"SELECT id FROM published.{table}".encode()).fetchall()
        }


@pytest.fixture(scope="module")
def event_subjects(scenario_run: ScenarioRun) -> dict[UUID, set[UUID]]:
    """For each agency the subjects of the events in its feeds."""
    subjects: dict[UUID, set[UUID]] = defaultdict(set)
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="subscriptions") as connection:
        for agency, subject in connection.execute("SELECT DISTINCT agency, subject FROM data.event"):
            subjects[agency].add(UUID(subject))
    return subjects


@for_each(*OPERATIONS)
def test_operation_requires_a_token_unless_it_is_public(send, operation: Operation):
    answer = send(operation, {})
    assert answer.status_code < 500
    assert (answer.status_code != 401) == (operation.declaration.reach == "public")


@for_each(
    *(
        operation
        for operation in NOT_PUBLIC
        if operation.declaration.duties or operation.declaration.reach == "service"
    )
)
def test_member_without_duties_is_refused(send, tokens, operation: Operation):
    assert send(operation, tokens.of("manos-vecinas")).status_code == 403
