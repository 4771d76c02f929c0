"""A JSON file read whole or member by member, and the place of what is not JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solidary.files import json_document
from solidary.files.command_line import CommandError, InvalidInput
from solidary.files.json_document import JsonDocument
from solidary.language.text import fold

BROKEN = [
    ("", "line 1, column 1", "Expecting value."),
    ('{"id": 1', "line 1, column 9", "A comma is required here."),
    ('{"contents": [{}\n{}]}', "line 2, column 1", "A comma is required here."),
    ('{"contents": [{},]}', "line 1, column 18", "There is a comma before ]."),
    ('{"id": 1,}', "line 1, column 10", "There is a comma before }."),
    ('{"id": NaN}', "line 1, column 8", "NaN is not part of JSON."),
    ('{"id": 1e999}', "line 1, column 8", "The number 1e999 is too large, or has too many digits."),
    (
        '{"id": 1,\n "id": 2}',
        "line 2, column 2",
        "An object has the member «id» twice: at line 1, column 2 and at line 2, column 2.",
    ),
    (
        '{"a": [{"b": 1},\n{"b": {}, "b": 2}]}',
        "line 1, column 7",
        "An object has the member «b» twice: at line 2, column 2 and at line 2, column 11.",
    ),
    ('{"id": 1} x', "line 1, column 11", "There is more text after the end."),
    ("{id: 1}", "line 1, column 2", "Expecting value."),
    ("{1: 1}", "line 1, column 3", "A name in double quotes is required here."),
    ('{"id" 1}', "line 1, column 7", "A colon is required here."),
    ('{"a": ' + "[" * 100_000, "line 1, column 7", "The value is nested too deeply."),
]


def written(folder: Path, text: str) -> JsonDocument:
    path = folder / "file.json"
    path.write_text(text, encoding="utf-8")
    return JsonDocument(path)


@pytest.mark.parametrize(("text", "place", "reason"), BROKEN)
def test_invalid_json_is_refused_with_line_and_column(
    tmp_path: Path, text: str, place: str, reason: str
) -> None:
    document = written(tmp_path, text)
    with pytest.raises(InvalidInput) as error:
        list(document.members(itemwise="contents"))
    assert error.value.place == place
    assert error.value.reason == f"The file is not JSON. {reason}"


def test_members_come_one_by_one_and_an_array_item_by_item(tmp_path: Path) -> None:
    document = written(tmp_path, '{"size": 2, "contents": [{"a": 1}, [2]], "empty": []}')
    assert list(document.members(itemwise="contents")) == [
        (("size",), 2),
        (("contents",), []),
        (("contents", 0), {"a": 1}),
        (("contents", 1), [2]),
        (("empty",), []),
    ]


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).map(fold)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(value=JSON, contents=st.lists(JSON, max_size=3), indent=st.none() | st.integers(0, 2))
def test_any_document_is_read_as_the_standard_library_reads_it(
    tmp_path_factory: pytest.TempPathFactory, value: Any, contents: list[Any], indent: int | None
) -> None:
    whole = {"value": value, "contents": contents}
    document = written(tmp_path_factory.getbasetemp(), "\ufeff" + json.dumps(whole, indent=indent))
    assert document.is_object()
    assert document.read() == whole
    members = dict(document.members(itemwise="contents"))
    assert members == {
        ("value",): value,
        ("contents",): [],
        **{("contents", index): item for index, item in enumerate(contents)},
    }


def test_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    latin = tmp_path / "latin.json"
    latin.write_bytes(b'{"name": "\xf1"}')
    with pytest.raises(InvalidInput, match=r"latin\.json: The file is not UTF-8 \(byte 10\)\."):
        JsonDocument(latin)
    with pytest.raises(InvalidInput, match=r"none\.json: No such file"):
        JsonDocument(tmp_path / "none.json")
    monkeypatch.setattr(json_document, "LARGEST_FILE", 10)
    with pytest.raises(CommandError, match="larger than 1 GiB"):
        JsonDocument(latin)
