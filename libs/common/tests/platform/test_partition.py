from __future__ import annotations

import sys

import pytest
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st
from solidary.platform.messaging.partition import MANY, partitions

UUIDS = st.uuids().map(lambda key: str(key).encode())


@given(st.lists(UUIDS, max_size=2 * MANY) | st.lists(st.binary(max_size=50), max_size=5), st.integers(1, 50))
def test_keys_go_to_the_partitions_that_another_producer_chooses(keys: list[bytes], count: int) -> None:
    assert partitions(keys, count) == [(murmur2(key) & 0x7FFFFFFF) % count for key in keys]


def test_few_and_many_keys_go_to_the_same_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [f"{number:036d}".encode() for number in range(MANY)]
    many = partitions(keys, 12)
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    assert [partitions([key], 12) for key in keys] == [[partition] for partition in many]
    assert len(set(many)) == 12
