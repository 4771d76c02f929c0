from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st
from solidary.platform.messaging.partitioner import partitions

UUIDS = st.uuids().map(lambda key: str(key).encode())
OTHER_KEYS = st.binary(max_size=50)


@given(st.lists(UUIDS, max_size=100) | st.lists(UUIDS | OTHER_KEYS, max_size=5), st.integers(1, 50))
def test_keys_go_to_the_partitions_that_another_producer_chooses(keys: list[bytes], count: int) -> None:
    assert partitions(keys, count) == [(murmur2(key) & 0x7FFFFFFF) % count for key in keys]


def test_keys_are_spread_over_all_partitions() -> None:
    keys = [f"{number:036d}".encode() for number in range(500)]
    assert set(partitions(keys, 12)) == set(range(12))
