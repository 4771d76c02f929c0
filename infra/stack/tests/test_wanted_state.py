from __future__ import annotations

from typing import Any

import pytest
from stack.provision.admin_api import contains


@pytest.mark.parametrize(
    ("current", "wanted", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({}, {"a": False}, False),
        ({"a": {"x": "1", "y": "2"}}, {"a": {"x": "1"}}, True),
        ({"a": {"x": "1"}}, {"a": {"x": "2"}}, False),
        ({"a": ["en", "es"]}, {"a": ["es", "en"]}, True),
        ({"a": ["en", "es", "fr"]}, {"a": ["es", "en"]}, False),
        ({"a": [{"n": 1, "v": True}]}, {"a": [{"v": True, "n": 1}]}, True),
        ({"a": [{"n": 1, "v": False}]}, {"a": [{"v": True, "n": 1}]}, False),
        ({"a": "x"}, {"a": {"x": "1"}}, False),
    ],
)
def test_only_wanted_fields_are_compared(current: Any, wanted: Any, expected: bool) -> None:
    assert contains(current, wanted) is expected
