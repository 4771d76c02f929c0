"""Text that comes in is folded, or refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solidary.language.text import fault_in_text, fold
from solidary_testing.inputs import meaningless_texts, odd_texts


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("plain", "plain"),
        (" Ana\u00a0\u2003Mora\t", "Ana Mora"),
        ("Jose\u0301", "José"),
        ("An\u200ba\ufeff", "Ana"),
        ("Ana\u200d", "Ana"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("\u202e8-123\u202c", "8-123"),
        ("a  b\r\nc \u2028\n d", "a b\nc\n\nd"),
        ("\u200b\u00a0", ""),
        ("\u3164", ""),
        ("x\x1b[31m", "x[31m"),
        ("", ""),
    ],
)
def test_text_is_kept_without_what_nobody_sees(text, folded):
    assert fold(text) == folded


@given(odd_texts() | st.text())
def test_folding_twice_changes_nothing(text):
    folded = fold(text)
    assert fold(folded) == folded == unicodedata.normalize("NFC", folded)


@given(meaningless_texts())
def test_meaningless_text_has_a_fault(text):
    assert fault_in_text(text) is not None
