"""Attacks on the secrecy of the vote, and on the separation of who issues cards from who casts ballots.

The attacker knows which card each voter was given, reads the database in each of its roles after every single vote, and
looks for the ballot of a card: by transaction, time, place, order, length, digest, turnout, log and trace.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from planning.participation.ballots.records import ballot_length, decode_ballots
from solidary.platform.identity import Duty

from tests.conftest import ScenarioRun
from tests.scenario.scanner import files_in

ROLES = ("app", "backup", "migrate")
COMMUNITIES = ("refugee", "migrant", "host")
CHANNELS = ("paper", "assisted", "online")


@dataclass(frozen=True)
class StoredRow:
    """A row as a role of the database reads it, with the transaction that wrote it and its place in the table."""

    role: str
    table: str
    transaction: str
    place: str
    content: dict[str, Any]

    def mentions(self, *words: str) -> bool:
        """Return whether the row has one of the words anywhere."""
        return any(word in str(self.content) for word in words)


@dataclass
class Vote:
    """A vote as the attacker would like to know it: the card's number, and what it cast."""

    number: int
    body: dict[str, Any]
    key: str
    trace: str
    before: list[StoredRow] = field(default_factory=list)
    after: list[StoredRow] = field(default_factory=list)
    turnout: str = ""


@dataclass
class Polling:
    """A plan whose ballots are open on the running platform, and six votes that were cast one by one."""

    scenario_run: ScenarioRun
    agency: UUID
    tokens: Any
    plan: str = ""
    station: str = ""
    actions: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    votes: list[Vote] = field(default_factory=list)

    @property
    def planner(self) -> dict[str, str]:
        return self.tokens.of("chorrera", Duty.PLANNER, Duty.AUDITOR, number=91)

    @property
    def issuer(self) -> dict[str, str]:
        return self.tokens.of("chorrera", Duty.FACILITATOR, number=92)

    @property
    def caster(self) -> dict[str, str]:
        return self.tokens.of("chorrera", Duty.FACILITATOR, number=93)

    def call(
        self, method: str, path: str, headers: dict[str, str], body: Any = None, expect: int | None = None
    ) -> httpx.Response:
        """Send a request to planning; with `expect`, fail on another status."""
        url = self.scenario_run.run.services["planning"] + path
        answer = httpx.request(method, url, headers=headers, json=body, timeout=30)
        assert expect is None or answer.status_code == expect, f"{method} {path}: {answer.text}"
        return answer

    def advance(self, *states: str) -> None:
        for state in states:
            self.call("POST", f"{self.plan}/advance", self.planner, {"to": state}, expect=200)

    def rows(self, *roles: str) -> list[StoredRow]:
        """Return every row of planning's database that the roles can read."""
        return [row for role in roles for row in self._rows(role)]

    def _rows(self, role: str) -> Iterator[StoredRow]:
        with psycopg.connect(self.scenario_run.run.databases["planning"][role]) as connection:
            scope = "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)"
            connection.execute(scope, (str(self.agency), str(uuid4())))
            tables = connection.execute(
                """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                WHERE schemaname IN ('data', 'machinery', 'published')
                AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT') ORDER BY 1"""
            ).fetchall()
            assert len(tables) > 15
            for (table,) in tables:
                statement = f"SELECT xmin::text, ctid::text, to_jsonb(t) FROM {table} t"
                for transaction, place, content in connection.execute(statement.encode()):
                    yield StoredRow(role, table, transaction, place, content)


@pytest.fixture(scope="module")
def polling(scenario_run: ScenarioRun, tokens) -> Polling:
    polling = Polling(scenario_run, tokens.agency("chorrera"), tokens)
    _open_balloting(polling)
    station = polling.call(
        "POST", f"{polling.plan}/stations", polling.issuer, {"name": "Escuela"}, expect=201
    )
    polling.station = station.headers["location"]
    issued = polling.call("POST", f"{polling.station}/cards", polling.issuer, {"count": 8}, expect=201).json()
    polling.codes = issued["codes"]
    # The cards are used in another order than that of their numbers.
    for code, choice in zip(
        [polling.codes[n] for n in (4, 0, 5, 2, 1, 3)],
        [
            ("refugee", "paper", (0,)),
            ("host", "assisted", (1,)),
            ("migrant", "paper", (0, 1)),
            ("host", "paper", ()),
            ("migrant", "assisted", (1, 2)),
            ("refugee", "online", (2,)),
        ],
        strict=True,
    ):
        polling.votes.append(_cast(polling, code, *choice))
    return polling


def _open_balloting(polling: Polling) -> None:
    tiu = polling.call("GET", "/tius", polling.planner, expect=200).json()["items"][0]["id"]
    plan = {"title": "Plan de prueba", "tiu_id": tiu, "currency": "USD", "budget_minor": 100_000}
    polling.plan = polling.call("POST", "/plans", polling.planner, plan, expect=201).headers["location"]
    polling.advance("diagnosis")
    polling.call("POST", f"{polling.plan}/diagnosis", polling.planner, {"summary": "Falta agua."}, expect=200)
    for community in COMMUNITIES:
        need = {
            "perspective": "social_inclusion",
            "community": community,
            "statement": "No hay cupos de escuela cerca",
            "severity": 4,
            "evidence": {"kind": "workshop", "on": "2026-10-03", "note": "Taller", "participants": 24},
        }
        answer = polling.call("POST", f"{polling.plan}/needs", polling.planner, need, expect=201)
    needs = [need["id"] for need in answer.json()["needs"]]
    polling.advance("needs_agreed", "co_creation")
    for title in ("Aula de refuerzo", "Parque lineal", "Ventanilla única"):
        action = {
            "title": title,
            "perspective": "social_inclusion",
            "needs": needs[:1],
            "cost_minor": 40_000,
        }
        proposed = polling.call("POST", f"{polling.plan}/actions", polling.planner, action, expect=201)
        polling.actions.append(proposed.json()["id"])
    polling.advance("feasibility")
    for action_id in polling.actions:
        path = f"/actions/{action_id}/verdict"
        polling.call("POST", path, polling.planner, {"feasible": True}, expect=200)
    polling.advance("costs_published", "balloting")


def _cast(polling: Polling, code: str, community: str, channel: str, chosen: tuple[int, ...]) -> Vote:
    ballot = {
        "card": code,
        "community": community,
        "channel": channel,
        "approvals": [polling.actions[n] for n in chosen],
    }
    vote = Vote(int(code.partition("-")[0]), {"ballots": [ballot]}, str(uuid4()), uuid4().hex)
    vote.before = polling.rows("backup")
    headers = {"Idempotency-Key": vote.key, "traceparent": f"00-{vote.trace}-{vote.trace[:16]}-01"}
    polling.call("POST", f"{polling.station}/ballots", polling.caster | headers, vote.body, expect=201)
    vote.after = polling.rows("backup")
    vote.turnout = polling.call("GET", f"{polling.plan}/turnout", polling.planner, expect=200).text
    return vote


def _reveals_ballot(polling: Polling, row: StoredRow) -> bool:
    """Return whether a row has something that differs from ballot to ballot."""
    if row.table == "data.ballot_box":
        return row.mentions(*COMMUNITIES, *CHANNELS)
    return row.mentions(*COMMUNITIES, *CHANNELS, *polling.actions)


@pytest.mark.parametrize("role", ROLES)
def test_no_row_of_a_votes_transaction_reveals_the_ballot(polling, role):
    rows = polling.rows(role)
    for vote in polling.votes:
        (card,) = [
            row
            for row in rows
            if row.table == "data.used_ballot_card"
            and row.content["root"] in polling.plan
            and row.content["number"] == vote.number
        ]
        together = [row for row in rows if row.transaction == card.transaction]
        assert not [row.table for row in together if _reveals_ballot(polling, row)]


def test_a_vote_changes_a_card_a_log_entry_and_a_box_that_cannot_be_read(polling):
    for vote in polling.votes:
        known = {(row.table, str(row.content)) for row in vote.before}
        changed = [row for row in vote.after if (row.table, str(row.content)) not in known]
        tables = {row.table for row in changed} - {
            "machinery.lag",
            "machinery.procrastinate_workers",
            "machinery.procrastinate_jobs",
            "machinery.procrastinate_events",
            "machinery.procrastinate_periodic_defers",
        }
        assert tables == {
            "data.used_ballot_card",
            "data.ballot_entry",
            "data.ballot_box",
            "machinery.idempotency",
        }
        assert not [row.table for row in changed if row.table in tables and _reveals_ballot(polling, row)]


def _boxes(polling: Polling) -> list[bytes]:
    """Return the content of the box as it was stored after each vote."""
    boxes = []
    for vote in polling.votes:
        (box,) = [
            row
            for row in vote.after
            if row.table == "data.ballot_box" and row.content["root"] in polling.plan
        ]
        boxes.append(bytes.fromhex(box.content["content"].removeprefix("\\x")))
    return boxes


def test_the_box_cannot_be_read_without_the_secret(polling):
    """Read the ballots at each place of the content, and compare the contents before and after a vote."""
    boxes = _boxes(polling)
    ballot = ballot_length(len(polling.actions))
    for count, box in enumerate(boxes, 1):
        for place in range(len(box) - count * ballot):
            with pytest.raises((ValueError, IndexError)):
                decode_ballots(box[place : place + 1 + count * ballot], len(polling.actions))
    for earlier, later in itertools.pairwise(boxes):
        parts = {earlier[place : place + 6] for place in range(len(earlier) - 5)}
        assert not parts & {later[place : place + 6] for place in range(len(later) - 5)}


def test_the_box_grows_by_the_same_length_for_every_ballot(polling):
    lengths = [len(box) for box in _boxes(polling)]
    assert len({later - earlier for earlier, later in itertools.pairwise(lengths)}) == 1


def test_the_digest_of_a_request_covers_no_vote(polling):
    """Send the same key with another vote: a digest that covered it could be found by trying all possible ballots."""
    for vote in polling.votes:
        (ballot,) = vote.body["ballots"]
        other = {"community": "host", "channel": "online", "approvals": polling.actions}
        repeated = polling.call(
            "POST",
            f"{polling.station}/ballots",
            polling.caster | {"Idempotency-Key": vote.key},
            {"ballots": [ballot | other]},
            expect=201,
        )
        assert repeated.headers["idempotency-replayed"] == "true"


def test_the_turnout_does_not_change_by_community_while_ballots_are_cast(polling):
    for vote in polling.votes:
        assert not [word for word in (*COMMUNITIES, *CHANNELS) if f'"{word}"' in vote.turnout]


def test_no_log_and_no_trace_of_a_vote_reveals_the_ballot(polling):
    words = [
        word.encode() for word in (*polling.actions, *(f'"{each}"' for each in (*COMMUNITIES, *CHANNELS)))
    ]
    words += [b"content-length", b"body.size", *(code.encode() for code in polling.codes)]
    traces = [vote.trace.encode() for vote in polling.votes]
    lines = [
        line
        for file in files_in(polling.scenario_run.platform.stack.folder)
        for line in file.read_bytes().splitlines()
        if any(trace in line for trace in traces)
    ]
    assert not [line for line in lines if any(word in line for word in words)]


def test_codes_are_shown_once(polling):
    entry = polling.call("GET", f"{polling.plan}/ballot-log", polling.planner, expect=200)
    readable = [entry.text, polling.call("GET", polling.station, polling.issuer, expect=200).text]
    for path in (f"{polling.plan}/cards", f"{polling.station}/cards"):
        answer = polling.call("GET", path, polling.issuer)
        assert answer.status_code in {404, 405}
        readable.append(answer.text)
    readable += [str(row.content) for row in polling.rows(*ROLES)]
    codes = [code.partition("-")[2] for code in polling.codes]
    assert not [text for text in readable if any(code in text for code in codes)]


def test_an_issuer_casts_no_ballots_and_a_caster_issues_no_cards(polling):
    ballot = {"card": polling.codes[6], "community": "host", "channel": "paper", "approvals": []}
    cast = polling.call("POST", f"{polling.station}/ballots", polling.issuer, {"ballots": [ballot]})
    issued = polling.call("POST", f"{polling.station}/cards", polling.caster, {"count": 1})
    assert [answer.json()["type"] for answer in (cast, issued)] == [
        "urn:solidary:problem:duties-not-separate"
    ] * 2


def test_a_partner_holds_no_ballots_unless_the_owner_allows_it(polling):
    partner = {"agency": str(polling.tokens.agency("unhabitat"))}
    polling.call("POST", f"{polling.plan}/partners", polling.planner, partner, expect=200)
    theirs = polling.tokens.of("unhabitat", Duty.FACILITATOR, Duty.PLANNER)
    ballot = {"card": polling.codes[6], "community": "host", "channel": "paper", "approvals": []}
    for path, body in (
        (f"{polling.plan}/stations", {"name": "Otra"}),
        (f"{polling.station}/cards", {"count": 1}),
        (f"{polling.station}/ballots", {"ballots": [ballot]}),
        (f"{polling.station}/reconciliation", {"spoiled": 0, "cast": 6, "unused": 2}),
    ):
        answer = polling.call("POST", path, theirs, body)
        assert (answer.status_code, answer.json()["type"]) == (
            409,
            "urn:solidary:problem:actor-not-allowed",
        ), path
    assert polling.call("POST", f"{polling.plan}/polling-agencies", theirs, partner).status_code == 404


def test_counted_ballots_show_neither_time_nor_order_nor_transaction_of_a_vote(polling):
    early = polling.call("POST", f"{polling.plan}/advance", polling.planner, {"to": "ballots_reviewed"})
    assert "not reconciled" in early.json()["detail"]
    wrong = polling.call(
        "POST", f"{polling.station}/reconciliation", polling.planner, {"spoiled": 0, "cast": 7, "unused": 1}
    )
    assert wrong.status_code == 422
    numbers = {"spoiled": 0, "cast": 6, "unused": 2}
    polling.call("POST", f"{polling.station}/reconciliation", polling.planner, numbers, expect=200)
    polling.advance("ballots_reviewed")
    rows = [row for row in polling.rows("backup") if row.content.get("root", "-") in polling.plan]
    ballots = [row for row in rows if row.table == "data.ballot"]
    assert sum(row.content["ballots"] for row in ballots) == len(polling.votes)
    assert len({row.transaction for row in ballots}) == 1
    votes = {row.transaction for row in rows if row.table in {"data.used_ballot_card", "data.ballot_entry"}}
    assert not votes & {row.transaction for row in ballots}
    assert {name for row in ballots for name in row.content} == {
        "id",
        "agency",
        "root",
        "round",
        "community",
        "channel",
        "approvals",
        "ballots",
    }
    # Their place in the table follows what they say, so it does not follow when they were cast.
    by_place = sorted(ballots, key=lambda row: int(row.place.strip("()").split(",")[1]))
    contents = [(r.content["community"], r.content["channel"], r.content["approvals"]) for r in by_place]
    assert contents == sorted(contents)
    assert [row.content["content"] for row in rows if row.table == "data.ballot_box"] == [None]
