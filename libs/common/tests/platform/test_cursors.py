"""The cursors of lists: any other text is refused with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_service import sample_application
from solidary.language.problems import Invalid
from solidary.platform.identity import Duty
from solidary.platform.web import pages
from solidary.platform.web.cursors import decode_cursor, encode_cursor
from solidary_testing.servers import api_client

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.uuids().map(str)
    | st.datetimes().map(str),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=3), some, max_size=2),
    max_leaves=4,
)


def faulty_places(after: str) -> list[str]:
    try:
        decode_cursor(after, pages.CURSOR)
    except Invalid as refused:
        return [fault.pointer for fault in refused.faults]
    return []


@given(
    after=st.text(max_size=200)
    | st.lists(ANY_JSON, min_size=2, max_size=2).map(lambda position: encode_cursor(*position))
)
def test_any_other_text_than_a_cursor_is_refused_with_its_place(after):
    assert faulty_places(after) in ([], ["query: after"])


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_earliest_and_latest_times_are_valid_cursors(run, sample_database, tokens, at):
    after = encode_cursor(at, "6f1f0d5e-7a53-4a0e-9d0e-1a4f6f0b7c11")
    headers = tokens.of("unhcr", Duty.INTEGRATOR)
    async with api_client(sample_application(run, sample_database, None)) as api:
        assert (await api.get("/work", params={"after": after}, headers=headers)).is_success
