"""The output and the exit status of `python -m referrals directory validate`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from referrals.engines.hsds import validation

Run = Callable[..., Result]

TERM = {"id": "5c4d79d7-cc55-470e-9f1f-8cad074e4892", "name": "n", "description": "d", "term_uri": "urn:x"}


def written(folder: Path, content: Any) -> Path:
    path = folder / "file.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_valid_file_is_reported_as_valid(command: Run, tmp_path: Path) -> None:
    result = command("directory", "validate", written(tmp_path, TERM))
    assert result.exit_code == 0
    assert "valid HSDS 3.1 (taxonomy_term, 1 object)" in result.stdout


def test_every_fault_is_printed_with_its_pointer(command: Run, tmp_path: Path) -> None:
    page = {"contents": [TERM, {**TERM, "id": 7, "name": None}], "size": "2"}
    result = command("directory", "validate", written(tmp_path, page))
    assert result.exit_code == 1
    assert "/contents/1/id: This must be text, not 7." in result.stderr
    assert "/contents/1/name: This must be text, not null (leave the field out instead)." in result.stderr
    assert "/size: This must be a number, not '2'." in result.stderr


def test_json_has_the_same_report(command: Run, tmp_path: Path) -> None:
    result = command(
        "directory", "validate", written(tmp_path, {**TERM, "a/b~": 1, "term_uri": "x"}), "--json"
    )
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (answer["valid"], answer["kind"], answer["faults"]) == (False, "taxonomy_term", 1)
    assert answer["findings"][0]["place"] == "/term_uri"


@pytest.mark.parametrize("content", ["[]", "null", "7", '"x"', "[{}]"])
def test_json_without_an_object_is_refused(command: Run, tmp_path: Path, content: str) -> None:
    result = command("directory", "validate", written(tmp_path, content))
    assert result.exit_code == 1
    assert "the document: This must be one object, or one page" in result.stderr


@pytest.mark.parametrize("content", ["{}", '{"colour": "red"}', '{"contents": [{"colour": 1}]}'])
def test_object_of_unknown_kind_is_refused(command: Run, tmp_path: Path, content: str) -> None:
    result = command("directory", "validate", written(tmp_path, content))
    assert result.exit_code == 1
    assert "This has no field of any HSDS object." in result.stderr


def test_kind_of_the_objects_can_be_given(command: Run, tmp_path: Path) -> None:
    assert command("directory", "validate", written(tmp_path, TERM), "--as", "service").exit_code == 1
    assert command("directory", "validate", written(tmp_path, TERM), "--as", "castle").exit_code == 2


def test_page_with_its_contents_first_is_validated(command: Run, tmp_path: Path) -> None:
    page = {"contents": [TERM] * 100, "total_items": True}
    result = command("directory", "validate", written(tmp_path, page), "--json")
    assert json.loads(result.stdout)["objects"] == 100
    assert json.loads(result.stdout)["findings"] == [
        {"place": "/total_items", "reason": "This must be a number, not true.", "is_warning": False}
    ]


def test_findings_beyond_the_limit_are_counted(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "MOST_FINDINGS", 3)
    result = command("directory", "validate", written(tmp_path, {"contents": [{"term_uri": 1}] * 9}))
    assert "36 faults (page of taxonomy_term, 9 objects, the first 3 listed)" in result.stdout
    assert result.stderr.count("error:") == 3


def test_missing_file_empty_folder_and_wrong_encoding_are_refused(command: Run, tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"name": "\xf1"}')
    for target in (tmp_path / "none.json", tmp_path, tmp_path / "latin.json"):
        assert command("directory", "validate", target).exit_code == 1
    assert (
        "The file is not UTF-8 (byte 10)." in command("directory", "validate", tmp_path / "latin.json").stderr
    )


def test_byte_order_mark_is_accepted(command: Run, tmp_path: Path) -> None:
    assert command("directory", "validate", written(tmp_path, "\ufeff" + json.dumps(TERM))).exit_code == 0


CONTACT = {
    "id": "5c4d79d7-cc55-470e-9f1f-8cad074e4892",
    "name": "n",
    "email": "ana @example.org",
    "phones": [],
}


def test_fault_that_the_official_schema_accepts_is_a_warning(command: Run, tmp_path: Path) -> None:
    path = written(tmp_path, CONTACT)
    result = command("directory", "validate", path, "--as", "contact")
    assert result.exit_code == 0
    assert "valid HSDS 3.1 (contact, 1 object, 1 warning)" in result.stdout
    assert "warning: " in result.stderr
    assert "/email: This must be an e-mail address" in result.stderr
    strict = command("directory", "validate", path, "--as", "contact", "--strict")
    assert strict.exit_code == 1
    assert "error: " in strict.stderr


def test_warnings_beyond_the_limit_are_no_errors(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "MOST_FINDINGS", 3)
    path = written(tmp_path, {"contents": [CONTACT] * 9})
    report = json.loads(command("directory", "validate", path, "--as", "contact", "--json").stdout)
    assert (report["valid"], report["faults"], report["warnings"]) == (True, 0, 9)
    assert [finding["is_warning"] for finding in report["findings"]] == [True] * 3


def test_file_with_warnings_is_read_by_other_commands(command: Run, tmp_path: Path) -> None:
    schedule = {"id": TERM["id"], "freq": "WEEKLY", "byday": "MO", "opens_at": "08:00", "closes_at": "16:00"}
    location = {
        "id": TERM["id"],
        "location_type": "physical",
        "name": "Centro",
        "schedules": [schedule],
        "contacts": [CONTACT],
    }
    result = command(
        "open", written(tmp_path, location), "--at", "2026-01-26T09:00", "--zone", "America/Panama"
    )
    assert (result.exit_code, "open until 16:00" in result.stdout) == (0, True)
    refused = {**location, "schedules": [{**schedule, "closed": "yes"}]}
    assert command("open", written(tmp_path, refused)).exit_code == 1
