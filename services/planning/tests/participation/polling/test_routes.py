"""Tests of polling stations, their cards and the log over HTTP."""

from __future__ import annotations

import psycopg
import pytest
from solidary.platform.identity import Duty


def problem(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit(":", 1)[1]


async def test_codes_are_shown_once(api, balloting, issuer, planner, open_station):
    plan, _, _ = balloting
    station = await open_station(plan, issuer)
    keyed = issuer | {"Idempotency-Key": "print-1"}
    issued = await api.post(f"{station}/cards", json={"count": 2}, headers=keyed)
    assert len(issued.json()["codes"]) == 2
    repeated = await api.post(f"{station}/cards", json={"count": 2}, headers=keyed)
    assert (repeated.status_code, repeated.headers["idempotency-replayed"]) == (201, "true")
    log = await api.get(f"{plan}/ballot-log", headers=planner)
    for answer in (repeated, await api.get(issued.headers["location"], headers=issuer), log):
        assert not [code for code in issued.json()["codes"] if code.partition("-")[2] in answer.text]
    assert [(entry["act"], entry["first"], entry["cards"]) for entry in log.json()["items"]] == [
        ("issued", 1, 2)
    ]


async def test_a_spoiled_card_casts_no_ballot(
    api, balloting, issuer, caster, open_station, issue, cast, ballot
):
    plan, _, _ = balloting
    station = await open_station(plan, issuer)
    cards = await issue(station, 3)
    body = {"numbers": [2, 7], "reason": "Se rompió"}
    unknown = await api.post(f"{station}/spoiled-cards", json=body, headers=issuer)
    assert unknown.json()["errors"] == [
        {"pointer": "/numbers/1", "detail": "This station did not issue this card."}
    ]
    spoiled = await api.post(f"{station}/spoiled-cards", json=body | {"numbers": [2]}, headers=issuer)
    counts = spoiled.json()
    assert (counts["issued"], counts["spoiled"], counts["cast"], counts["unused"]) == (3, 1, 0, 2)
    refused = await cast(station, caster, ballot(cards[1], "host"))
    assert refused.json()["errors"][0]["detail"] == "This card was spoiled. Ask the station for another one."
    assert (await cast(station, caster, ballot(cards[0], "host"))).status_code == 201
    used = await api.post(f"{station}/spoiled-cards", json=body | {"numbers": [1]}, headers=issuer)
    assert used.json()["errors"][0]["detail"].startswith("This card was used already.")


async def test_a_card_is_valid_at_its_own_station(
    balloting, issuer, caster, open_station, issue, cast, ballot
):
    plan, _, _ = balloting
    here, elsewhere = await open_station(plan, issuer), await open_station(plan, issuer, "Escuela")
    (card,) = await issue(here, 1)
    refused = await cast(elsewhere, caster, ballot(card, "host"))
    assert refused.json()["errors"][0]["detail"] == "This station did not issue this card."


async def test_an_issuer_of_cards_neither_casts_nor_reconciles(
    api, balloting, tokens, open_station, cast, ballot
):
    plan, _, _ = balloting
    both = tokens.of("chorrera", Duty.FACILITATOR, Duty.PLANNER)
    station = await open_station(plan, both)
    issued = await api.post(f"{station}/cards", json={"count": 1}, headers=both)
    body = {"spoiled": 0, "cast": 0, "unused": 1}
    for answer in (
        await cast(station, both, ballot(issued.json()["codes"][0], "host")),
        await api.post(f"{station}/reconciliation", json=body, headers=both),
    ):
        assert problem(answer) == (409, "duties-not-separate")


async def test_a_caster_of_ballots_issues_no_cards_at_any_station(
    api, balloting, issuer, caster, open_station, issue, cast, ballot
):
    plan, _, _ = balloting
    station = await open_station(plan, issuer)
    (card,) = await issue(station, 1)
    assert (await cast(station, caster, ballot(card, "host"))).status_code == 201
    elsewhere = await open_station(plan, caster, "Escuela")
    refused = await api.post(f"{elsewhere}/cards", json={"count": 1}, headers=caster)
    assert problem(refused) == (409, "duties-not-separate")


async def test_a_partner_holds_ballots_when_the_owner_allows_it(
    api, balloting, planner, facilitator, issuer, tokens, open_station, issue, cast, ballot
):
    plan, _, _ = balloting
    station = await open_station(plan, issuer)
    (card,) = await issue(station, 1)
    requests = (
        (f"{plan}/stations", {"name": "Escuela"}),
        (f"{station}/cards", {"count": 1}),
        (f"{station}/ballots", {"ballots": [ballot(card, "host")]}),
    )
    for path, body in requests:
        answer = await api.post(path, json=body, headers=facilitator)
        assert problem(answer) == (409, "actor-not-allowed"), path
    stranger = {"agency": str(tokens.agency("iom"))}
    refused = await api.post(f"{plan}/polling-agencies", json=stranger, headers=planner)
    assert refused.json()["errors"][0]["pointer"] == "/agency"
    partner = {"agency": str(tokens.agency("unhabitat"))}
    by_itself = await api.post(f"{plan}/polling-agencies", json=partner, headers=facilitator)
    assert by_itself.status_code == 404
    assert (await api.post(f"{plan}/polling-agencies", json=partner, headers=planner)).status_code == 200
    assert (await cast(station, facilitator, ballot(card, "host"))).status_code == 201
    withdrawal = f"{plan}/polling-agencies/{partner['agency']}"
    assert (await api.delete(withdrawal, headers=facilitator)).status_code == 404
    assert (await api.delete(withdrawal, headers=planner)).status_code == 204
    assert (await api.delete(withdrawal, headers=planner)).status_code == 404
    after = await api.post(f"{plan}/stations", json={"name": "Escuela"}, headers=facilitator)
    assert problem(after) == (409, "actor-not-allowed")


async def test_a_partner_that_may_not_hold_ballots_does_not_count_them(
    api, balloting, facilitator, vote, reconcile
):
    plan, actions, _ = balloting
    station, _ = await vote(plan, actions)
    await reconcile(station)
    answer = await api.post(f"{plan}/advance", json={"to": "ballots_reviewed"}, headers=facilitator)
    assert problem(answer) == (409, "actor-not-allowed")


async def test_ballots_are_counted_after_every_station_is_reconciled(api, balloting, planner, vote, advance):
    plan, actions, _ = balloting
    station, _ = await vote(plan, actions)
    missing = await advance(plan, planner, "ballots_reviewed", expect=409)
    assert "not reconciled: Casa comunal" in missing["detail"]
    body = {"spoiled": 0, "cast": 9, "unused": 0}
    differs = await api.post(f"{station}/reconciliation", json=body, headers=planner)
    assert differs.json()["detail"].startswith("You counted 9 used cards, but 10 are recorded.")
    explained = body | {"explanation": "Una tarjeta usada se perdió en el traslado."}
    closed = await api.post(f"{station}/reconciliation", json=explained, headers=planner)
    assert (closed.json()["state"], closed.json()["cast"]) == ("reconciled", 10)
    assert closed.json()["counted_by_hand"]["cast"] == 9
    again = await api.post(f"{station}/reconciliation", json=explained, headers=planner)
    assert problem(again) == (409, "station-closed")
    await advance(plan, planner, "ballots_reviewed")


async def test_a_reconciled_station_issues_no_cards_and_casts_no_ballots(
    api, balloting, issuer, caster, open_station, issue, cast, ballot, reconcile
):
    plan, _, _ = balloting
    station = await open_station(plan, issuer)
    (card,) = await issue(station, 1)
    await reconcile(station)
    issued = await api.post(f"{station}/cards", json={"count": 1}, headers=issuer)
    for answer in (issued, await cast(station, caster, ballot(card, "host"))):
        assert problem(answer) == (409, "station-closed")


async def test_the_log_names_who_issued_and_who_cast(api, balloting, planner, vote):
    plan, actions, _ = balloting
    await vote(plan, actions)
    entries = (await api.get(f"{plan}/ballot-log", headers=planner)).json()["items"]
    assert [(entry["act"], entry["cards"]) for entry in entries] == [("cast", 10), ("issued", 10)]
    assert entries[0]["actor"] != entries[1]["actor"]


ATTEMPTS = {
    "a card without the log": "INSERT INTO data.used_ballot_card VALUES (%(agency)s, %(root)s, 1, 3, false)",
    "a vote in the name of another": """INSERT INTO data.ballot_entry
        (id, root, round, station_id, act, cards, numbers, actor)
        VALUES (gen_random_uuid(), %(root)s, 1, %(station)s, 'cast', 1, '{2}', gen_random_uuid())""",
    "a card of nobody": """INSERT INTO data.ballot_entry (id, root, round, station_id, act, cards, numbers)
        VALUES (gen_random_uuid(), %(root)s, 1, %(station)s, 'cast', 1, '{99}')""",
    "a card used twice": """INSERT INTO data.ballot_entry (id, root, round, station_id, act, cards, numbers)
        VALUES (gen_random_uuid(), %(root)s, 1, %(station)s, 'cast', 1, '{1}')""",
    "a card without a ballot": """INSERT INTO data.ballot_entry (id, root, round, station_id, act, cards, numbers)
        VALUES (gen_random_uuid(), %(root)s, 1, %(station)s, 'cast', 1, '{2}')""",
    "cards by who casts": """INSERT INTO data.ballot_entry (id, root, round, station_id, act, cards, first)
        VALUES (gen_random_uuid(), %(root)s, 1, %(station)s, 'issued', 1, 3)""",
    "a ballot without a card": "UPDATE data.ballot_box SET ballots = 2, content = content || '\\x000000'",
    "a box opened early": "UPDATE data.ballot_box SET content = NULL",
    "a box taken away": "DELETE FROM data.ballot_box",
    "ballots out of nothing": """INSERT INTO data.ballot (id, root, round, community, channel, approvals, ballots)
        VALUES (gen_random_uuid(), %(root)s, 2, 'host', 'paper', '{}', 5)""",
    "a plan whose ballots are not counted": "UPDATE data.plan SET state = 'ballots_reviewed'",
    "a station closed by who casts": """UPDATE data.station SET state = 'reconciled', counted_spoiled = 0,
        counted_cast = 1, counted_unused = 1""",
}


@pytest.mark.parametrize("statement", ATTEMPTS.values(), ids=ATTEMPTS)
async def test_the_database_itself_refuses(
    api, balloting, issuer, caster, service_database, planner, open_station, issue, cast, ballot, statement
):
    plan, actions, _ = balloting
    station = await open_station(plan, issuer)
    cards = await issue(station, 2)
    assert (await cast(station, caster, ballot(cards[0], "host", actions[0]))).status_code == 201
    log = (await api.get(f"{plan}/ballot-log", headers=planner)).json()["items"]
    values = {
        "agency": log[0]["acting_agency"],
        "root": plan.rsplit("/", 1)[1],
        "station": station.rsplit("/", 1)[1],
    }
    with psycopg.connect(service_database.roles["app"]) as connection:
        scope = "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)"
        connection.execute(scope, (values["agency"], log[0]["actor"]))
        with pytest.raises(psycopg.Error) as refused:
            connection.execute(statement.encode(), values)
            connection.commit()
    assert refused.value.sqlstate in {"42501", "23514", "23505"}, refused.value
