"""The suggestions for a coded query, from the services that the acting agency may refer to."""

from __future__ import annotations

from solidary.language.country import CountryPack
from solidary.language.problems import Fault, Invalid, json_pointer
from solidary.platform.database import UnitOfWork

from referrals.directory.services import queries as directory
from referrals.directory.services.models import EntryColumns
from referrals.directory.suggestions.facts import to_facts
from referrals.directory.suggestions.schemas import (
    BilingualText,
    ScorePartOut,
    SuggestedService,
    SuggestionQueryIn,
)
from referrals.engines.eligibility.profile import InvalidProfile, read_profile
from referrals.engines.eligibility.vocabulary import load_vocabulary
from referrals.engines.suggestion import CodedQuery, RestrictedNeed, Suggestion, suggest


async def suggest_services(
    unit: UnitOfWork, country: CountryPack, body: SuggestionQueryIn
) -> list[SuggestedService]:
    """Return the services that meet a need, best first. Raises Invalid for an invalid profile or a restricted need."""
    query = _coded_query(body, country)
    entries = {str(entry.id): entry for entry in await directory.find_meeting(unit, body.need)}
    facts = [to_facts(entry, country.code, country.zone()) for entry in entries.values()]
    suggestions = suggest(query, facts, unit.now, vocabulary=load_vocabulary(country.code))
    return [_suggested(entries[suggestion.service], suggestion) for suggestion in suggestions]


def _coded_query(body: SuggestionQueryIn, country: CountryPack) -> CodedQuery:
    try:
        profile = read_profile(body.profile, load_vocabulary(country.code))
        return CodedQuery(body.need, profile, body.urgency, body.near_point)
    except InvalidProfile as error:
        fault = Fault(json_pointer(("profile", *error.path)), error.reason)
        raise Invalid("The profile is not valid.", fault) from error
    except RestrictedNeed as error:
        raise Invalid("The need is restricted.", Fault("/need", str(error))) from error


def _suggested(entry: EntryColumns, suggestion: Suggestion) -> SuggestedService:
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
        parts=[ScorePartOut.model_validate(part) for part in suggestion.parts],
    )
