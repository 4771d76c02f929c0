"""The import of registrations: the checks of one registration for each row, and no household twice."""

from __future__ import annotations

import psycopg
import pytest
from intake.desk.imports import commands
from solidary.platform.identity import Duty
from solidary_testing.statements import recorded_statements

from services.intake.tests.desk.imports.conftest import (
    JSON_LINES,
    XLSX,
    csv_of,
    json_lines_of,
    phone_of,
    row,
    two_families,
    xlsx_of,
)


@pytest.fixture
def find(api, desk):
    """Return the ids that have an identifier of the system `roster`, by kind."""

    async def find(value, headers=None):
        query = {"external_ids": [{"system": "roster", "value": value}]}
        found = await api.post("/external-ids/find", json=query, headers=headers or desk)
        return {each["kind"]: each["id"] for each in found.json()["items"]}

    return find


def count(test_database, table):
    with psycopg.connect(test_database.admin) as admin:
        return admin.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()[0]


@pytest.mark.parametrize(("made", "format"), [(csv_of, "text/csv"), (xlsx_of, XLSX)])
async def test_rows_become_households_as_the_desk_would_register_them(
    import_file, find, api, desk, tokens, made, format
):
    key = format[-4:]
    imported = await import_file(made(two_families(key)), format=format)
    assert imported.by_line == {2: "added", 3: "added", 4: "added"}
    home = (await api.get(f"/households/{(await find(f'{key}-A'))['household']}", headers=desk)).json()
    assert [each["relation"] for each in home["members"]] == ["head", "child"]
    assert (home["area"], home["own_income"]) == ("PA110403", 180)
    mother = (await find(f"{key}-1"))["person"]
    shown = (await api.get(f"/people/{mother}", headers=desk)).json()
    assert (shown["sex"], shown["state"], shown["identity"]["born"]) == ("female", "registered", "1991-04-12")
    assert shown["identity"]["phones"] == [{"number": phone_of(f"{key}-1"), "safe": True, "shared": False}]
    stated = {"Solidary-Reason": "supervision"}
    needs = (await api.get(f"/people/{mother}/needs", headers=desk | stated)).json()
    assert {each["code"] for each in needs} == {"LP-ND", "CR-NE"}
    log = await api.get("/access-log", params={"about": mother}, headers=tokens.of("unhcr", Duty.AUDITOR))
    assert "person_registered" in {each["action"] for each in log.json()["items"]}


async def test_repeated_file_registers_nobody_twice(import_file, test_database):
    content = csv_of(two_families("twice"))
    await import_file(content)
    before = [count(test_database, table) for table in ("data.person", "data.household", "keys.subject_key")]
    again = await import_file(content)
    assert again.states == {"existing": 3}
    assert before == [
        count(test_database, table) for table in ("data.person", "data.household", "keys.subject_key")
    ]
    changed = two_families("twice")
    changed[1]["given_name"] = "Amadu"
    other = await import_file(csv_of(changed))
    assert other.by_line == {2: "existing", 3: "refused", 4: "existing"}
    assert "other content" in other.rows[3]["faults"][0]["detail"]


async def test_dry_run_reports_each_row_and_registers_nobody(import_file, find, test_database):
    people, keys = count(test_database, "data.person"), count(test_database, "keys.subject_key")
    rows = [*two_families("dry"), row("dry-C", "dry-9", born="2999-01-01")]
    imported = await import_file(csv_of(rows), dry_run=True)
    assert imported.by_line == {2: "added", 3: "added", 4: "added", 5: "refused"}
    assert (count(test_database, "data.person"), count(test_database, "keys.subject_key")) == (people, keys)
    assert await find("dry-A") == {}
    assert (await import_file(csv_of(rows))).by_line == imported.by_line


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"born": "17/03/1984"}, ["born"]),
        ({"needs": "SV-VF"}, ["needs"]),
        ({"needs": "XX-YY"}, ["needs"]),
        ({"document_kind": "library_card", "document_number": "LC-4471"}, ["document_kind"]),
        ({"document_kind": "passport", "document_number": "NO TIENE"}, ["document_number"]),
        ({"phone": "61234567"}, ["phone"]),
        ({"phone": "+50761234567", "phone_safe": "maybe"}, ["phone_safe"]),
        ({"own_income": "150.000"}, ["own_income"]),
        ({"given_name": "=1+1"}, ["given_name"]),
        ({"given_name": ""}, ["given_name"]),
        ({"relation": "child"}, ["household"]),
        ({"household": ""}, ["household"]),
        ({"area": "La Chorrera"}, ["area"]),
    ],
)
async def test_wrong_row_is_reported_by_line_and_column_and_the_others_are_registered(
    import_file, changes, places
):
    key = "-".join(["wrong", *changes, *(value[:9] for value in changes.values())])
    rows = [row(f"{key}-X", f"{key}-x", **changes), row(f"{key}-Y", f"{key}-y")]
    imported = await import_file(csv_of(rows))
    assert imported.by_line == {2: "refused", 3: "added"}
    assert imported.faults(2) == places
    (fault,) = imported.rows[2]["faults"]
    assert fault["detail"].endswith(".")


async def test_household_is_refused_as_a_whole_and_names_the_line_that_is_wrong(import_file, find):
    rows = two_families("whole")
    rows[2]["born"] = "1899-01-01"
    imported = await import_file(csv_of(rows))
    assert imported.by_line == {2: "refused", 3: "added", 4: "refused"}
    assert (imported.faults(2), imported.faults(4)) == (["household"], ["born"])
    assert "line 4" in imported.rows[2]["faults"][0]["detail"]
    assert await find("whole-1") == {}


async def test_lines_of_json_are_requests_of_registration(import_file, family, find):
    def body(key, **changes):
        made = family() | changes
        made["household"]["external_ids"] = [{"system": "roster", "value": key}]
        return made

    wrong = body("json-2")
    wrong["members"][1]["born"] = "tomorrow"
    nameless = family()
    lines = json_lines_of(body("json-1"), wrong, nameless, [], body("json-4", search_id=None))
    imported = await import_file(lines + b'{"a": 1, "a": 2}\n\xff\n', format=JSON_LINES)
    refused = {line for line, state in imported.by_line.items() if state == "refused"}
    assert (len(imported.rows), refused) == (7, {2, 3, 4, 6, 7})
    assert imported.faults(2) == ["/members/1/born"]
    assert imported.faults(3) == ["/household/external_ids"]
    assert "household" in await find("json-1")


async def test_people_who_may_be_registered_already_stay_provisional_also_within_a_file(import_file):
    same = {
        "given_name": "Zulmira",
        "surname": "Quispe",
        "document_kind": "passport",
        "document_number": "ZQ-4401",
    }
    rows = [row("prov-A", "prov-1", **same), row("prov-B", "prov-2", **same), row("prov-C", "prov-3")]
    imported = await import_file(csv_of(rows))
    assert imported.by_line == {2: "added", 3: "provisional", 4: "added"}
    third = await import_file(csv_of([row("prov-D", "prov-4", **same)]))
    assert third.by_line == {2: "provisional"}


async def test_identifier_of_somebody_else_is_refused_and_one_of_another_agency_is_not_met(
    import_file, other_desk, find
):
    await import_file(csv_of([row("taken-A", "taken-1")]))
    imported = await import_file(csv_of([row("taken-B", "taken-1"), row("taken-C", "taken-3")]))
    assert imported.by_line == {2: "refused", 3: "added"}
    elsewhere = await import_file(csv_of([row("taken-A", "taken-1")]), headers=other_desk)
    assert elsewhere.by_line == {2: "added"}
    assert await find("taken-A") != await find("taken-A", other_desk)


async def test_nobody_is_assigned_to_imported_people(import_file, find, api, desk):
    await import_file(csv_of([row("far-A", "far-1", needs="LP-ND")]))
    person = (await find("far-1"))["person"]
    refused = await api.get(f"/people/{person}/needs", headers=desk)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:solidary:problem:need-to-know-missing")


@pytest.mark.parametrize(
    ("content", "format", "reason"),
    [
        (b"", "text/csv", "no column"),
        (b"household,relation,given_name,sex,population_group,area\n", "text/csv", "no row"),
        (csv_of([row("a", "b") | {"naem": "x"}]), "text/csv", "naem"),
        (csv_of([row("a", "b")]) + "ñ".encode("latin-1"), "text/csv", "UTF-8"),
        (csv_of([row("a", "b", sex="quizás")]), "text/csv", "no sex"),
        (csv_of([row("a", "b")]), XLSX, "not an XLSX workbook"),
        (b"\n\n", JSON_LINES, "no row"),
        (csv_of([row("a", "b")]), "application/pdf", "must be one of"),
    ],
)
async def test_file_that_is_wrong_as_a_whole_is_refused_at_once(send, content, format, reason):
    answer = await send(content, format=format)
    assert answer.status_code == 422, answer.text
    assert reason in answer.json()["errors"][0]["detail"]


async def test_statements_of_a_batch_do_not_grow_with_it(send, run_jobs, monkeypatch):
    monkeypatch.setattr(commands, "BATCH_PEOPLE", 1000)

    async def statements(key, households):
        rows = [
            row(f"{key}-{n}", f"{key}-p{n}", needs="LP-ND", born=f"19{n:02}-04-12")
            for n in range(10, 10 + households)
        ]
        assert (await send(csv_of(rows))).status_code == 202
        with recorded_statements() as sent:
            await run_jobs()
        return len([each for each in sent if "procrastinate" not in each])

    await statements("warm", 2)
    assert await statements("many", 60) <= await statements("few", 3)
