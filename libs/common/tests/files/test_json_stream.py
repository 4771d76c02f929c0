"""Large JSON documents that are read in parts."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solidary.files.command_line import InvalidInput
from solidary.files.json_stream import JsonStream
from solidary.language.text import fold

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).map(fold)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
ITEMWISE = {("cells", "features")}


def members(text: str, size: int, largest: int = 10_000):
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    return list(JsonStream(parts, largest=largest).members(ITEMWISE))


@given(st.lists(VALUES, max_size=5), VALUES, st.integers(1, 50), st.sampled_from([None, 1]))
def test_members_are_those_of_the_document_however_it_is_cut(features, other, size, indent):
    document = {"code": other, "cells": {"type": other, "features": features}, "last": other}
    text = json.dumps(document, indent=indent, ensure_ascii=bool(indent))
    assert members(text, size) == [
        (("code",), other),
        (("cells", "type"), other),
        *((("cells", "features", index), feature) for index, feature in enumerate(features)),
        (("last",), other),
    ]


WRITTEN = st.text(st.sampled_from(' a",:}]\\\t\x7f\u00a0\u0301é'), max_size=6)
WRITTEN_VALUES = st.recursive(
    st.floats(allow_nan=False, allow_infinity=False) | WRITTEN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WRITTEN, inner, max_size=3),
    max_leaves=8,
)


def folded(value):
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, dict):
        return {name: folded(inner) for name, inner in value.items()}
    return [folded(inner) for inner in value] if isinstance(value, list) else value


@given(WRITTEN_VALUES, st.sampled_from([None, 1]), st.booleans(), st.sampled_from([(",", ":"), (", ", ": ")]))
def test_each_string_of_a_value_is_folded(value, indent, ascii_only, separators):
    text = json.dumps({"a": value}, indent=indent, ensure_ascii=ascii_only, separators=separators)
    assert members(text, 1000) == [(("a",), folded(value))]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('{"b":{"c":1,"c":1}}', "twice"),
        ('{"b" :1,"b":":"}', "twice"),
        ('[{"b":1,"b":1}]', "twice"),
        ('{"b":1e999}', "too large"),
        ("[1.5,-1E+400]", "too large"),
        ('{"b":-Infinity}', "not part of JSON"),
        ("[0." + "1" * 99 + "]", "too many digits"),
        ('{"b": ' + "1" * 101 + "}", "too many digits"),
        ("-" + "1" * 100, "too many digits"),
    ],
)
def test_value_with_two_meanings_or_none_is_refused_wherever_it_stands(value, reason):
    for text in (f'{{"cells":{{"features":[{value}]}}}}', f'{{"a": {value} }}'):
        with pytest.raises(InvalidInput, match=reason):
            members(text, 1000)


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "line 1, column 1", "{ is required"),
        ("[]", "line 1, column 1", "{ is required"),
        ('{"a":1,}', "line 1, column 8", "double quotes"),
        ('{"a":1}x', "line 1, column 8", "after the end"),
        ('{"code":\n nothing}', "line 2, column 2", "Expecting value"),
        ('{"cells":{"features":[1 2]}}', "line 1, column 25", ", is required"),
        ('{"cells":{"features":[1,]}}', "line 1, column 25", "Expecting value"),
        ('{"a":1,"a":2}', "line 1, column 11", "twice"),
        ('{"a":{"b":1,"b":2}}', "line 1, column 6", "twice"),
        ('{"a":NaN}', "line 1, column 6", "NaN is not part of JSON"),
        ('{"a":' + "9" * 5000 + "}", "line 1, column 6", "too many digits"),
        ('{"a":' + "[" * 9_000, "line 1, column 6", "nested too deeply"),
        ('{"a":"' + "x" * 20_000 + '"}', "line 1", "more than 10,000 characters"),
        ('{"a":"x', "line 1, column 6", "Unterminated"),
    ],
)
def test_invalid_json_is_refused_with_its_place(text, place, reason, size):
    with pytest.raises(InvalidInput, match=reason) as refused:
        members(text, size)
    assert refused.value.place == place


def test_memory_is_that_of_the_largest_value_and_not_of_the_document():
    def parts():
        yield '{"cells":{"features":[0'
        for _ in range(200):
            yield ',{"id":"%s"}' % ("x" * 100_000)
        yield "]}}"

    tracemalloc.start()
    try:
        number = sum(1 for _ in JsonStream(parts(), largest=200_000).members(ITEMWISE))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert number == 201
    assert peak < 8 * 2**20
