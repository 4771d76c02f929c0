"""The states' table, and who moves a referral along it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from referrals.casework.referrals.rules import (
    LEADS,
    OPEN,
    STOPPABLE,
    WAY,
    NoPlaces,
    Side,
    State,
    may_become,
    may_read_package,
    move,
    must_have_places,
    without_ground,
)
from solidary.language.problems import NotAllowed

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("to", [state for state in State if state is not State.DRAFT])
@pytest.mark.parametrize("by", Side)
def test_a_referral_moves_along_the_table_and_by_the_side_that_leads(state, to, by):
    if may_become(state, to) and by in LEADS[to]:
        assert move(state, to, {by}) is to
    else:
        with pytest.raises(NotAllowed):
            move(state, to, {by})


def test_what_has_ended_moves_no_more_but_into_error():
    ended = [state for state in State if not WAY[state]]
    assert set(ended) == set(State) - OPEN - {State.DRAFT}
    for state in ended:
        assert [to for to in State if may_become(state, to)] == (
            [] if state is State.ENTERED_IN_ERROR else [State.ENTERED_IN_ERROR]
        )


@pytest.mark.parametrize("state", sorted(STOPPABLE))
def test_a_consents_end_stops_what_is_open_by_an_arrow_of_the_table(state):
    assert move(state, without_ground(state), {Side.CONSENT}) in (State.CANCELLED, State.FAILED)


def test_whatever_has_not_ended_can_be_stopped():
    assert set(State) - STOPPABLE == {state for state in State if not WAY[state]}


@pytest.mark.parametrize("state", State)
def test_the_package_is_read_between_acceptance_and_the_end_only(state):
    if state in (State.ACCEPTED, State.IN_PROGRESS, State.ON_HOLD):
        may_read_package(state)
    else:
        with pytest.raises(NotAllowed):
            may_read_package(state)


@pytest.mark.parametrize(
    ("available", "days_ago", "waiting_list", "although_full", "refused"),
    [
        (0, 1, False, False, True),
        (0, 14, False, False, True),
        (0, 15, False, False, False),
        (0, 1, True, False, False),
        (0, 1, False, True, False),
        (1, 1, False, False, False),
        (None, 1, False, False, False),
        (0, None, False, False, False),
    ],
)
def test_a_service_known_to_be_full_is_asked_first(available, days_ago, waiting_list, although_full, refused):
    said = None if days_ago is None else NOW - timedelta(days=days_ago)
    try:
        must_have_places(available, said, NOW, waiting_list=waiting_list, although_full=although_full)
    except NoPlaces:
        assert refused
    else:
        assert not refused
