"""The suggestions for a coded query, from the services that the acting agency may refer to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from solidary.language.country import CountryPack
from solidary.language.problems import Fault, Invalid, json_pointer
from solidary.platform.database import UnitOfWork
from solidary.platform.web.cursors import decode_cursor, encode_cursor

from referrals.directory.suggestions import statements
from referrals.directory.suggestions.facts import Candidate, compile_rule, to_facts
from referrals.directory.suggestions.schemas import (
    BilingualText,
    Position,
    ScorePartOut,
    SuggestedService,
    SuggestionPage,
    SuggestionQueryIn,
)
from referrals.engines.eligibility.check import EligibilityStatus, check_eligibility
from referrals.engines.eligibility.profile import InvalidProfile, read_profile
from referrals.engines.eligibility.vocabulary import Vocabulary, load_vocabulary
from referrals.engines.suggestion import WEIGHTS, CodedQuery, RestrictedNeed, Suggestion, suggest
from referrals.engines.suggestion.rules import CAPACITY_VALIDITY, HALFWAY_KM, ScorePart

CANDIDATES = 100
"""The services that are scored in full at once. Each further page comes from the same or the next so many."""

RULES = 500
"""The most rules, those of the most services first, that are applied before the candidates are chosen."""

CURSOR = TypeAdapter(tuple[Position])


@dataclass(frozen=True)
class _Scoring:
    """The scoring of one request, in a thread beside the event loop."""

    query: CodedQuery
    vocabulary: Vocabulary
    country: str
    zone: tzinfo
    now: datetime
    """The begun minute, so that requests of the same minute share the states of opening hours."""

    def rules_by_result(self, rules: list[str]) -> dict[EligibilityStatus, list[str]]:
        """Return the rules by what they say of the profile."""
        results: dict[EligibilityStatus, list[str]] = {status: [] for status in EligibilityStatus}
        for source in rules:
            if rule := compile_rule(source, self.country):
                results[check_eligibility(rule, self.query.profile, self.vocabulary).status].append(source)
        return results

    def rank(self, candidates: list[Candidate], start: int, limit: int) -> list[SuggestedService]:
        """Return the candidates from `start` in their order."""
        entries = {str(entry.id): entry for entry in candidates}
        facts = [to_facts(entry, self.country, self.zone) for entry in candidates]
        best = suggest(self.query, facts, self.now, vocabulary=self.vocabulary, first=start + limit)
        return [_suggested(entries[suggestion.service], suggestion) for suggestion in best[start:]]


async def suggest_services(
    unit: UnitOfWork, country: CountryPack, body: SuggestionQueryIn, after: str | None, limit: int
) -> SuggestionPage:
    """Return one page of the services that meet a need, best first, in two statements.

    Raises Invalid for an invalid profile or a restricted need.
    """
    position = 0 if after is None else decode_cursor(after, CURSOR)[0]
    scoring = _Scoring(
        _coded_query(body, country),
        load_vocabulary(country.code),
        country.code,
        country.zone(),
        unit.now.replace(second=0, microsecond=0),
    )
    in_area = body.area is not None
    filters: dict[str, Any] = {"need": body.need} | ({"pcode": body.area} if in_area else {})
    counted = await unit.session.execute(
        statements.count_by_rule(in_area=in_area), {**filters, "rules": RULES}
    )
    rows = counted.all()
    total = rows[0][1] if rows else 0
    if position >= total:
        return SuggestionPage(items=[], more=0)
    rules = await asyncio.to_thread(
        scoring.rules_by_result, [source for source, _ in rows if source is not None]
    )
    block, start = divmod(position, CANDIDATES)
    limit = min(limit, CANDIDATES - start)
    selected = await unit.session.execute(
        statements.select_candidates(in_area=in_area),
        {
            **filters,
            **_known_facts(scoring),
            "met": rules[EligibilityStatus.ELIGIBLE],
            "unmet": rules[EligibilityStatus.NOT_ELIGIBLE],
            "offset": block * CANDIDATES,
            "limit": CANDIDATES,
        },
    )
    candidates = [Candidate._make(row) for row in selected]
    items = await asyncio.to_thread(scoring.rank, candidates, start, limit)
    end = position + len(items)
    more = max(total - end, 0)
    return SuggestionPage(items=items, more=more, next=encode_cursor(end) if more else None)


def _known_facts(scoring: _Scoring) -> dict[str, Any]:
    """Return the parameters of the points that the database computes."""
    near, languages = scoring.query.near, scoring.query.profile.get("languages")
    return {
        "latitude": near.latitude if near else None,
        "longitude": near.longitude if near else None,
        "halfway_km": HALFWAY_KM,
        "capacity_since": scoring.now - CAPACITY_VALIDITY,
        "languages": list(languages) if isinstance(languages, tuple) else None,
        **{f"{part}_weight": WEIGHTS[part] for part in ("eligibility", "distance", "capacity", "languages")},
    }


def _coded_query(body: SuggestionQueryIn, country: CountryPack) -> CodedQuery:
    try:
        profile = read_profile(body.profile, load_vocabulary(country.code))
        return CodedQuery(body.need, profile, body.urgency, body.near_point)
    except InvalidProfile as error:
        fault = Fault(json_pointer(("profile", *error.path)), error.reason)
        raise Invalid("The profile is not valid.", fault) from error
    except RestrictedNeed as error:
        raise Invalid("The need is restricted.", Fault("/need", str(error))) from error


@lru_cache(maxsize=10_000)
def _part(part: ScorePart) -> ScorePartOut:
    """Return a part for the response; most parts of a page are equal to those of others."""
    return ScorePartOut.model_validate(part)


def _suggested(entry: Candidate, suggestion: Suggestion) -> SuggestedService:
    return SuggestedService(
        service_id=entry.id,
        agency=entry.agency,
        name=entry.name,
        organization=entry.organization,
        confidential=entry.confidential,
        eligibility=suggestion.eligibility.status,
        unmet_requirements=[BilingualText.model_validate(each) for each in suggestion.eligibility.unmet],
        missing_fields=[field.name for field in suggestion.eligibility.missing],
        open_now=suggestion.opening.is_open,
        next_open=suggestion.opening.next_open,
        points=suggestion.points,
        parts=[_part(part) for part in suggestion.parts],
    )
