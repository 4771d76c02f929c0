"""Tests of ballot cards and ballots over HTTP."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest


async def test_a_card_is_valid_for_one_ballot(api, balloting, facilitator, planner, vote, cast, ballot):
    plan, actions, _ = balloting
    cards = await vote(plan, facilitator, actions)
    forged = await cast(
        plan, facilitator, ballot("3-AAAAAAAAAAAA", "host"), ballot(cards[1], "host", actions[0])
    )
    assert forged.status_code == 422
    assert [fault["pointer"] for fault in forged.json()["errors"]] == ["/ballots/0/card"]
    used = await cast(plan, facilitator, ballot(cards[1], "host", actions[0]))
    detail = "This card was used already. A card is valid for one ballot."
    assert used.json()["errors"] == [{"pointer": "/ballots/0/card", "detail": detail}]
    assert used.json()["detail"].startswith("The ballots have 1 fault; none was cast.")
    turnout = (await api.get(f"{plan}/turnout", headers=planner)).json()
    assert (turnout["cards"], turnout["ballots"]) == (10, 10)
    assert {line["community"]: line["ballots"] for line in turnout["lines"]} == {
        "host": 6,
        "migrant": 2,
        "refugee": 2,
    }


async def test_a_card_sent_several_times_at_once_casts_one_ballot(
    api, balloting, facilitator, planner, cast, ballot
):
    plan, actions, _ = balloting
    card = (await api.post(f"{plan}/cards", json={"count": 1}, headers=facilitator)).json()["cards"][0]
    answers = await asyncio.gather(
        *(cast(plan, facilitator, ballot(card, "host", action)) for action in actions)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422]
    assert (await api.get(f"{plan}/turnout", headers=planner)).json()["ballots"] == 1


@pytest.mark.parametrize("change", [{"community": "asylum_seeker"}, {"channel": "shouted"}, {"name": "Ana"}])
async def test_a_ballot_has_a_community_but_no_status_and_no_name(
    balloting, facilitator, cast, ballot, change
):
    plan, _, _ = balloting
    answer = await cast(plan, facilitator, ballot("1-X", "host") | change)
    assert answer.status_code == 422
    (name,) = change
    assert f"/ballots/0/{name}" in [fault["pointer"] for fault in answer.json()["errors"]]


async def test_an_approval_of_an_unknown_action_is_reported(api, balloting, facilitator, cast, ballot):
    plan, actions, _ = balloting
    card = (await api.post(f"{plan}/cards", json={"count": 1}, headers=facilitator)).json()["cards"][0]
    answer = await cast(plan, facilitator, ballot(card, "host", actions[0], str(uuid4())))
    assert answer.json()["errors"][0]["pointer"] == "/ballots/0/approvals/1"


async def test_cards_beyond_those_issued_are_not_found(api, balloting, facilitator):
    plan, _, _ = balloting
    answer = await api.get(f"{plan}/cards", params={"first": 2}, headers=facilitator)
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "There is no card 2: this round has 0 cards.",
    )
