"""The score of a service for a need: six parts from 0 to 100, each with its weight and its reason.

The weights are a judgement, not a measurement, and a parameter. A service for which the person is not eligible is
ranked last, whatever its points, and not hidden: staff may know better, or see which document is missing.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from solidary.language.codes.wording import Wording

from referrals.engines.eligibility.check import EligibilityResult, EligibilityStatus, check_eligibility
from referrals.engines.eligibility.vocabulary import Vocabulary, load_vocabulary
from referrals.engines.opening_hours.rules import OpeningState, opening_state
from referrals.engines.suggestion import wordings
from referrals.engines.suggestion.facts import CLOCK_TOLERANCE, CodedQuery, ServiceFacts

WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"eligibility": 30, "distance": 20, "opening": 15, "capacity": 15, "languages": 10, "urgency": 10}
)
"""The weights of the parts; they sum to 100, so that a score is at most 10,000 points."""

HALFWAY_KM = 5
"""The distance with half of the points: an hour's walk."""

HALFWAY_HOURS = 24
"""The time to the next opening with half of the points."""

CAPACITY_VALIDITY = timedelta(days=14)
"""The age after which a capacity counts as unknown."""

UNKNOWN = 50
"""The value of a part whose fact is unknown."""


@dataclass(frozen=True)
class ScorePart:
    """One part of a score: its `value` from 0 to 100, its `weight` of 100, and its reason."""

    part: str
    value: int
    weight: int
    reason: Wording

    @property
    def points(self) -> int:
        return self.value * self.weight


@dataclass(frozen=True)
class Suggestion:
    """One service with its eligibility, its opening state and the parts of its score."""

    service: str
    eligibility: EligibilityResult
    opening: OpeningState
    parts: tuple[ScorePart, ...]

    @property
    def points(self) -> int:
        """The sum of the parts, of 10,000 where the weights sum to 100."""
        return sum(part.points for part in self.parts)


def suggest(
    query: CodedQuery,
    candidates: Sequence[ServiceFacts],
    now: datetime,
    *,
    weights: Mapping[str, int] = WEIGHTS,
    vocabulary: Vocabulary | None = None,
    first: int | None = None,
) -> list[Suggestion]:
    """Return the candidates that meet the need, best first; equals in the order of their ids.

    `now` has its time zone; `vocabulary` is that in which the rules were written. With `first`, only so many: opening
    hours, which cost the most, are then computed only for candidates that can be among them.
    """
    vocabulary = vocabulary or load_vocabulary()
    results: dict[str, EligibilityResult] = {}
    drafts = [
        _draft(query, facts, now, weights, _check(facts, query, vocabulary, results))
        for facts in candidates
        if query.need in facts.needs
    ]
    drafts.sort(key=lambda draft: (draft.best_rank, draft.facts.id))
    best: list[Suggestion] = []
    for draft in drafts:
        if first is not None and len(best) >= first and draft.best_rank > _rank(best[first - 1])[:2]:
            break
        insort(best, _complete(query, draft, now, weights), key=_rank)
    return best[:first]


_opening_state = lru_cache(maxsize=10_000)(opening_state)
"""Many services have the same hours, and a need is often asked for again in the same minute."""


def _rank(suggestion: Suggestion) -> tuple[bool, int, str]:
    is_excluded = suggestion.eligibility.status is EligibilityStatus.NOT_ELIGIBLE
    return is_excluded, -suggestion.points, suggestion.service


Scored: TypeAlias = tuple[int, Wording]
"""The value of a part, and its reason."""


@dataclass(frozen=True)
class _Draft:
    """A suggestion without its opening hours, and the best rank that it can have."""

    facts: ServiceFacts
    eligibility: EligibilityResult
    scored: Mapping[str, Scored]
    best_rank: tuple[bool, int]


def _check(
    facts: ServiceFacts, query: CodedQuery, vocabulary: Vocabulary, results: dict[str, EligibilityResult]
) -> EligibilityResult:
    """Return the result of a service's rule, which is computed once for equal rules."""
    if facts.rule is None:
        return EligibilityResult(EligibilityStatus.UNDETERMINED)
    source = facts.rule.source
    if source not in results:
        results[source] = check_eligibility(facts.rule, query.profile, vocabulary)
    return results[source]


def _draft(
    query: CodedQuery,
    facts: ServiceFacts,
    now: datetime,
    weights: Mapping[str, int],
    eligibility: EligibilityResult,
) -> _Draft:
    scored = {
        "eligibility": _eligibility(eligibility),
        "distance": _distance(query, facts),
        "capacity": _capacity(facts, now),
        "languages": _languages(query, facts),
    }
    points = sum(value * weights[part] for part, (value, _) in scored.items())
    most = points + 100 * (weights["opening"] + weights["urgency"])
    return _Draft(facts, eligibility, scored, (eligibility.status is EligibilityStatus.NOT_ELIGIBLE, -most))


def _complete(query: CodedQuery, draft: _Draft, now: datetime, weights: Mapping[str, int]) -> Suggestion:
    facts = draft.facts
    opening = _opening_state(facts.schedules, facts.zone, now)
    scored = {
        **draft.scored,
        "opening": _opening(opening, now),
        "urgency": _urgency(query, facts, opening, now),
    }
    parts = (ScorePart(part, scored[part][0], weights[part], scored[part][1]) for part in WEIGHTS)
    return Suggestion(facts.id, draft.eligibility, opening, tuple(parts))


_ELIGIBILITY_VALUES = {
    EligibilityStatus.ELIGIBLE: 100,
    EligibilityStatus.UNDETERMINED: UNKNOWN,
    EligibilityStatus.NOT_ELIGIBLE: 0,
}


def _eligibility(result: EligibilityResult) -> Scored:
    return _ELIGIBILITY_VALUES[result.status], wordings.eligibility(result)


def _distance(query: CodedQuery, facts: ServiceFacts) -> Scored:
    if facts.is_remote:
        return 100, wordings.REMOTE
    if query.near is None or facts.at is None:
        return UNKNOWN, wordings.DISTANCE_UNKNOWN
    km = query.near.distance_km(facts.at)
    return _decay(km, HALFWAY_KM), wordings.distance(km)


def _opening(opening: OpeningState, now: datetime) -> Scored:
    if opening.is_open is None:
        return UNKNOWN, opening.reason
    if opening.is_open:
        return 100, opening.reason
    if opening.next_open is None:
        return 0, opening.reason
    return _decay((opening.next_open - now) / timedelta(hours=1), HALFWAY_HOURS), opening.reason


def _decay(measure: float, halfway: float) -> int:
    """Return 100 at 0, 50 at `halfway`, 25 at three times that."""
    return round(100 / (1 + measure / halfway))


def _capacity(facts: ServiceFacts, now: datetime) -> Scored:
    capacity = facts.capacity
    if capacity is None or not -CLOCK_TOLERANCE <= now - capacity.updated <= CAPACITY_VALIDITY:
        return UNKNOWN, wordings.CAPACITY_UNKNOWN
    if capacity.available > 0:
        return 100, wordings.free_places(capacity.available)
    return (25, wordings.WAITING_LIST) if capacity.has_waiting_list else (0, wordings.FULL)


def _languages(query: CodedQuery, facts: ServiceFacts) -> Scored:
    languages = query.profile.get("languages")
    if not isinstance(languages, tuple) or not facts.languages:
        return UNKNOWN, wordings.LANGUAGES_UNKNOWN
    if facts.languages.intersection(languages):
        return 100, wordings.COMMON_LANGUAGE
    return 0, wordings.NO_COMMON_LANGUAGE


def _urgency(query: CodedQuery, facts: ServiceFacts, opening: OpeningState, now: datetime) -> Scored:
    """Score whether a first answer usually comes before the request is overdue."""
    if facts.response_time is None:
        return UNKNOWN, wordings.RESPONSE_TIME_UNKNOWN
    begins = now if opening.is_open or opening.next_open is None else opening.next_open
    is_in_time = begins + facts.response_time <= query.urgency.due(now)
    return (100, wordings.IN_TIME) if is_in_time else (0, wordings.TOO_LATE)
