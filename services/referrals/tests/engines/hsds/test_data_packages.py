"""CSV data packages: a row is valid if the schema accepts its object, and every fault has its cell."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema.protocols import Validator
from referrals.engines.hsds import data_packages
from referrals.engines.hsds.kinds import BY_TABLE
from referrals.engines.hsds.validation import validate
from solidary.files.command_line import InvalidInput

UUID = "5c4d79d7-cc55-470e-9f1f-8cad074e4892"
CELLS = ("", "x", "7", "-1.5", "1e3", "012", "true", UUID, "a@b", "http://a b")
TABLES = sorted(BY_TABLE)


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def places(path: Path) -> list[str]:
    return [finding.place for finding in data_packages.check_table(path) if finding]


def as_the_standard_reads(schema: dict[str, Any], row: dict[str, str]) -> Iterator[tuple[str, object]]:
    for name, cell in row.items():
        number = schema["properties"][name]["type"] == "number"
        readable = number and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", cell)
        if cell:
            yield name, json.loads(cell) if readable else cell


@pytest.mark.parametrize("name", TABLES)
def test_changed_cell_is_valid_if_the_schema_accepts_its_object(
    hsds: Path, official: Callable[[str], Validator], tmp_path: Path, name: str
) -> None:
    kind = BY_TABLE[name]
    schema = json.loads((hsds / "schema" / f"{kind.name}.json").read_text(encoding="utf-8"))
    needed = {*schema["required"], *schema.get("tabular_required", [])} - {"unit"}
    oracle = official(f"{kind.name}.json").evolve(schema={**schema, "required": sorted(needed)})
    (example,) = csv.DictReader((hsds / "examples" / "csv" / name).open(encoding="utf-8"))
    for column in example:
        for cell in CELLS:
            row = {**example, column: cell}
            text = io.StringIO()
            writer = csv.DictWriter(text, example)
            writer.writeheader()
            writer.writerow(row)
            (tmp_path / name).write_text(text.getvalue(), encoding="utf-8")
            valid = oracle.is_valid(dict(as_the_standard_reads(schema, row)))
            assert (places(tmp_path / name) == []) == valid, (column, cell)


def test_fault_has_its_table_line_and_column(tmp_path: Path) -> None:
    path = table(
        tmp_path / "locations.csv",
        "id,location_type,name,latitude",
        '5c4d79d7-cc55-470e-9f1f-8cad074e4892,physical,"two',
        'lines",8.88',
        "7,physical,x,north",
    )
    assert places(path) == ["locations.csv:4:1", "locations.csv:4:4"]


@pytest.mark.parametrize(
    ("lines", "place", "reason"),
    [
        (["id,url,id"], "url.csv:1:3", "id: There is already a column with this name."),
        ([""], "url.csv:1:1", "The table has no header row."),
        (["id,url", "1"], "url.csv:2:2", "The row has 1 cell and the header 2."),
        (["id,url", '"1,x'], "url.csv:2:1", "The file is not CSV from here on: unexpected end of data."),
        (["label", "x"], "url.csv:1:2", "id: This column is required."),
        (["id;url", "x"], "url.csv:1:2", "id: This column is required."),
        (["id,url", ",x"], "url.csv:2:1", "id: This field is required."),
    ],
)
def test_broken_table_is_refused_at_its_place(
    tmp_path: Path, lines: list[str], place: str, reason: str
) -> None:
    findings = [
        finding for finding in data_packages.check_table(table(tmp_path / "url.csv", *lines)) if finding
    ]
    assert (findings[0].place, findings[0].reason) == (place, reason)


def test_wrong_encoding_is_reported_with_its_table(tmp_path: Path) -> None:
    (tmp_path / "url.csv").write_bytes(b"id,url\n\xff,x\n")
    assert places(tmp_path / "url.csv") == ["url.csv:2:1"]


def test_unreadable_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "services.csv").mkdir()
    with pytest.raises(InvalidInput, match=r"services\.csv: Is a directory"):
        validate(tmp_path)
    (tmp_path / "services.csv").rmdir()
    (tmp_path / "url.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.raises(InvalidInput, match=r"url\.csv: No such file"):
        validate(tmp_path)


def test_identifier_is_unique_in_its_table(tmp_path: Path) -> None:
    row = f"{UUID},https://example.org"
    (finding,) = [
        f for f in data_packages.check_table(table(tmp_path / "url.csv", "id,url", row, row.upper())) if f
    ]
    assert (finding.place, finding.reason) == ("url.csv:3:1", "id: The row on line 2 has the same id.")


def test_field_closed_is_true_or_false(tmp_path: Path) -> None:
    rows = [f"{UUID[:-1]}{number},{closed}" for number, closed in enumerate(("true", "", "yes"))]
    path = table(tmp_path / "schedules.csv", "id,closed", *rows)
    assert places(path) == ["schedules.csv:4:2"]


def test_tables_with_other_names_are_ignored(hsds: Path, tmp_path: Path) -> None:
    shutil.copy(hsds / "examples" / "csv" / "url.csv", tmp_path / "url.csv")
    table(tmp_path / "budget.csv", "no,header,we,know")
    report = validate(tmp_path)
    assert (report.is_valid, report.objects) == (True, 1)
