"""`python -m referrals directory validate`: what it prints, and how it exits."""

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


def test_a_valid_file_is_said_to_be_one(command: Run, tmp_path: Path) -> None:
    result = command("directory", "validate", written(tmp_path, TERM))
    assert result.exit_code == 0
    assert "valid HSDS 3.1 (taxonomy_term, 1 object)" in result.stdout


def test_every_fault_is_printed_with_its_pointer(command: Run, tmp_path: Path) -> None:
    page = {"contents": [TERM, {**TERM, "id": 7, "name": None}], "size": "2"}
    result = command("directory", "validate", written(tmp_path, page))
    assert result.exit_code == 1
    assert "/contents/1/id: must be text, not 7" in result.stderr
    assert "/contents/1/name: must be text, not null (leave it out instead)" in result.stderr
    assert "/size: must be a number, not '2'" in result.stderr


def test_json_gives_the_same_for_programs(command: Run, tmp_path: Path) -> None:
    result = command(
        "directory", "validate", written(tmp_path, {**TERM, "a/b~": 1, "term_uri": "x"}), "--json"
    )
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (answer["valid"], answer["kind"], answer["faults"]) == (False, "taxonomy_term", 1)
    assert answer["findings"][0]["place"] == "/term_uri"


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        ("", "line 1, column 1", "Expecting value"),
        ('{"id": 1', "line 1, column 9", ", is needed here"),
        ('{"contents": [{}\n{}]}', "line 2, column 1", ", is needed here"),
        ('{"contents": [{},]}', "line 1, column 18", "a comma before ]"),
        ('{"id": 1,}', "line 1, column 10", "a comma before }"),
        ('{"id": NaN}', "line 1, column 8", "NaN is not JSON"),
        ('{"id": 1} x', "line 1, column 11", "more follows after the end"),
        ("{id: 1}", "line 1, column 2", "Expecting value"),
        ("{1: 1}", "line 1, column 3", "a name in double quotes"),
        ('{"id" 1}', "line 1, column 7", ": is needed here"),
        ("[1", "line 1, column 3", "Expecting ',' delimiter"),
        ('{"a": ' + "[" * 100_000, "line 1", "nested too deeply"),
    ],
)
def test_what_is_not_json_is_refused_with_line_and_column(
    command: Run, tmp_path: Path, content: str, place: str, reason: str
) -> None:
    result = command("directory", "validate", written(tmp_path, content))
    assert result.exit_code == 1
    assert place in result.stderr
    assert reason in result.stderr


@pytest.mark.parametrize("content", ["[]", "null", "7", '"x"', "[{}]"])
def test_json_that_is_no_object_is_refused(command: Run, tmp_path: Path, content: str) -> None:
    result = command("directory", "validate", written(tmp_path, content))
    assert result.exit_code == 1
    assert "the document: must be one object, or one page" in result.stderr


@pytest.mark.parametrize("content", ["{}", '{"colour": "red"}', '{"contents": [{"colour": 1}]}'])
def test_an_object_of_no_kind_is_refused(command: Run, tmp_path: Path, content: str) -> None:
    result = command("directory", "validate", written(tmp_path, content))
    assert result.exit_code == 1
    assert "has no field of any HSDS object" in result.stderr


def test_what_the_objects_are_meant_to_be_can_be_said(command: Run, tmp_path: Path) -> None:
    assert command("directory", "validate", written(tmp_path, TERM), "--as", "service").exit_code == 1
    assert command("directory", "validate", written(tmp_path, TERM), "--as", "castle").exit_code == 2


def test_a_page_before_its_head_is_read_all_the_same(command: Run, tmp_path: Path) -> None:
    page = {"contents": [TERM] * 100, "total_items": True}
    result = command("directory", "validate", written(tmp_path, page), "--json")
    assert json.loads(result.stdout)["objects"] == 100
    assert json.loads(result.stdout)["findings"] == [
        {"place": "/total_items", "reason": "must be a number, not true"}
    ]


def test_findings_beyond_those_kept_are_counted(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "KEPT", 3)
    result = command("directory", "validate", written(tmp_path, {"contents": [{"term_uri": 1}] * 9}))
    assert "36 faults (page of taxonomy_term, 9 objects, the first 3 named)" in result.stdout
    assert result.stderr.count("error:") == 3


def test_a_missing_file_an_empty_folder_and_stray_bytes_are_refused(command: Run, tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"name": "\xf1"}')
    for target in (tmp_path / "none.json", tmp_path, tmp_path / "latin.json"):
        assert command("directory", "validate", target).exit_code == 1
    assert "is not UTF-8 (byte 10)" in command("directory", "validate", tmp_path / "latin.json").stderr


def test_a_byte_order_mark_is_no_fault(command: Run, tmp_path: Path) -> None:
    assert command("directory", "validate", written(tmp_path, "\ufeff" + json.dumps(TERM))).exit_code == 0
