"""What stands first, and why: each part of the score, and the order they make."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from referrals.engines.eligibility.profile import profile
from referrals.engines.eligibility.rule import write
from referrals.engines.eligibility.vocabulary import vocabulary
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.suggestion import (
    WEIGHTS,
    Capacity,
    CodedQuery,
    Point,
    RestrictedNeed,
    Score,
    ServiceFacts,
    suggest,
)
from solidary.language.codes.urgency import Urgency

FIELDS = vocabulary()
PANAMA = ZoneInfo("America/Panama")
NOW = datetime(2026, 1, 30, 10, tzinfo=PANAMA)  # a Friday
LA_CHORRERA = Point(8.8803, -79.7833)
OFFICE = Schedule(
    id="48102e86-bb50-41c4-8f1e-e269368c41d1", byday="MO,TU,WE,TH,FR", opens_at="08:00", closes_at="16:00"
)
ADULTS = write("age >= 18", FIELDS)
BEST = ServiceFacts(
    id="best",
    needs=frozenset({"shelter"}),
    rule=ADULTS,
    schedules=(OFFICE,),
    zone=PANAMA,
    at=LA_CHORRERA,
    capacity=Capacity(3, NOW - timedelta(days=1)),
    languages=frozenset({"spa"}),
    answers_within=timedelta(hours=4),
)


def asked(**changes: Any) -> CodedQuery:
    person = profile({"age": 30, "languages": ["spa"]}, FIELDS)
    return replace(CodedQuery("shelter", person, near=LA_CHORRERA), **changes)


def score(part: str, query: CodedQuery, facts: ServiceFacts) -> Score:
    (found,) = suggest(query, [facts], NOW)
    return next(score for score in found.scores if score.part == part)


def test_a_service_that_has_everything_has_every_point() -> None:
    (found,) = suggest(asked(), [BEST], NOW)
    assert found.points == 10_000
    assert [(score.part, score.value) for score in found.scores] == [(part, 100) for part in WEIGHTS]


@pytest.mark.parametrize(
    ("part", "query", "facts", "value", "reason"),
    [
        ("fit", {}, {"rule": None}, 50, "the service does not say whom it serves"),
        ("fit", {"profile": {}}, {}, 50, "still to ask: age"),
        ("fit", {"profile": {"age": 9}}, {}, 0, "does not fit: age: 18 or more (the profile says 9)"),
        ("distance", {"near": None}, {}, 50, "the distance is not known"),
        ("distance", {}, {"at": None}, 50, "the distance is not known"),
        ("distance", {}, {"at": None, "remote": True}, 100, "helps at a distance"),
        # La Chorrera to Panama City in a straight line
        ("distance", {}, {"at": Point(8.9824, -79.5199)}, 14, "31.1 km away"),
        ("opening", {}, {"schedules": ()}, 50, "cannot tell: no opening hours are published"),
        (
            "opening",
            {},
            {"schedules": (OFFICE.model_copy(update={"byday": "SA", "opens_at": "10:00"}),)},
            50,
            "closed; opens on 2026-01-31 at 10:00",
        ),
        ("capacity", {}, {"capacity": None}, 50, "capacity is not known; ask"),
        (
            "capacity",
            {},
            {"capacity": Capacity(3, NOW - timedelta(days=15))},
            50,
            "capacity is not known; ask",
        ),
        ("capacity", {}, {"capacity": Capacity(0, NOW)}, 0, "full"),
        ("capacity", {}, {"capacity": Capacity(0, NOW, waiting_list=True)}, 25, "full, with a waiting list"),
        ("languages", {"profile": {"age": 30}}, {}, 50, "a common language is not known"),
        ("languages", {}, {"languages": frozenset()}, 50, "a common language is not known"),
        ("languages", {}, {"languages": frozenset({"eng"})}, 0, "does not speak the same language"),
        ("urgency", {}, {"answers_within": None}, 50, "its time to answer is not known"),
        (
            "urgency",
            {"urgency": Urgency.EMERGENCY},
            {"answers_within": timedelta(hours=25)},
            0,
            "usually answers too late for this urgency",
        ),
        # quick, but it opens on Monday: too late for an emergency on a Friday
        (
            "urgency",
            {"urgency": Urgency.EMERGENCY},
            {"schedules": (OFFICE.model_copy(update={"byday": "MO"}),)},
            0,
            "usually answers too late for this urgency",
        ),
    ],
)
def test_each_part_says_what_it_is_worth_and_why(
    part: str, query: dict[str, Any], facts: dict[str, Any], value: int, reason: str
) -> None:
    found = score(part, asked(**query), replace(BEST, **facts))
    assert (found.value, found.reason.en) == (value, reason)
    assert found.reason.es
    assert found.points == value * WEIGHTS[part]


def test_services_that_do_not_answer_the_need_are_left_out() -> None:
    assert suggest(asked(need="school"), [BEST], NOW) == []


def test_what_does_not_fit_stands_last_whatever_its_points() -> None:
    poor = ServiceFacts(
        "poor", frozenset({"shelter"}), capacity=Capacity(0, NOW), languages=frozenset({"eng"})
    )
    children_only = replace(BEST, id="children", rule=write("age < 18", FIELDS))
    found = suggest(asked(), [children_only, poor, BEST], NOW)
    assert [each.service for each in found] == ["best", "poor", "children"]
    assert found[1].points < found[2].points


@pytest.mark.parametrize("need", ["SV-VA", "TR-PI", "SC-UC", "CR-AF", "SV-NEW"])
def test_a_restricted_need_is_never_put_into_a_query(need: str) -> None:
    with pytest.raises(RestrictedNeed) as refused:
        CodedQuery(need, {})
    assert need not in str(refused.value)


def test_an_ordinary_specific_need_may_be_asked_for() -> None:
    assert CodedQuery("CR-NE", {}).need == "CR-NE"


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        (Point(0, 0), Point(0, 180), 20015.115),
        (Point(90, 0), Point(-90, 0), 20015.115),
        (Point(0, 0), Point(0, 1), 111.195),
        (Point(8.88, -79.78), Point(8.88, -79.78), 0),
    ],
)
def test_distances_are_those_of_a_sphere(here: Point, there: Point, km: float) -> None:
    assert here.km_to(there) == pytest.approx(km, abs=0.001)


FACTS = st.builds(
    ServiceFacts,
    id=st.uuids().map(str),
    needs=st.just(frozenset({"shelter"})),
    rule=st.sampled_from([None, ADULTS, write("age < 18", FIELDS), write("children > 0", FIELDS)]),
    schedules=st.sampled_from([(), (OFFICE,)]),
    at=st.none() | st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)),
    capacity=st.none() | st.builds(Capacity, st.integers(0, 3), st.just(NOW.astimezone(UTC)), st.booleans()),
    languages=st.sampled_from([frozenset(), frozenset({"spa"}), frozenset({"eng"})]),
    answers_within=st.none() | st.integers(0, 400).map(lambda hours: timedelta(hours=hours)),
)


@given(st.lists(FACTS, max_size=8, unique_by=lambda facts: facts.id), st.randoms())
def test_the_order_is_the_same_however_the_candidates_come(facts: list[ServiceFacts], random: Any) -> None:
    found = suggest(asked(), facts, NOW)
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert suggest(asked(), shuffled, NOW) == found
    assert {each.service for each in found} == {each.id for each in facts}
    for each in found:
        assert each.points == sum(score.value * score.weight for score in each.scores)
        assert all(0 <= score.value <= 100 for score in each.scores)
