from __future__ import annotations

from solidary.language.country import CountryPack
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork

from referrals.directory.services import queries as directory
from referrals.directory.services.models import Entry
from referrals.directory.suggestions.models import facts
from referrals.directory.suggestions.schemas import Part, QueryIn, Suggested, Words
from referrals.engines.eligibility.profile import BrokenProfile, profile
from referrals.engines.eligibility.vocabulary import vocabulary
from referrals.engines.suggestion import CodedQuery, Point, RestrictedNeed, Suggestion, suggest


async def suggestions(unit: UnitOfWork, country: CountryPack, said: QueryIn) -> list[Suggested]:
    """What fits a need, best first. Raises Invalid for a profile or a need that no query may hold."""
    asked = _query(said, country)
    entries = {str(entry.id): entry for entry in await directory.candidates(unit, said.need)}
    known = [facts(entry, country.code, country.zone()) for entry in entries.values()]
    found = suggest(asked, known, unit.now, fields=vocabulary(country.code))
    return [_shown(entries[suggestion.service], suggestion) for suggestion in found]


def _query(said: QueryIn, country: CountryPack) -> CodedQuery:
    near = Point(said.near.latitude, said.near.longitude) if said.near else None
    try:
        known = profile(said.profile, vocabulary(country.code))
        return CodedQuery(said.need, known, said.urgency, near)
    except BrokenProfile as broken:
        raise Invalid(
            "the profile cannot be read", Fault(f"/profile{broken.pointer}", broken.reason)
        ) from broken
    except RestrictedNeed as restricted:
        raise Invalid("no query carries this need", Fault("/need", str(restricted))) from restricted


def _shown(entry: Entry, found: Suggestion) -> Suggested:
    return Suggested(
        service_id=entry.id,
        agency=entry.agency,
        name=entry.name,
        organization=entry.organization,
        confidential=entry.confidential,
        verdict=found.eligibility.verdict,
        because=[Words.model_validate(words) for words in found.eligibility.because],
        ask=[field.name for field in found.eligibility.ask],
        open_now=found.opening.open,
        next_open=found.opening.next_open,
        points=found.points,
        parts=[Part.model_validate(score) for score in found.scores],
    )
