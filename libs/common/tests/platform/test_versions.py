"""`If-Match`: the versions that a header names."""

from __future__ import annotations

import pytest
from solidary.language.problems import Invalid
from solidary.platform.web.versions import MAX_LENGTH, matches


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"a"', True),
        ('"b", "a"', True),
        ('"b"', False),
        ('W/"a"', False),
        ('"b",W/"a"', False),
        ('"A"', False),
        ('""', False),
        ("*", True),
        (" * ", True),
    ],
)
def test_versions_are_compared_strongly(header, expected):
    assert matches(header, "a") is expected


@pytest.mark.parametrize(
    "header", ["a", "", ",", '"a" "b"', '"a", *', 'w/"a"', '"a', '"' + "a" * MAX_LENGTH + '"']
)
def test_header_that_names_no_version_is_refused_rather_than_ignored(header):
    with pytest.raises(Invalid):
        matches(header, "a")
