"""The import of services: the checks of one entry for each row, and no service twice."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from uuid import uuid4

import pytest
from referrals.directory.imports import rules
from referrals.directory.imports.commands import apply_batch, read_file
from solidary.files.tables import Row
from solidary.language.country import load_pack
from solidary.platform.bulk import FileFormat
from solidary.platform.identity import Duty, Principal
from solidary_testing.statements import recorded_statements

COLUMNS = (*rules.REQUIRED, "needs", "latitude", "longitude", "answers_within_hours", "byday", "opens_at")
PLAIN = {
    "organization": "Oficina de Educación",
    "description": "Matrícula",
    "category": "education",
    "confidential": "no",
    "area": "PA1104",
}


def row(key: str, **cells: str) -> dict[str, str]:
    """Return the row of a school office, with changed cells."""
    return {**dict.fromkeys(COLUMNS, ""), **PLAIN, "id": key, "name": f"Escuela {key}", **cells}


def csv_of(*rows: dict[str, str]) -> bytes:
    lines = [list(rows[0]), *(list(each.values()) for each in rows)]
    return "\n".join(";".join(cells) for cells in lines).encode()


@pytest.fixture
def import_file(api, editor, run_jobs):
    """Import a file; return the states and the faults by line."""

    async def run(content, headers=None, media_type="text/csv", **query):
        headers = headers or editor
        sent = await api.post(
            "/imports/services",
            params={"system": "roster", **query},
            content=content,
            headers=headers | {"Content-Type": media_type},
        )
        assert sent.status_code == 202, sent.text
        await run_jobs()
        work = (await api.get(f"/work/{sent.json()['id']}", headers=headers)).json()
        assert (work["state"], work["failure"]) == ("done", None)
        rows = (await api.get(f"{work['result']}/rows", headers=headers)).json()["items"]
        return {each["line"]: each["state"] for each in rows}, {each["line"]: each["faults"] for each in rows}

    return run


@pytest.fixture
def found(api, editor):
    """Return the service that has an identifier of `roster`, or None."""

    async def find(value, headers=None):
        query = {"external_ids": [{"system": "roster", "value": value}]}
        items = (await api.post("/external-ids/find", json=query, headers=headers or editor)).json()["items"]
        if not items:
            return None
        (item,) = items
        return (await api.get(f"/directory/services/{item['id']}", headers=headers or editor)).json()

    return find


@pytest.fixture
def key():
    return secrets.token_hex(4)


async def test_rows_become_entries_that_are_public_unless_they_are_confidential(api, import_file, found, key):
    place = {"needs": "CR-NE", "latitude": "8,883", "longitude": "-79.783", "answers_within_hours": "72"}
    hours = {"byday": "MO", "opens_at": "08:00"}
    rows = (row(f"{key}-1", **place, **hours), row(f"{key}-2", confidential="sí"))
    states, _ = await import_file(csv_of(*rows), dry_run=True)
    assert (states, await found(f"{key}-1")) == ({2: "added", 3: "added"}, None)
    states, _ = await import_file(csv_of(*rows))
    assert states == {2: "added", 3: "added"}
    public, hidden = await found(f"{key}-1"), await found(f"{key}-2")
    assert (public["latitude"], public["longitude"], public["needs"]) == (8.883, -79.783, ["CR-NE"])
    assert (public["answers_within_hours"], public["details"]["schedules"][0]["byday"]) == (72, "MO")
    assert (await api.get(f"/services/{public['service_id']}")).status_code == 200
    assert (await api.get(f"/services/{hidden['service_id']}")).status_code == 404
    states, faults = await import_file(csv_of(rows[0], rows[1] | {"name": "Otro nombre"}))
    assert states == {2: "existing", 3: "refused"}
    assert "other content" in faults[3][0]["detail"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"category": "gossip"}, "category"),
        ({"needs": "SV-VA"}, "needs"),
        ({"confidential": "maybe"}, "confidential"),
        ({"latitude": "north"}, "latitude"),
        ({"area": "La Chorrera"}, "area"),
        ({"byday": "XX", "opens_at": "08:00"}, "byday"),
        ({"name": ""}, "name"),
        ({"id": ""}, "id"),
    ],
)
def test_wrong_row_is_reported_by_its_column(tmp_path: Path, changes, place):
    (file := tmp_path / "services.csv").write_bytes(csv_of(row("X", **changes), row("Y")))
    parsed = read_file(load_pack("PA"), file, FileFormat.CSV, "roster")
    assert [(each.line, each.faults[0].pointer) for each in parsed.refused] == [(2, place)]
    assert parsed.rows == 2


def test_every_column_reaches_the_body():
    cells = dict.fromkeys(rules.KNOWN, "no") | dict.fromkeys(rules.NUMBERS, "1")
    body = rules.entry_of(Row(Path(), 2, cells), "roster").body
    assert isinstance(body, dict)
    reached = {*body, *body["details"], *body["details"]["schedules"][0]}
    assert set(rules.KNOWN) - reached == {rules.KEY}


async def test_lines_of_json_are_entries_and_a_repeated_one_is_made_once(import_file, entry, key, found):
    def line(value, **changes):
        return json.dumps(entry(external_ids=[{"system": "roster", "value": value}], **changes))

    lines = [line(f"{key}-1"), line(f"{key}-1"), line(f"{key}-1", name="Otro"), json.dumps(entry()), "[]"]
    content = "\n".join(lines).encode()
    states, faults = await import_file(content, media_type="application/x-ndjson")
    assert states == {1: "added", 2: "existing", 3: "refused", 4: "refused", 5: "refused"}
    assert faults[4][0]["place"] == "/external_ids"
    assert await found(f"{key}-1")


async def test_identifier_of_another_service_is_refused_and_one_of_another_agency_is_not_met(
    api, editor, import_file, entry, tokens, key, found
):
    taken = {"system": "old", "value": f"{key}-old"}
    made = await api.post("/directory/services", json=entry(external_ids=[taken]), headers=editor)
    assert made.status_code == 201
    both = json.dumps(entry(external_ids=[{"system": "roster", "value": key}, taken])).encode()
    states, faults = await import_file(both, media_type="application/x-ndjson")
    assert (states, faults[1][0]["place"]) == ({1: "refused"}, "external_ids")
    stranger = tokens.of("casa-abierta", Duty.DIRECTORY_EDITOR)
    states, _ = await import_file(both, stranger, media_type="application/x-ndjson")
    assert states == {1: "added"}
    assert await found(key) is None


@pytest.mark.parametrize("duty", [Duty.PROVIDER, Duty.CASE_WORKER])
async def test_file_of_somebody_who_may_not_write_entries_is_refused(api, tokens, duty):
    answer = await api.post(
        "/imports/services",
        params={"system": "roster"},
        content=csv_of(row("X")),
        headers=tokens.of("chorrera", duty) | {"Content-Type": "text/csv"},
    )
    assert answer.status_code == 403


async def test_statements_of_a_batch_do_not_grow_with_it(database, tokens, tmp_path: Path, key):
    importer = Principal(uuid4(), tokens.agency("chorrera"), "chorrera", frozenset())

    async def statements(count: int) -> int:
        file = tmp_path / "services.csv"
        file.write_bytes(csv_of(*(row(f"{key}-{count}-{number}") for number in range(count))))
        (batch,) = read_file(load_pack("PA"), file, FileFormat.CSV, "roster").batches
        async with database.unit(importer) as unit:
            with recorded_statements() as sent:
                reports = await apply_batch(unit, batch.content, dry_run=False)
        assert [each.state for each in reports] == ["added"] * count
        return len(sent)

    await statements(2)
    assert await statements(40) == await statements(3)
