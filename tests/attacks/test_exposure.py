"""Attack: read about people where nobody thinks of it: caches, pages, functions of the database, operators' tools."""

from __future__ import annotations

import re
import subprocess
import sys
from uuid import uuid4

import httpx
import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary.platform.registry import load_service, service_names

from tests.conftest import ScenarioRun
from tests.isolation.operations import OPERATIONS, Operation, for_each

READABLE = [
    operation
    for operation in OPERATIONS
    if operation.method == "GET" and operation.declaration.reach in ("agency", "shared")
]
FOR_OPERATORS = [
    operation
    for operation in READABLE
    if not operation.declaration.duties or Duty.OPERATOR in operation.declaration.duties
]


@pytest.fixture(scope="module")
def people(scenario_run: ScenarioRun) -> set[str]:
    """The ids of everybody who was registered, and of their households."""
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as connection:
        ids = connection.execute("SELECT id::text FROM data.person UNION SELECT id::text FROM data.household")
        return {id_ for (id_,) in ids}


@for_each(*(operation for operation in OPERATIONS if operation.declaration.reach != "public"))
def test_no_browser_and_no_proxy_keeps_an_answer_about_people(
    scenario_run, headers_for, agency_headers, stored_rows, operation: Operation
):
    table = operation.table_of(operation.last_id) if operation.last_id else None
    rows = stored_rows[table] if table and operation.method == "GET" else []
    owner = rows[-1].owner if rows else next(iter(agency_headers))
    known = operation.path_to(rows[-1]) if rows else {}
    path = re.sub(r"\{(\w+)\}", lambda found: str(known.get(found[1], uuid4())), operation.route.path)
    url = scenario_run.run.services[operation.service] + path
    for headers in (headers_for(operation, owner), {}):
        answer = httpx.request(operation.method, url, headers=headers, timeout=30)
        assert answer.headers["cache-control"] == "no-store", answer.status_code
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("service", service_names())
def test_page_of_the_api_loads_nothing_from_elsewhere(scenario_run, service):
    base = scenario_run.run.services[service]
    page = httpx.get(f"{base}/docs")
    assert page.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(sources) >= 2
    for source in sources:
        assert not re.match(r"(https?:)?//", source), source
        if not source.startswith("data:"):
            assert httpx.get(f"{base}/{source}").status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("service", service_names())
def test_nobody_can_put_a_table_before_those_that_a_definer_reads(scenario_run, service):
    # A temporary table would come first in a search path that does not name pg_temp last.
    with psycopg.connect(scenario_run.run.postgres.admin, dbname=service) as connection:
        functions = connection.execute(
            """SELECT n.nspname || '.' || proname, array_to_string(proconfig, ' ') FROM pg_proc p
            JOIN pg_namespace n ON n.oid = pronamespace WHERE prosecdef"""
        ).fetchall()
    assert functions
    wrong = [
        name for name, settings in functions if not re.search(r"search_path=.*\bpg_temp$", settings or "")
    ]
    assert not wrong


@for_each(*FOR_OPERATORS)
def test_operator_reads_no_id_of_a_person_over_the_api(
    scenario_run, tokens, agency_headers, stored_rows, people, operation: Operation
):
    for agency in agency_headers:
        alias = next(alias for alias, id_ in scenario_run.run.agencies.items() if id_ == agency)
        operator = tokens.of(alias, Duty.OPERATOR)
        rows = [{}]
        if operation.last_id:
            own = [row for row in stored_rows[operation.table_of(operation.last_id)] if row.owner == agency]
            rows = [operation.path_to(row) for row in own[:5]]
        for ids in rows:
            path = operation.route.path
            for name, id_ in ids.items():
                path = path.replace(f"{{{name}}}", str(id_))
            answer = httpx.get(
                scenario_run.run.services[operation.service] + path, headers=operator, timeout=30
            )
            assert not {id_ for id_ in people if id_ in answer.text}


def test_operator_reads_no_events_of_an_agency(scenario_run, tokens):
    feed = httpx.get(
        f"{scenario_run.run.services['subscriptions']}/events", headers=tokens.of("unhcr", Duty.OPERATOR)
    )
    assert feed.status_code == 403


def test_operator_reads_no_id_of_a_person_in_logs_and_traces(scenario_run, people):
    folder = scenario_run.platform.stack.folder
    files = [*(folder / "telemetry").glob("*.jsonl*"), *(folder / "logs").glob("*.log*")]
    assert len(files) > 10
    for file in files:
        text = file.read_text(errors="replace")
        assert not {id_ for id_ in people if id_ in text}, file.name


def test_operator_who_lists_parked_keys_reads_no_id_of_a_person(scenario_run, people):
    service = next(name for name in service_names() if load_service(name).reactions)
    person = next(iter(people))
    parked = {"subscriber": "reactions", "key": person}
    with psycopg.connect(scenario_run.run.postgres.admin, dbname=service, autocommit=True) as admin:
        admin.execute(
            """INSERT INTO machinery.parked_key (subscriber, key, attempts, reason)
            VALUES (%(subscriber)s, %(key)s, 4, 'DecodeError')""",
            parked,
        )
        try:
            listed = subprocess.run(
                [sys.executable, "-m", service, "parked", "list"],
                env=scenario_run.platform.environment(service, "worker"),
                capture_output=True,
                text=True,
                check=True,
                timeout=120,
            )
        finally:
            admin.execute("DELETE FROM machinery.parked_key WHERE key = %(key)s", parked)
    assert "DecodeError" in listed.stdout
    assert person not in listed.stdout + listed.stderr
