"""One moment for all databases, as far as it is decided without a server."""

from __future__ import annotations

import pytest
from operations.backup.errors import BackupError
from operations.backup.snapshots import snapshot_order
from operations.backup.topics import new_offset
from stack.services import SERVICES, called_services


def test_a_caller_comes_before_the_services_that_it_calls() -> None:
    order = snapshot_order(SERVICES, called_services)
    assert sorted(order) == sorted(SERVICES)
    for caller in SERVICES:
        for called in called_services(caller):
            assert order.index(caller) < order.index(called)


def test_services_that_call_each_other_have_no_order() -> None:
    with pytest.raises(BackupError, match="call each other in a circle: a, b"):
        snapshot_order(["a", "b", "c"], lambda name: {"a": "b", "b": "a", "c": ""}[name])


@pytest.mark.parametrize(
    ("before", "committed", "expected"),
    [([], 0, 0), ([5, 6, 9], 5, 0), ([5, 6, 9], 7, 2), ([5, 6, 9], 10, 3), ([5, 6, 9], 2, 0)],
)
def test_a_committed_offset_becomes_the_number_of_events_before_it(
    before: list[int], committed: int, expected: int
) -> None:
    assert new_offset(before, committed) == expected
