"""The checks on a body's JSON before any schema sees it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solidary.platform.web.json_text import MAX_MEMBERS, MAX_VALUES, read_body

TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20).map(lambda text: f"a{text}")
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
)


@given(DOCUMENTS)
def test_sound_documents_have_no_faults(document):
    assert read_body(json.dumps(document, ensure_ascii=False).encode())[1] == []
    assert read_body(json.dumps(document).encode())[1] == []


@pytest.mark.parametrize(
    ("body", "pointer", "reason"),
    [
        (rb'{"a": ["x", "\ud83d"]}', "/a/1", "lone surrogate"),
        (rb'{"a": "\u0000"}', "/a", "U+0000"),
        ('{"a": {"b/c": "\u200b"}}'.encode(), "/a/b~1c", "no visible character"),
        ('{"a": "\u00a0 \u3000"}'.encode(), "/a", "no visible character"),
        ('{"a": "\u3164"}'.encode(), "/a", "no visible character"),
        (b'{"a": "' + b"9" * 5000 + b'"}', "/a", "more than 100 digits"),
        (b'{"a": ' + b"9" * 5000 + b"}", "/a", "too many digits"),
        (b'{"a": 1e999}', "/a", "too many digits"),
        (b'{"a": NaN}', "/a", "NaN is not part of JSON"),
        (
            b'{"a": {"b": 1, "b": 2}}',
            "/a",
            "the member «b» twice: at line 1, column 8 and at line 1, column 16.",
        ),
        (
            b'[[], {"c": "}", "x": [0, {"d": 1,\n"e": ",", "d": 2}]}]',
            "/1/x/1",
            "column 27 and at line 2, column 11.",
        ),
        (rb'{"\ud83d": 1}', "/\ud83d", "lone surrogate"),
        (b"[" * 100 + b"]" * 100, "/0" * 64, "nested too deeply"),
        (b"[" * 100_000, "", "nested too deeply"),
        (b'{"a": ', "", "line 1, column 7"),
        ('{"a": "\u00e9"}'.encode("latin-1"), "", "not UTF-8"),
        (b"[0" + b",0" * (MAX_VALUES + 1) + b"]", "", "100,000 values"),
        (json.dumps(dict.fromkeys(map(str, range(MAX_MEMBERS + 1)))).encode(), "", "1,000 members"),
        (json.dumps({"n" * 201: 1}).encode(), "", "more than 200 characters"),
    ],
)
def test_document_that_nobody_means_has_a_fault_at_its_place(body, pointer, reason):
    _, (fault,) = read_body(body)
    assert fault.pointer == pointer
    assert reason in fault.detail


def test_faults_are_cut_at_a_number():
    assert len(read_body(json.dumps(["\0"] * 5_000).encode())[1]) == 100


@pytest.mark.parametrize("text", ["José", "محمد الحسيني", "Łódź", "李", "👨‍👩‍👧", "", "a\nb\tc", "0" * 100])
def test_text_that_somebody_writes_has_no_fault(text):
    assert read_body(json.dumps({"a": text}).encode())[1] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" Ana\u00a0\u00a0Mora ", "Ana Mora"),
        ("An\u200ba", "Ana"),
        ("Jose\u0301", "José"),
        ("a \t b\r\n\r\n c", "a b\n\nc"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u202eanA", "anA"),
        ("plain", "plain"),
    ],
)
def test_texts_of_a_body_are_folded(text, kept):
    body, faults = read_body(json.dumps({"a": [text, 1.5]}).encode())
    assert (json.loads(body), faults) == ({"a": [kept, 1.5]}, [])


@given(DOCUMENTS)
def test_folding_twice_changes_nothing(document):
    folded, _ = read_body(json.dumps(document).encode())
    assert read_body(folded)[0] == folded
