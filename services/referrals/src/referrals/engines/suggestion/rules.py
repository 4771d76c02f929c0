"""The score of a service for a need: six parts of 0 to 100, each with its weight and its reason.

The weights are a judgement, not a measurement: whoever runs an instance sets their own. A service that does
not fit stands last, whatever its points, with the reason: staff may know better, or see what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from solidary.language.codes.wording import Wording

from referrals.engines.eligibility.answers import Answer, Verdict, answer
from referrals.engines.eligibility.vocabulary import Vocabulary, vocabulary
from referrals.engines.opening_hours.rules import State, state
from referrals.engines.suggestion import wordings
from referrals.engines.suggestion.facts import CodedQuery, ServiceFacts

WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"fit": 30, "distance": 20, "opening": 15, "capacity": 15, "languages": 10, "urgency": 10}
)
"""Of 100, so that points are of 10,000."""

HALFWAY_KM = 5
"""The distance that costs half the points: an hour's walk."""

HALFWAY_HOURS = 24
"""The wait for the next opening that costs half the points."""

STALE = timedelta(days=14)
"""A capacity not updated for this long is not known any more."""

UNKNOWN = 50


@dataclass(frozen=True)
class Score:
    """One part: `value` from 0 to 100, `weight` of 100, and why."""

    part: str
    value: int
    weight: int
    reason: Wording

    @property
    def points(self) -> int:
        return self.value * self.weight


@dataclass(frozen=True)
class Suggestion:
    """One service, with its answer on eligibility, its state, and its score part by part."""

    service: str
    eligibility: Answer
    opening: State
    scores: tuple[Score, ...]

    @property
    def points(self) -> int:
        """The sum of the parts, of 10,000 where the weights sum to 100."""
        return sum(score.points for score in self.scores)


def suggest(
    query: CodedQuery,
    candidates: Sequence[ServiceFacts],
    now: datetime,
    *,
    weights: Mapping[str, int] = WEIGHTS,
    fields: Vocabulary | None = None,
) -> list[Suggestion]:
    """The candidates that answer the need, best first; equals in the order of their ids.

    `now` has its time zone; `fields` is the vocabulary that the rules were written in.
    """
    fields = fields or vocabulary()
    fitting = (facts for facts in candidates if query.need in facts.needs)
    found = [_suggestion(query, facts, now, weights, fields) for facts in fitting]
    return sorted(found, key=_rank)


def _rank(found: Suggestion) -> tuple[bool, int, str]:
    return found.eligibility.verdict is Verdict.DOES_NOT_FIT, -found.points, found.service


def _suggestion(
    query: CodedQuery, facts: ServiceFacts, now: datetime, weights: Mapping[str, int], fields: Vocabulary
) -> Suggestion:
    eligibility = answer(facts.rule, query.profile, fields) if facts.rule else Answer(Verdict.CANNOT_TELL)
    opening = state(facts.schedules, facts.zone, now)
    scored = {
        "fit": _fit(eligibility),
        "distance": _distance(query, facts),
        "opening": _opening(opening, now),
        "capacity": _capacity(facts, now),
        "languages": _languages(query, facts),
        "urgency": _urgency(query, facts, opening, now),
    }
    scores = (Score(part, value, weights[part], reason) for part, (value, reason) in scored.items())
    return Suggestion(facts.id, eligibility, opening, tuple(scores))


Scored = tuple[int, Wording]


def _fit(eligibility: Answer) -> Scored:
    value = {Verdict.FITS: 100, Verdict.CANNOT_TELL: UNKNOWN, Verdict.DOES_NOT_FIT: 0}[eligibility.verdict]
    return value, wordings.fit(eligibility)


def _distance(query: CodedQuery, facts: ServiceFacts) -> Scored:
    if facts.remote:
        return 100, wordings.REMOTE
    if query.near is None or facts.at is None:
        return UNKNOWN, wordings.DISTANCE_UNKNOWN
    km = query.near.km_to(facts.at)
    return _halving(km, HALFWAY_KM), wordings.distance(km)


def _opening(opening: State, now: datetime) -> Scored:
    if opening.open is None:
        return UNKNOWN, opening.reason
    if opening.open:
        return 100, opening.reason
    if opening.next_open is None:
        return 0, opening.reason
    return _halving((opening.next_open - now) / timedelta(hours=1), HALFWAY_HOURS), opening.reason


def _halving(measure: float, halfway: float) -> int:
    """100 at nothing, 50 at `halfway`, 25 at three times that."""
    return round(100 / (1 + measure / halfway))


def _capacity(facts: ServiceFacts, now: datetime) -> Scored:
    capacity = facts.capacity
    if capacity is None or now - capacity.updated > STALE:
        return UNKNOWN, wordings.CAPACITY_UNKNOWN
    if capacity.available > 0:
        return 100, wordings.places(capacity.available)
    return (25, wordings.WAITING_LIST) if capacity.waiting_list else (0, wordings.FULL)


def _languages(query: CodedQuery, facts: ServiceFacts) -> Scored:
    spoken = query.profile.get("languages")
    if not isinstance(spoken, tuple) or not facts.languages:
        return UNKNOWN, wordings.LANGUAGES_UNKNOWN
    return (
        (100, wordings.SAME_LANGUAGE) if facts.languages.intersection(spoken) else (0, wordings.NO_LANGUAGE)
    )


def _urgency(query: CodedQuery, facts: ServiceFacts, opening: State, now: datetime) -> Scored:
    """Whether it usually gives a first answer before the request is overdue."""
    if facts.answers_within is None:
        return UNKNOWN, wordings.ANSWER_UNKNOWN
    begins = now if opening.open or opening.next_open is None else opening.next_open
    in_time = begins + facts.answers_within <= query.urgency.due(now)
    return (100, wordings.IN_TIME) if in_time else (0, wordings.TOO_LATE)
