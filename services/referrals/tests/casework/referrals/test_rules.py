from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from referrals.casework.referrals.rules import (
    OPEN_STATES,
    REFERRAL_TRANSITIONS,
    UNFINISHED_STATES,
    Party,
    ReferralState,
    require_free_places,
    require_readable_package,
    step_at_consent_end,
)
from referrals.problems import NoFreePlaces
from solidary.language.problems import ActorNotAllowed, NotAllowed, TransitionNotAllowed

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PAGE = Path(__file__).parents[5] / "docs/using/referrals.md"
STEPS = sorted({transition.step for transition in REFERRAL_TRANSITIONS.transitions})


def test_documentation_has_the_table_of_transitions():
    assert REFERRAL_TRANSITIONS.markdown() in PAGE.read_text("utf-8")


@pytest.mark.parametrize("state", ReferralState)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("party", Party)
def test_step_needs_its_state_and_its_party(state, step, party):
    listed = [each for each in REFERRAL_TRANSITIONS.transitions if (each.step, each.source) == (step, state)]
    if not listed:
        with pytest.raises(TransitionNotAllowed):
            REFERRAL_TRANSITIONS.apply(state, step, {party})
    elif party not in listed[0].by:
        with pytest.raises(ActorNotAllowed):
            REFERRAL_TRANSITIONS.apply(state, step, {party})
    else:
        assert REFERRAL_TRANSITIONS.apply(state, step, {party}) is listed[0].target


def test_only_the_sender_changes_an_ended_referral_to_entered_in_error():
    ended = set(ReferralState) - OPEN_STATES - {ReferralState.DRAFT, ReferralState.ENTERED_IN_ERROR}
    for state in ended:
        assert REFERRAL_TRANSITIONS.steps(state) == ("enter in error",)
        with pytest.raises(ActorNotAllowed):
            REFERRAL_TRANSITIONS.apply(state, "enter in error", {Party.RECEIVER})
    assert REFERRAL_TRANSITIONS.is_final(ReferralState.ENTERED_IN_ERROR)


@pytest.mark.parametrize("state", sorted(UNFINISHED_STATES))
def test_end_of_consent_ends_every_unfinished_referral(state):
    ended = REFERRAL_TRANSITIONS.apply(state, step_at_consent_end(state), {Party.CONSENT_END})
    assert ended in (ReferralState.CANCELLED, ReferralState.FAILED)


def test_referral_to_cash_assistance_has_no_package():
    with pytest.raises(NotAllowed, match="cash assistance"):
        require_readable_package(ReferralState.ACCEPTED, "cash")


@pytest.mark.parametrize("state", ReferralState)
def test_package_is_readable_between_acceptance_and_the_end_only(state):
    if state in (ReferralState.ACCEPTED, ReferralState.IN_PROGRESS, ReferralState.ON_HOLD):
        require_readable_package(state)
    else:
        with pytest.raises(NotAllowed):
            require_readable_package(state)


@pytest.mark.parametrize(
    ("available", "days_ago", "has_waiting_list", "although_full", "is_refused"),
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
def test_service_known_to_be_full_is_refused(
    available, days_ago, has_waiting_list, although_full, is_refused
):
    updated_at = None if days_ago is None else NOW - timedelta(days=days_ago)
    try:
        require_free_places(
            available, updated_at, NOW, has_waiting_list=has_waiting_list, although_full=although_full
        )
    except NoFreePlaces:
        assert is_refused
    else:
        assert not is_refused
