"""The queue of the day: numbers in order, no number twice, figures of a day, and nothing that stays of a person."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from intake.centres.queue.jobs import forget_queue
from intake.centres.queue.rules import TicketState, TicketTimes, day_figures
from solidary.platform.identity import Duty

NOON = datetime(2026, 11, 30, 17, tzinfo=UTC)


def test_figures_of_a_day_are_of_those_who_were_called():
    def ticket(state: TicketState, waited: int | None) -> TicketTimes:
        called = None if waited is None else NOON + timedelta(minutes=waited)
        return TicketTimes(state, NOON, called)

    tickets = [
        ticket(TicketState.SERVED, 10),
        ticket(TicketState.SERVED, 30),
        ticket(TicketState.CALLED, 20),
        ticket(TicketState.WAITING, None),
        ticket(TicketState.LEFT, None),
    ]
    assert day_figures(tickets, NOON + timedelta(hours=2)) == (5, 1, 1, 2, 1, 20)
    assert day_figures([], NOON) == (0, 0, 0, 0, 0, None)
    assert ticket(TicketState.WAITING, None).waited_minutes(NOON + timedelta(minutes=7)) == 7


@pytest.fixture
async def centre(api, tokens):
    """A new centre of UNHCR."""
    body = {
        "code": f"pao_{uuid4().hex[:8]}",
        "kind": "attention_point",
        "name": "PAO de prueba",
        "area": "PA130701",
        "address": "Calle 1",
    }
    made = await api.post("/centres", json=body, headers=tokens.of("unhcr", Duty.DIRECTORY_EDITOR))
    return made.json()["centre_id"], body


async def arrive(api, desk, centre, **body):
    answer = await api.post(f"/centres/{centre}/queue", json=body, headers=desk)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_people_are_called_in_the_order_of_their_arrival(api, desk, centre, register):
    centre, _ = centre
    family = await register()
    first = await arrive(api, desk, centre)
    second = await arrive(api, desk, centre, person_id=str(family.mother))
    third = await arrive(api, desk, centre)
    assert [each["number"] for each in (first, second, third)] == [1, 2, 3]
    called = (await api.post(f"/centres/{centre}/queue/next", headers=desk)).json()
    assert (called["number"], called["state"]) == (1, "called")
    served = await api.post(f"/queue-tickets/{first['ticket_id']}/state", json={"to": "served"}, headers=desk)
    assert served.json()["state"] == "served"
    again = await api.post(f"/queue-tickets/{first['ticket_id']}/state", json={"to": "served"}, headers=desk)
    assert again.status_code == 409
    assert (
        await api.post(f"/queue-tickets/{third['ticket_id']}/state", json={"to": "left"}, headers=desk)
    ).status_code == 200
    queue = (await api.get(f"/centres/{centre}/queue", headers=desk)).json()
    figures = {name: queue[name] for name in ("arrived", "waiting", "called", "served", "left")}
    assert figures == {"arrived": 3, "waiting": 1, "called": 0, "served": 1, "left": 1}
    assert [each["person_id"] for each in queue["items"]] == [None, str(family.mother), None]
    waiting = (await api.get(f"/centres/{centre}/queue?state=waiting", headers=desk)).json()
    assert [each["number"] for each in waiting["items"]] == [2]
    days = (await api.get(f"/centres/{centre}/queue-days", headers=desk)).json()["items"]
    assert days == [{name: value for name, value in queue.items() if name != "items"}]


async def test_click_that_is_sent_twice_gives_one_number_and_calls_one_person(api, desk, centre):
    centre, _ = centre
    key = desk | {"Idempotency-Key": str(uuid4())}
    first, second = [await api.post(f"/centres/{centre}/queue", json={}, headers=key) for _ in range(2)]
    assert first.json()["ticket_id"] == second.json()["ticket_id"]
    await arrive(api, desk, centre)
    key = desk | {"Idempotency-Key": str(uuid4())}
    called = [await api.post(f"/centres/{centre}/queue/next", headers=key) for _ in range(2)]
    assert [each.json()["number"] for each in called] == [1, 1]


async def test_desks_that_work_at_once_neither_give_nor_call_a_number_twice(api, desk, centre):
    centre, _ = centre
    made = await asyncio.gather(*(arrive(api, desk, centre) for _ in range(8)))
    assert sorted(each["number"] for each in made) == list(range(1, 9))
    called = await asyncio.gather(
        *(api.post(f"/centres/{centre}/queue/next", headers=desk) for _ in range(8))
    )
    numbers = [each.json()["number"] for each in called if each.is_success]
    assert len(numbers) == len(set(numbers)) > 0


async def test_closed_centre_and_empty_queue_are_named(api, desk, tokens, centre):
    centre, body = centre
    empty = await api.post(f"/centres/{centre}/queue/next", headers=desk)
    assert (empty.status_code, empty.json()["type"]) == (409, "urn:solidary:problem:queue-empty")
    editor = tokens.of("unhcr", Duty.DIRECTORY_EDITOR)
    await api.put(f"/centres/{centre}", json=body | {"is_open": False}, headers=editor)
    closed = await api.post(f"/centres/{centre}/queue", json={}, headers=desk)
    assert (closed.status_code, closed.json()["type"]) == (409, "urn:solidary:problem:centre-closed")


async def test_person_of_another_agency_is_unknown_in_a_queue(api, desk, other_desk, centre, register):
    centre, _ = centre
    stranger = await register(other_desk)
    for person in (stranger.mother, uuid4()):
        answer = await api.post(f"/centres/{centre}/queue", json={"person_id": str(person)}, headers=desk)
        assert answer.status_code == 422
    assert (await api.get(f"/centres/{centre}/queue", headers=other_desk)).status_code == 404


async def test_queue_forgets_people_after_two_days_and_with_their_erasure(
    api, desk, tokens, centre, register, database, test_database
):
    centre, _ = centre
    family = await register()
    tickets = [
        await arrive(api, desk, centre, person_id=str(person)) for person in (family.mother, family.child)
    ]
    officer = tokens.of("unhcr", Duty.DATA_PROTECTION_OFFICER)
    erased = await api.post(f"/people/{family.child}/erasure", json={"reason": "requested"}, headers=officer)
    assert erased.is_success, erased.text
    path = f"/queue-tickets/{tickets[1]['ticket_id']}"
    assert (await api.get(path, headers=desk)).json()["person_id"] is None
    path = f"/queue-tickets/{tickets[0]['ticket_id']}"
    await forget_queue(database)
    assert (await api.get(path, headers=desk)).json()["person_id"] == str(family.mother)
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.queue_ticket SET day = day - 4 WHERE centre_id = %s", [centre])
    await forget_queue(database)
    kept = (await api.get(path, headers=desk)).json()
    assert (kept["person_id"], kept["number"]) == (None, 1)
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.queue_ticket SET day = day - 400 WHERE centre_id = %s", [centre])
    await forget_queue(database)
    assert (await api.get(path, headers=desk)).status_code == 404
