"""Suggestions and searches in a directory of 10,000 services: pages, statements and plans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from referrals.directory.suggestions.queries import CANDIDATES
from sqlalchemy import Engine, event

SERVICES = 10_000
NEED = "WG-VIS"
"""The need of every fortieth service, which no other test looks for."""


@pytest.fixture(scope="module")
def directory(service_database, tokens) -> Iterator[None]:
    """A directory of SERVICES services of one agency, removed at the end."""
    agency = tokens.agency("chorrera")
    columns = """name, organization, description, category, needs, purpose, status, confidential, eligibility, area,
        languages, latitude, longitude, remote, details, waiting_list, modified"""
    values = f"""'Clínica móvil ' || n, 'Salud ' || n, repeat('Atención sin cita en el barrio. ', 30),
        CASE WHEN n %% 10 = 0 THEN 'livelihoods' ELSE 'shelter' END,
        CASE WHEN n %% 40 = 0 THEN ARRAY['{NEED}'] ELSE '{{}}' END, 'service', 'active', false,
        'age >= ' || n %% 80, CASE WHEN n %% 400 = 0 THEN 'PA9907' ELSE 'PA9908' END, ARRAY['spa'],
        8.5 + n / 1e5, -79.8, false, '{{"version": 1, "schedules": [{{"byday": "MO", "opens_at": "08:00",
        "closes_at": "15:00"}}]}}'::jsonb, false, now()"""
    with psycopg.connect(service_database.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            f"""WITH rows AS (SELECT gen_random_uuid() AS id, n FROM generate_series(1, {SERVICES}) AS n)
            INSERT INTO data.service (id, root, agency, recorded_by, {columns})
            SELECT id, id, %(agency)s, %(agency)s, {values} FROM rows""",
            {"agency": agency},
        )
        admin.execute(
            f"""INSERT INTO published.service (id, agency, {columns})
            SELECT id, agency, {columns} FROM data.service WHERE organization LIKE 'Salud %'"""
        )
        admin.execute("ANALYZE published.service")
        admin.execute("ANALYZE data.service")
    yield
    with psycopg.connect(service_database.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM published.service WHERE organization LIKE 'Salud %'")
        admin.execute("DELETE FROM data.service WHERE organization LIKE 'Salud %'")


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements of the process and their parameters."""
    found: list[tuple[str, Any]] = []

    def add(connection, cursor, statement, parameters, *_) -> None:
        found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", add)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", add)


def sequential_scans(admin_url: str, statement: str, parameters: Any, *, agency: Any) -> list[str]:
    """Return the tables that a statement reads from beginning to end, as the app role in an agency."""
    with psycopg.connect(admin_url) as admin:
        admin.execute("SET LOCAL ROLE referrals_app")
        for name, value in (("agency", agency), ("subject", agency), ("duties", "case_worker")):
            admin.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", str(value)])
        plan = admin.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters).fetchone()[0][0]["Plan"]
    return [node["Relation Name"] for node in _nodes(plan) if node["Node Type"] == "Seq Scan"]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


async def ask(api, headers, query: dict[str, Any], **params: Any) -> dict[str, Any]:
    answer = await api.post("/suggestions", json=query, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_twenty_are_answered_with_the_number_of_the_others(api, directory, sender):
    page = await ask(api, sender, {"need": NEED, "profile": {"age": 40}})
    assert (len(page["items"]), page["more"]) == (20, SERVICES // 40 - 20)
    assert {service["eligibility"] for service in page["items"]} == {"eligible"}


async def test_pages_have_every_service_once(api, directory, sender):
    query = {"need": NEED, "profile": {"age": 40}, "near": {"latitude": 8.55, "longitude": -79.8}}
    page, found, pages = await ask(api, sender, query, limit=50), [], 1
    while page["next"]:
        found += page["items"]
        page, pages = await ask(api, sender, query, limit=50, after=page["next"]), pages + 1
    found += page["items"]
    assert len(found) == len({service["service_id"] for service in found}) == SERVICES // 40 > CANDIDATES
    eligible = [service["eligibility"] == "eligible" for service in found]
    assert eligible == sorted(eligible, reverse=True)
    assert page["more"] == 0


async def test_first_page_is_the_same_as_the_best_of_all(api, directory, sender):
    query = {"need": NEED, "profile": {"age": 40}, "near": {"latitude": 8.55, "longitude": -79.8}}
    points = [service["points"] for service in (await ask(api, sender, query, limit=50))["items"]]
    assert points == sorted(points, reverse=True)


async def test_area_leaves_other_areas_out(api, directory, sender):
    page = await ask(api, sender, {"need": NEED, "area": "PA9907"})
    assert len(page["items"]) + page["more"] == SERVICES // 400
    assert (await ask(api, sender, {"need": NEED, "area": "PA99"}))["more"] == SERVICES // 40 - 20


async def test_suggestions_take_two_statements_whatever_their_number(api, directory, sender):
    with statements() as found:
        await ask(api, sender, {"need": NEED})
    assert len([statement for statement, _ in found if "published.service" in statement]) == 2
    assert len(found) <= 3


@pytest.mark.parametrize("query", [{"need": NEED}, {"need": NEED, "area": "PA9907"}])
async def test_suggestions_scan_no_table(api, directory, sender, service_database, tokens, query):
    with statements() as found:
        await ask(api, sender, query)
    asked = [each for each in found if "published.service" in each[0]]
    assert len(asked) == 2
    for statement, parameters in asked:
        scans = sequential_scans(service_database.admin, statement, parameters, agency=tokens.agency("unhcr"))
        assert scans == []


@pytest.mark.parametrize("search", ["clinica", "CLÍNICA", "clini movil", "atencion, sin cita", "salud"])
async def test_words_are_found_without_their_accents(api, directory, search):
    answer = await api.get("/services", params={"search": search, "per_page": 1})
    assert answer.json()["total_items"] >= SERVICES


async def test_search_scans_no_table(api, directory, service_database, tokens):
    with statements() as found:
        answer = await api.get("/services", params={"search": "clinica 77"})
    assert answer.json()["total_items"] > 0
    asked = [each for each in found if "published.service" in each[0]]
    assert len(asked) == 2
    for statement, parameters in asked:
        scans = sequential_scans(service_database.admin, statement, parameters, agency=tokens.agency("unhcr"))
        assert scans == []


@pytest.mark.parametrize("search", ["'", "!!", "\\", "xq' | 'b", ":* & !", "%", "clínica' & 'xq"])
async def test_odd_searches_are_words_or_nothing(api, directory, search):
    answer = await api.get("/services", params={"search": search})
    assert answer.status_code == 200
    assert answer.json()["total_items"] == 0
