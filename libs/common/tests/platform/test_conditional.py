"""The form of a stored response that a request accepts, and the version that its caller has."""

from __future__ import annotations

import pytest
from solidary.platform.web import accepts_gzip, matches_etag


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip, br", True),
        ("deflate, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.00", False),
        ("br", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_whom_accepts_it(header, accepted):
    assert accepts_gzip(header) is accepted


@pytest.mark.parametrize(
    ("header", "matches"),
    [('W/"a", "b"', True), ('"a"', True), ('"b"', False), ("*", True), ("a", False), ("", False)],
)
def test_version_is_compared_weakly(header, matches):
    assert matches_etag(header, "a") is matches
