"""Our models compared with Open Referral's schema, in both directions, on single changes of its examples."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.protocols import Validator
from referrals.engines.hsds.kinds import BY_NAME, KINDS
from referrals.engines.hsds.validation import ValidationReport, validate

Official = Callable[[str], Validator]
Place = tuple[str | int, ...]

EXAMPLES = (
    "base",
    "location",
    "organization_full",
    "organization_list",
    "service_at_location_full",
    "service_at_location_list",
    "service_full",
    "service_list",
    "taxonomy",
    "taxonomy_list",
    "taxonomy_term",
    "taxonomy_term_list",
)
OTHERS: tuple[Any, ...] = (None, True, 0, 7, -1.5, 10.0, "", "x", [], {}, [None], ["x"], [{}])
REMOVED = object()

WITHOUT_A_KIND = "This has no field of any HSDS object"
"""Our only error in what the schema accepts: an object whose kind cannot be known (docs/using/directory.md)."""


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield from places(part, (*at, step))


def found(value: Any, at: Place) -> Any:
    for step in at:
        value = value[step]
    return value


def changed(document: Any, at: Place, value: Any) -> Any:
    """Return a copy with the value at that place, or without the place."""
    if not at:
        return value
    document = copy.deepcopy(document)
    holder = found(document, at[:-1])
    if value is REMOVED:
        del holder[at[-1]]
    else:
        holder[at[-1]] = value
    return document


def nearly(text: str) -> Iterator[str]:
    """Yield texts that a typing mistake or a careless export makes of this one."""
    yield from (
        text[1:],
        text[:-1],
        text[:10],
        text + " ",
        " " + text,
        text + "\n",
        text + "é",
        text + "/a b",
    )
    yield from (text.replace(sign, "") for sign in "-:@.")
    yield from (text.upper(), text.lower(), text.replace("T", "t"), text.replace("T", " "))
    yield from ("urn:uuid:" + text, f"{{{text}}}", "http://[::1]:80/x", "http://[1::2::3]", "//example.org")
    yield from (text + "/a b", "mailto:a@b", "a@b", "@", "2024-02-30")


def variants(document: Any, at: Place) -> Iterator[Any]:
    """Yield single changes at one place: removed, another type, or nearly the same text."""
    value = found(document, at)
    if at:
        yield changed(document, at, REMOVED)
        yield changed(document, at, {"id": 1})
    yield from (changed(document, at, other) for other in OTHERS)
    if isinstance(value, str):
        yield from (changed(document, at, text) for text in nearly(value))
    if isinstance(value, list):
        yield changed(document, at, [*value, None])
        yield changed(document, at, value * 2)
    if isinstance(value, dict):
        yield changed(document, at, {**value, "of_our_own": "kept"})


def slim(value: Any, depth: int = 0) -> Any:
    """Return the same without the classifications and change records of nested objects, which repeat everywhere."""
    if isinstance(value, list):
        return [slim(part, depth) for part in value]
    if not isinstance(value, dict):
        return value
    kept = {name: part for name, part in value.items() if not (depth and name in ("attributes", "metadata"))}
    return {name: slim(part, depth + 1) for name, part in kept.items()}


class Comparison:
    """A comparison of both validations on changed documents, which counts where they disagree."""

    def __init__(self, oracle: Validator, file: Path, kind: str | None = None):
        self.oracle, self.file, self.kind = oracle, file, BY_NAME[kind] if kind else None
        self.refused = self.accepted = 0

    def compare(self, document: Any) -> None:
        self.file.write_text(json.dumps(document), encoding="utf-8")
        report = validate(self.file, self.kind)
        if not self.oracle.is_valid(document):
            assert not report.is_valid, f"the schema refuses this, we accept it: {document}"
            self.refused += 1
        elif report.is_valid:
            self.accepted += 1
        else:
            assert all(finding.reason.startswith(WITHOUT_A_KIND) for finding in report.findings), (
                report.findings
            )


def read(hsds: Path, example: str) -> Any:
    return json.loads((hsds / "examples" / f"{example}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", [*EXAMPLES, "tabular"])
def test_published_example_is_valid(hsds: Path, official: Official, example: str) -> None:
    path = hsds / "examples" / f"{example}.json"
    if example != "tabular":
        assert official(example).is_valid(read(hsds, example))
    assert validate(path).findings == []


def test_published_csv_package_is_valid(hsds: Path) -> None:
    report = validate(hsds / "examples" / "csv")
    assert (report.findings, report.objects) == ([], 24)


@pytest.mark.parametrize("example", EXAMPLES)
def test_single_changes_have_the_result_of_the_schema(
    hsds: Path, official: Official, tmp_path: Path, example: str
) -> None:
    document = slim(read(hsds, example))
    comparison = Comparison(
        official(example), tmp_path / "changed.json", "api" if example == "base" else None
    )
    depth = 3 if example.endswith("_list") else 1
    for at in places(document):
        if len(at) <= depth:
            for variant in variants(document, at):
                comparison.compare(variant)
    assert comparison.refused
    assert comparison.accepted


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if kind.name != "api"])
def test_changed_field_has_the_result_of_the_schema(
    hsds: Path, official: Official, tmp_path: Path, kind: str
) -> None:
    """Change one object of each kind, built from the schema's own example values (its numbers are text there)."""
    schema = json.loads((hsds / "schema" / f"{kind}.json").read_text(encoding="utf-8"))
    fields = schema["properties"].items()
    document = {
        name: int(field["example"]) if field["type"] == "number" else field["example"]
        for name, field in fields
        if "example" in field
    }
    if kind == "service_capacity":
        document["unit"] = {"id": document["id"], "name": "bed"}
    comparison = Comparison(official(f"{kind}.json"), tmp_path / "changed.json", kind)
    comparison.compare(document)
    assert comparison.accepted == 1
    for name, _ in fields:
        full = {**document, name: document.get(name, [])}
        for variant in variants(full, (name,)):
            comparison.compare(variant)
    assert comparison.refused
    assert set(BY_NAME[kind].fields) >= set(schema["properties"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FORMATTED = st.one_of(
    st.uuids().map(str),
    st.uuids().map(lambda uuid: uuid.urn),
    st.emails(),
    st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
    st.from_regex(r"\A[a-z]{1,5}:(//[a-z0-9@:.\[\]%]{0,12})?(/[a-z0-9%?#\[\]|é]{0,6}){0,2}\Z"),
    st.from_regex(
        r"\A[0-9]{4}-[01][0-9]-[0-3][0-9][Tt][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]+)?(Z|[+-]0[0-9]:00)\Z"
    ),
)


@given(data=st.data())
@settings(max_examples=250, deadline=None)
def test_any_value_in_any_place_has_the_result_of_the_schema(
    hsds: Path, official: Official, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    example = data.draw(st.sampled_from(EXAMPLES))
    document = read(hsds, example)
    at = data.draw(st.sampled_from([at for at in places(document) if at]))
    value = data.draw(JSON | FORMATTED | st.just(REMOVED))
    if isinstance(at[-1], int) and value is REMOVED:
        value = None
    file = tmp_path_factory.getbasetemp() / "any.json"
    comparison = Comparison(official(example), file, "api" if example == "base" else None)
    comparison.compare(changed(document, at, value))


@pytest.mark.parametrize("example", ["service_full", "organization_full", "location", "service_list"])
def test_object_is_written_again_unchanged(hsds: Path, example: str) -> None:
    document = read(hsds, example)
    value = document["contents"][0] if "contents" in document else document
    model = BY_NAME[example.split("_")[0]].model
    assert model.model_validate(value).model_dump(mode="json", exclude_unset=True) == value


def test_report_without_faults_is_valid() -> None:
    assert ValidationReport("service").is_valid
