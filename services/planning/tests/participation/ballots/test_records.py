"""Tests of the content of a ballot box."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning.participation.ballots import records, schemas
from planning.participation.ballots.records import BallotRecord, decode_ballots, encode_ballots
from solidary.language.codes.people import Community

ACTIONS = 11

ballots = st.lists(
    st.builds(
        BallotRecord,
        st.sampled_from(records.COMMUNITIES),
        st.sampled_from(records.CHANNELS),
        st.frozensets(st.integers(0, ACTIONS - 1)),
    )
)

STORED = bytes.fromhex("01000104020003")
"""A content of version 1 with three actions: a refugee on paper for the third, a host online for the first two."""


def test_a_stored_box_of_version_1_is_read():
    assert decode_ballots(STORED, 3) == [
        BallotRecord("refugee", "paper", frozenset({2})),
        BallotRecord("host", "online", frozenset({0, 1})),
    ]


@given(ballots)
def test_a_box_returns_its_ballots(inside):
    assert Counter(decode_ballots(encode_ballots(inside, ACTIONS), ACTIONS)) == Counter(inside)


@given(ballots, st.randoms())
def test_the_order_in_which_ballots_were_cast_leaves_no_trace(inside, random):
    shuffled = random.sample(inside, len(inside))
    assert encode_ballots(shuffled, ACTIONS) == encode_ballots(inside, ACTIONS)


@given(ballots)
def test_the_length_shows_the_number_of_ballots_and_nothing_else(inside):
    assert len(encode_ballots(inside, ACTIONS)) == 1 + 4 * len(inside)


@pytest.mark.parametrize("content", [b"", b"\x02", STORED[:-1]])
def test_another_version_or_length_is_refused(content):
    with pytest.raises(ValueError, match="another version or length"):
        decode_ballots(content, 3)


def test_every_community_and_channel_has_a_number():
    assert set(records.COMMUNITIES) == set(Community)
    channels = schemas.BallotIn.model_fields["channel"].annotation.__args__
    assert set(records.CHANNELS) == set(channels)
