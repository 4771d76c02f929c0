"""The parts of the score with their reasons, and the order of suggestions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from referrals.engines.eligibility.profile import read_profile
from referrals.engines.eligibility.rule import parse_rule
from referrals.engines.eligibility.vocabulary import load_vocabulary
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.suggestion import (
    WEIGHTS,
    Capacity,
    CodedQuery,
    Point,
    RestrictedNeed,
    ScorePart,
    ServiceFacts,
    suggest,
)
from solidary.language.codes.urgency import Urgency

VOCABULARY = load_vocabulary()
PANAMA = ZoneInfo("America/Panama")
NOW = datetime(2026, 1, 30, 10, tzinfo=PANAMA)  # a Friday
LA_CHORRERA = Point(8.8803, -79.7833)
OFFICE = Schedule(
    id="48102e86-bb50-41c4-8f1e-e269368c41d1", byday="MO,TU,WE,TH,FR", opens_at="08:00", closes_at="16:00"
)
ADULTS = parse_rule("age >= 18", VOCABULARY)
BEST = ServiceFacts(
    id="best",
    needs=frozenset({"shelter"}),
    rule=ADULTS,
    schedules=(OFFICE,),
    zone=PANAMA,
    at=LA_CHORRERA,
    capacity=Capacity(3, NOW - timedelta(days=1)),
    languages=frozenset({"spa"}),
    response_time=timedelta(hours=4),
)


def query_with(**changes: Any) -> CodedQuery:
    person = read_profile({"age": 30, "languages": ["spa"]}, VOCABULARY)
    return replace(CodedQuery("shelter", person, near=LA_CHORRERA), **changes)


def score(part: str, query: CodedQuery, facts: ServiceFacts) -> ScorePart:
    (suggestion,) = suggest(query, [facts], NOW)
    return next(each for each in suggestion.parts if each.part == part)


def test_best_service_has_every_point() -> None:
    (suggestion,) = suggest(query_with(), [BEST], NOW)
    assert suggestion.points == 10_000
    assert [(part.part, part.value) for part in suggestion.parts] == [(part, 100) for part in WEIGHTS]


@pytest.mark.parametrize(
    ("part", "query", "facts", "value", "reason"),
    [
        ("eligibility", {}, {"rule": None}, 50, "the service publishes no requirements"),
        ("eligibility", {"profile": {}}, {}, 50, "still to ask: age"),
        ("eligibility", {"profile": {"age": 9}}, {}, 0, "does not meet: age: 18 or more (in the profile: 9)"),
        ("distance", {"near": None}, {}, 50, "the distance is unknown"),
        ("distance", {}, {"at": None}, 50, "the distance is unknown"),
        ("distance", {}, {"at": None, "is_remote": True}, 100, "available remotely"),
        # La Chorrera to Panama City in a straight line
        ("distance", {}, {"at": Point(8.9824, -79.5199)}, 14, "31.1 km away"),
        ("opening", {}, {"schedules": ()}, 50, "unknown: no opening hours are published"),
        (
            "opening",
            {},
            {"schedules": (OFFICE.model_copy(update={"byday": "SA", "opens_at": "10:00"}),)},
            50,
            "closed; opens on 2026-01-31 at 10:00",
        ),
        ("capacity", {}, {"capacity": None}, 50, "the capacity is unknown; ask"),
        (
            "capacity",
            {},
            {"capacity": Capacity(3, NOW - timedelta(days=15))},
            50,
            "the capacity is unknown; ask",
        ),
        (
            "capacity",
            {},
            {"capacity": Capacity(3, NOW + timedelta(days=200))},
            50,
            "the capacity is unknown; ask",
        ),
        ("capacity", {}, {"capacity": Capacity(0, NOW)}, 0, "full"),
        (
            "capacity",
            {},
            {"capacity": Capacity(0, NOW, has_waiting_list=True)},
            25,
            "full, with a waiting list",
        ),
        ("languages", {"profile": {"age": 30}}, {}, 50, "a common language is unknown"),
        ("languages", {}, {"languages": frozenset()}, 50, "a common language is unknown"),
        ("languages", {}, {"languages": frozenset({"eng"})}, 0, "there is no common language"),
        ("urgency", {}, {"response_time": None}, 50, "the response time is unknown"),
        (
            "urgency",
            {"urgency": Urgency.EMERGENCY},
            {"response_time": timedelta(hours=25)},
            0,
            "usually responds too late for this urgency",
        ),
        # it responds quickly, but opens on Monday: too late for an emergency on a Friday
        (
            "urgency",
            {"urgency": Urgency.EMERGENCY},
            {"schedules": (OFFICE.model_copy(update={"byday": "MO"}),)},
            0,
            "usually responds too late for this urgency",
        ),
    ],
)
def test_each_part_has_its_value_and_its_reason(
    part: str, query: dict[str, Any], facts: dict[str, Any], value: int, reason: str
) -> None:
    found = score(part, query_with(**query), replace(BEST, **facts))
    assert (found.value, found.reason.en) == (value, reason)
    assert found.reason.es
    assert found.points == value * WEIGHTS[part]


def test_services_that_do_not_meet_the_need_are_left_out() -> None:
    assert suggest(query_with(need="school"), [BEST], NOW) == []


def test_service_with_unmet_requirements_is_last_whatever_its_points() -> None:
    poor = ServiceFacts(
        "poor", frozenset({"shelter"}), capacity=Capacity(0, NOW), languages=frozenset({"eng"})
    )
    children_only = replace(BEST, id="children", rule=parse_rule("age < 18", VOCABULARY))
    found = suggest(query_with(), [children_only, poor, BEST], NOW)
    assert [each.service for each in found] == ["best", "poor", "children"]
    assert found[1].points < found[2].points


@pytest.mark.parametrize("need", ["SV-VA", "TR-PI", "SC-UC", "CR-AF", "SV-NEW"])
def test_restricted_need_is_refused_in_a_query(need: str) -> None:
    with pytest.raises(RestrictedNeed) as error:
        CodedQuery(need, {})
    assert need not in str(error.value)


def test_ordinary_specific_need_is_accepted_in_a_query() -> None:
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
def test_distance_is_that_of_a_sphere(here: Point, there: Point, km: float) -> None:
    assert here.distance_km(there) == pytest.approx(km, abs=0.001)


FACTS = st.builds(
    ServiceFacts,
    id=st.uuids().map(str),
    needs=st.just(frozenset({"shelter"})),
    rule=st.sampled_from(
        [None, ADULTS, parse_rule("age < 18", VOCABULARY), parse_rule("children > 0", VOCABULARY)]
    ),
    schedules=st.sampled_from([(), (OFFICE,)]),
    at=st.none() | st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)),
    capacity=st.none() | st.builds(Capacity, st.integers(0, 3), st.just(NOW.astimezone(UTC)), st.booleans()),
    languages=st.sampled_from([frozenset(), frozenset({"spa"}), frozenset({"eng"})]),
    response_time=st.none() | st.integers(0, 400).map(lambda hours: timedelta(hours=hours)),
)


@given(st.lists(FACTS, max_size=8, unique_by=lambda facts: facts.id), st.randoms())
def test_order_does_not_depend_on_the_order_of_candidates(facts: list[ServiceFacts], random: Any) -> None:
    found = suggest(query_with(), facts, NOW)
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert suggest(query_with(), shuffled, NOW) == found
    assert {each.service for each in found} == {each.id for each in facts}
    for first in (1, 3):
        assert suggest(query_with(), shuffled, NOW, first=first) == found[:first]
    for each in found:
        assert each.points == sum(part.value * part.weight for part in each.parts)
        assert all(0 <= part.value <= 100 for part in each.parts)
