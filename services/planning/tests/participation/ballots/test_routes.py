"""Tests of ballots over HTTP."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from planning.participation.ballots import commands
from solidary_testing.servers import api_client, settings_for


async def test_a_card_is_valid_for_one_ballot(api, balloting, caster, planner, vote, cast, ballot):
    plan, actions, _ = balloting
    station, cards = await vote(plan, actions)
    forged = await cast(
        station, caster, ballot("3-AAAAAAAAAAAA", "host"), ballot(cards[1], "host", actions[0])
    )
    assert forged.status_code == 422
    assert [fault["pointer"] for fault in forged.json()["errors"]] == ["/ballots/0/card", "/ballots/1/card"]
    used = await cast(station, caster, ballot(cards[1], "host", actions[0]))
    detail = "This card was used already. A card is valid for one ballot."
    assert used.json()["errors"] == [{"pointer": "/ballots/0/card", "detail": detail}]
    assert used.json()["detail"].startswith("The ballots have 1 fault; none was cast.")
    turnout = (await api.get(f"{plan}/turnout", headers=planner)).json()
    assert (turnout["issued"], turnout["cast"]) == (10, 10)


async def test_a_card_sent_several_times_at_once_casts_one_ballot(
    api, balloting, issuer, caster, planner, open_station, issue, cast, ballot
):
    plan, actions, _ = balloting
    station = await open_station(plan, issuer)
    (card,) = await issue(station, 1)
    answers = await asyncio.gather(
        *(cast(station, caster, ballot(card, "host", action)) for action in actions)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422]
    assert (await api.get(f"{plan}/turnout", headers=planner)).json()["cast"] == 1


async def test_ballots_cast_at_once_are_all_in_the_box(
    api, balloting, issuer, caster, planner, open_station, issue, cast, ballot, reconcile, advance
):
    plan, actions, _ = balloting
    station = await open_station(plan, issuer)
    cards = await issue(station, 12)
    answers = await asyncio.gather(
        *(cast(station, caster, ballot(card, "host", actions[n % 3])) for n, card in enumerate(cards))
    )
    assert {answer.status_code for answer in answers} == {201}
    await reconcile(station)
    await advance(plan, planner, "ballots_reviewed")
    lines = (await api.get(f"{plan}/turnout", headers=planner)).json()["lines"]
    assert lines == [{"community": "host", "channel": "paper", "ballots": 12}]


async def test_a_full_box_is_followed_by_another(
    api,
    balloting,
    issuer,
    caster,
    planner,
    open_station,
    issue,
    cast,
    ballot,
    reconcile,
    advance,
    monkeypatch,
):
    monkeypatch.setattr(commands, "BOX_SIZE", 3)
    plan, actions, _ = balloting
    station = await open_station(plan, issuer)
    cards = await issue(station, 8)
    for some in (cards[:2], cards[2:4], cards[4:5], cards[5:8]):
        ballots = [ballot(card, "migrant", actions[1]) for card in some]
        assert (await cast(station, caster, *ballots)).status_code == 201
    await reconcile(station)
    await advance(plan, planner, "ballots_reviewed")
    lines = (await api.get(f"{plan}/turnout", headers=planner)).json()["lines"]
    assert lines == [{"community": "migrant", "channel": "paper", "ballots": 8}]


async def test_votes_stay_when_the_secret_changes_and_count_when_it_is_put_back(
    run, service, service_database, balloting, planner, vote, reconcile, advance
):
    plan, actions, _ = balloting
    station, _ = await vote(plan, actions)
    await reconcile(station)
    settings = settings_for(
        run, service_database, service.name, secret="another secret of the service that has 32 characters"
    )
    async with api_client(service.application(settings)) as other:
        body = {"to": "ballots_reviewed"}
        unreadable = await other.post(f"{plan}/advance", json=body, headers=planner)
        assert unreadable.status_code == 503, unreadable.text
        assert unreadable.json()["type"].endswith(":ballot-box-unreadable")
    await advance(plan, planner, "ballots_reviewed")


async def test_the_turnout_by_community_is_shown_after_the_count(api, balloting, planner, review, vote):
    plan, actions, _ = balloting
    turnout = (await api.get(f"{plan}/turnout", headers=planner)).json()
    assert turnout["lines"] == []
    await review(plan, actions)
    turnout = (await api.get(f"{plan}/turnout", headers=planner)).json()
    assert {line["community"]: line["ballots"] for line in turnout["lines"]} == {
        "host": 6,
        "migrant": 2,
        "refugee": 2,
    }


async def test_a_repeated_request_casts_once(api, balloting, issuer, caster, open_station, issue, ballot):
    plan, actions, _ = balloting
    station = await open_station(plan, issuer)
    cards = await issue(station, 2)
    keyed = caster | {"Idempotency-Key": str(uuid4())}
    body = {"ballots": [ballot(cards[0], "host", actions[0])]}
    answers = [await api.post(f"{station}/ballots", json=body, headers=keyed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert answers[0].json() == answers[1].json()
    other = {"ballots": [ballot(cards[1], "host", actions[0])]}
    reused = await api.post(f"{station}/ballots", json=other, headers=keyed)
    assert reused.json()["type"].endswith(":idempotency-key-reused")


@pytest.mark.parametrize("change", [{"community": "asylum_seeker"}, {"channel": "shouted"}, {"name": "Ana"}])
async def test_a_ballot_has_a_community_but_no_status_and_no_name(
    balloting, issuer, caster, open_station, cast, ballot, change
):
    plan, _, _ = balloting
    station = await open_station(plan, issuer)
    answer = await cast(station, caster, ballot("1-X", "host") | change)
    assert answer.status_code == 422
    (name,) = change
    assert f"/ballots/0/{name}" in [fault["pointer"] for fault in answer.json()["errors"]]


async def test_an_approval_of_an_unknown_action_is_reported(
    balloting, issuer, caster, open_station, issue, cast, ballot
):
    plan, actions, _ = balloting
    station = await open_station(plan, issuer)
    (card,) = await issue(station, 1)
    answer = await cast(station, caster, ballot(card, "host", actions[0], str(uuid4())))
    assert answer.json()["errors"][0]["pointer"] == "/ballots/0/approvals/1"
