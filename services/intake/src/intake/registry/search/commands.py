"""The search for a person; each search is logged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork

from intake.engines.matching.comparison import compare
from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.models import create_key, open_search
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.comparison import SealedPerson, read_for_comparison
from intake.registry.people.records import IdentityRecord
from intake.registry.people.rules import describe
from intake.registry.search.models import Search
from intake.registry.search.records import CandidateRecord, ReasonRecord, SearchRecord
from intake.registry.search.rules import MAXIMUM_SHOWN, PROBABLE_SCORE, YEAR_TOLERANCE
from intake.registry.search_index import queries as search_index
from intake.registry.search_index.commands import wanted_tokens_of
from intake.registry.search_index.rules import PersonDescription, wanted_keys


async def search(
    unit: UnitOfWork, instance_key: InstanceKey, wanted: PersonDescription
) -> tuple[Search, SearchRecord]:
    """Find candidates of the own agency, the likeliest first. Whom the result shows is logged."""
    tokens = wanted_tokens_of(instance_key, wanted_keys(wanted, year_tolerance=YEAR_TOLERANCE))
    person_ids = await search_index.find_candidates(unit, tokens)
    sealed = await read_for_comparison(unit, person_ids)
    candidates = await asyncio.to_thread(compare_candidates, instance_key, wanted, sealed)
    result = SearchRecord(candidates=tuple(candidates))
    stored = Search()
    stored.set_result(result, create_key(unit, instance_key, stored.id))
    unit.add(stored)
    log_access(unit, [stored.id], AccessAction.SEARCHED)
    log_access(unit, result.person_ids, AccessAction.FOUND_IN_SEARCH, reference=stored.id)
    return stored, result


async def read_search(
    unit: UnitOfWork, instance_key: InstanceKey, search_id: UUID
) -> tuple[Search, SearchRecord]:
    """Return a search with its result; each person in it is logged once more. Raises NotFound."""
    found = await unit.get(Search, search_id)
    result = found.read_result(await open_search(unit, instance_key, search_id))
    log_access(unit, result.person_ids, AccessAction.SEARCH_READ, reference=search_id)
    return found, result


def compare_candidates(
    instance_key: InstanceKey, wanted: PersonDescription, people: Sequence[SealedPerson]
) -> list[CandidateRecord]:
    """Decrypt and compare people, the likeliest first. It takes milliseconds of processor time: call it in a thread."""
    candidates = [_compare(person, person.open(instance_key), wanted) for person in people]
    return sorted(candidates, key=lambda candidate: -candidate.score)[:MAXIMUM_SHOWN]


def _compare(person: SealedPerson, identity: IdentityRecord, wanted: PersonDescription) -> CandidateRecord:
    description = describe(identity, person.sex)
    comparison = compare(description.to_record(wanted), wanted.to_record(description))
    return CandidateRecord(
        person_id=person.person_id,
        household_id=person.household_id,
        state=person.state,
        name=identity.full_name,
        born=identity.born,
        score=round(comparison.score, 4),
        probable=comparison.score >= PROBABLE_SCORE,
        reasons=tuple(
            ReasonRecord(
                part=part.name, bits=round(getattr(part, comparison.alternative), 1), because=part.reason
            )
            for part in comparison.parts
        ),
    )
