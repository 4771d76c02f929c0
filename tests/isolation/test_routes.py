"""Every route of every service, called by agencies that it is none of the business of.

What another agency holds must look exactly like what does not exist: same status, same problem, no row, no count.
The routes and their reach come from the services' own declarations, so a new route is walked from its first day;
which table an id stands in is said in `places.py`, and a new kind of id without its place fails here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from stack.services import SERVICES

from tests.conftest import Told
from tests.isolation.examples import document_of, example
from tests.isolation.places import AGENCIES, Row, first_and_last
from tests.isolation.walks import WALKS, Walk

AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def those(*walks: Walk) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("walk", walks, ids=str)


NOT_PUBLIC = [walk for walk in WALKS if walk.declaration.reach != "public"]
OF_SOMETHING = [walk for walk in NOT_PUBLIC if walk.deepest]
LISTS = [
    walk
    for walk in NOT_PUBLIC
    if walk.method == "GET" and walk.declaration.reach != "service" and walk.route.path != "/events"
]
"""All that answers with rows; the feed is held by libs/common/tests/platform/test_web.py."""


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as opened:
        yield opened


@pytest.fixture(scope="module")
def ask(told, client):
    """Calls a route: with a valid body where it takes one, and ids that do not exist where none are given."""

    def call(walk: Walk, headers: dict[str, str], **ids: UUID) -> httpx.Response:
        path = re.sub(r"\{(\w+)\}", lambda found: str(ids.get(found[1], uuid4())), walk.route.path)
        document = document_of(walk.service)
        query = {
            each["name"]: str(ids[each["name"]]) if each["name"] in ids else example(each["schema"], document)
            for each in walk.queries
            if each.get("required") or each["name"] in ids
        }
        body = example(walk.body, document, ids) if walk.body else None
        if walk.method == "POST":
            headers = headers | {"Idempotency-Key": str(uuid4())}
        url = told.run.services[walk.service] + path
        return client.request(walk.method, url, headers=headers, params=query, json=body)

    return call


def in_words(answer: httpx.Response) -> tuple[int, str]:
    """An answer apart from the ids in it."""
    return answer.status_code, AN_ID.sub("an id", answer.text)


def test_of_every_id_it_is_known_where_it_stands(held):
    for walk in WALKS:
        for name in [*walk.in_path, *walk.given]:
            if walk.declaration.reach != "public":
                assert walk.place(name) in {None, *held}, f"{walk}: {name}"


def test_there_is_something_of_every_kind_to_look_for(held):
    empty = {walk.place(walk.deepest) for walk in OF_SOMETHING if not held[walk.place(walk.deepest)]}
    assert not {table for table in empty if not table.endswith(".work")}


@those(*OF_SOMETHING)
def test_what_another_agency_holds_looks_like_what_does_not_exist(ask, caller, everybody, held, walk: Walk):
    rows = first_and_last(held[walk.place(walk.deepest)])
    for agency in everybody:
        headers = caller(walk, agency)
        nothing = ask(walk, headers)
        assert 400 <= nothing.status_code < 500
        assert nothing.status_code != 422, f"the example of a body is no valid one: {nothing.text}"
        for row in rows:
            if row.is_foreign_to(agency):
                answer = ask(walk, headers, **walk.to(row))
                assert in_words(answer) == in_words(nothing), f"{row} for {agency}"


@those(*(walk for walk in OF_SOMETHING if walk.method == "GET" and not walk.given))
def test_who_holds_something_finds_it_there(ask, caller, everybody, held, walk: Walk):
    """Else the walk before would look for ids that nobody can find."""
    rows = first_and_last(held[walk.place(walk.deepest)])
    if not rows:
        pytest.skip("the story left none")
    found = {
        ask(walk, caller(walk, agency), **walk.to(row)).status_code
        for agency in everybody
        for row in rows
        if not row.is_foreign_to(agency)
    }
    assert found & {200, 409}, found


@those(*LISTS)
def test_an_answer_names_nothing_that_its_agency_may_not_see(
    ask, caller, everybody, held, open_to_all, told_of, walk: Walk
):
    """Whatever an agency reads, lists or details of its own: every id in it is one that it may see.

    It stands before the walk that writes: that one may end what this one reads."""
    known = {
        row.id: row
        for place, rows in held.items()
        if place.startswith(walk.service) and place != NAMED_ONLY.get(str(walk))
        for row in rows
    }
    answered = 0
    for agency in everybody:
        paths: list[dict[str, UUID]] = [{}]
        if walk.deepest:
            near = [row for row in held[walk.place(walk.deepest)] if not row.is_foreign_to(agency)]
            paths = [walk.to(row) for row in first_and_last(near)]
        for ids in paths:
            answer = ask(walk, caller(walk, agency), **ids)
            assert answer.status_code < 500
            answered += answer.is_success
            seen = {UUID(found) for found in AN_ID.findall(answer.text)} & known.keys()
            foreign = [known[id_] for id_ in seen - open_to_all if known[id_].is_foreign_to(agency)]
            assert not [row for row in foreign if not {row.id, row.root} & told_of[agency]], agency
    assert answered or not walk.deepest or not held[walk.place(walk.deepest)]


@those(*(walk for walk in NOT_PUBLIC if any(walk.place(name) for name in walk.given)))
def test_an_id_that_another_agency_holds_is_as_good_as_none_in_a_body_or_a_query(
    ask, caller, everybody, held, open_to_all, walk: Walk
):
    for agency in everybody:
        headers = caller(walk, agency)
        mine = own(walk, held, agency) | {name: next(iter(everybody)) for name in AGENCIES & {*walk.given}}
        for name in walk.given:
            if walk.place(name) is None:
                continue
            others = {other: id_ for other, id_ in mine.items() if other != name}
            nothing = ask(walk, headers, **others, **{name: uuid4()})
            assert nothing.status_code < 500
            if nothing.status_code == 422:
                wrong = {fault["pointer"].split("/")[1] for fault in nothing.json()["errors"]}
                assert wrong & {*walk.given}, f"the example of a body is no valid one: {nothing.text}"
            for row in first_and_last(held[walk.place(name)]):
                if row.is_foreign_to(agency) and row.id not in open_to_all:
                    answer = ask(walk, headers, **others, **{name: row.id})
                    assert in_words(answer) == in_words(nothing), f"{name}: {row} for {agency}"


def own(walk: Walk, held: dict[str, list[Row]], agency: UUID) -> dict[str, UUID]:
    """Something of the agency's own in every place of a route, as far as it holds such."""
    places = {name: place for name in [*walk.in_path, *walk.given] if (place := walk.place(name))}
    mine = {name: [row.id for row in held[place] if row.owner == agency] for name, place in places.items()}
    return {name: found[-1] for name, found in mine.items() if found}


NAMED_ONLY = {"cash GET /budget-lines/{line_id}/transfers": "cash.payment"}
"""Where an id of that table may stand though its reader finds nothing under it: the books of a government's line
name the payment behind a movement (decision 0027)."""


@pytest.fixture(scope="module")
def open_to_all(told: Told) -> set[UUID]:
    """The ids of what the services publish."""
    return set(chain.from_iterable(published(told, name) for name in SERVICES))


def published(told: Told, service: str) -> set[UUID]:
    with psycopg.connect(told.run.postgres.admin, dbname=service) as connection:
        tables = connection.execute(
            """SELECT table_name FROM information_schema.columns
            WHERE table_schema = 'published' AND column_name = 'id' AND data_type = 'uuid'"""
        ).fetchall()
        return {
            id_
            for (table,) in tables
            for (id_,) in connection.execute(f"SELECT id FROM published.{table}".encode()).fetchall()
        }


@pytest.fixture(scope="module")
def told_of(told: Told) -> dict[UUID, set[UUID]]:
    """Agency → what it was told of by an event."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for name in SERVICES:
        with psycopg.connect(told.run.postgres.admin, dbname=name) as connection:
            for agency, subject in connection.execute("SELECT DISTINCT agency, subject FROM machinery.feed"):
                found[agency].add(UUID(subject))
    return found


@those(*WALKS)
def test_a_route_asks_for_a_token_unless_it_is_public(ask, walk: Walk):
    answer = ask(walk, {})
    assert answer.status_code < 500
    assert (answer.status_code != 401) == (walk.declaration.reach == "public")


@those(*(walk for walk in NOT_PUBLIC if walk.declaration.duties or walk.declaration.reach == "service"))
def test_a_member_without_duties_is_refused(ask, tokens, walk: Walk):
    assert ask(walk, tokens.of("manos-vecinas")).status_code == 403
