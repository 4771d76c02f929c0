"""The list of provisional people with those whom they may be; each person whom it shows is logged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.web import Cursor, Page, page_of
from sqlalchemy import literal, select

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.duplicates.schemas import ProvisionalPersonOut
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.comparison import SealedPerson, read_for_comparison
from intake.registry.people.models import Person
from intake.registry.people.records import IdentityRecord
from intake.registry.people.rules import RegistrationState, describe
from intake.registry.search.commands import compare_candidates
from intake.registry.search.schemas import MatchCandidate
from intake.registry.search_index.commands import wanted_tokens_of
from intake.registry.search_index.queries import people_with_strong_tokens
from intake.registry.search_index.rules import PersonDescription, search_keys

MAXIMUM_COMPARED = 10
"""The people with whom each provisional person is compared: first those with most in common."""

# The plan of a parameter would not use the index of undecided people.
PROVISIONAL = literal(RegistrationState.PROVISIONAL.value, literal_execute=True)


async def list_provisional_people(
    unit: UnitOfWork, instance_key: InstanceKey, cursor: Cursor, *, is_decided: bool
) -> Page[ProvisionalPersonOut]:
    """Return a page of the agency's provisional people. The number of statements does not grow with it."""
    decided = Person.same_as.is_not(None) if is_decided else Person.same_as.is_(None)
    wanted = select(Person).where(
        Person.agency == unit.principal.agency, Person.state == PROVISIONAL, decided
    )
    people: list[Person] = []
    page = await page_of(unit.session, wanted, cursor, people.append, by=Person)
    items = await _with_candidates(unit, instance_key, people)
    for item in items:
        shown = [item.person_id, *(candidate.person_id for candidate in item.candidates)]
        log_access(unit, shown, AccessAction.DUPLICATES_READ, reference=item.person_id)
    return Page(items=items, next=page.next)


async def _with_candidates(
    unit: UnitOfWork, instance_key: InstanceKey, people: Sequence[Person]
) -> list[ProvisionalPersonOut]:
    sealed = await read_for_comparison(unit, [person.id for person in people])
    identities = await asyncio.to_thread(_open, instance_key, sealed)
    described = {each.person_id: describe(identities[each.person_id], each.sex) for each in sealed}
    tokens = {id_: _strong_tokens(instance_key, description) for id_, description in described.items()}
    having = await people_with_strong_tokens(
        unit, {token for each in tokens.values() for token in each}, at_most=MAXIMUM_COMPARED + 1
    )
    others = {id_: _likeliest(id_, each, having) for id_, each in tokens.items()}
    found = await read_for_comparison(unit, {other for each in others.values() for other in each})
    by_id = {each.person_id: each for each in found}
    candidates = await asyncio.to_thread(_compare, instance_key, described, others, by_id)
    return [
        ProvisionalPersonOut(
            person_id=person.id,
            household_id=person.household_id,
            created=person.created,
            name=identities[person.id].full_name,
            born=identities[person.id].born,
            same_as=person.same_as,
            candidates=candidates[person.id],
        )
        for person in people
        if person.id in identities
    ]


def _open(instance_key: InstanceKey, people: Sequence[SealedPerson]) -> dict[UUID, IdentityRecord]:
    return {each.person_id: each.open(instance_key) for each in people}


def _strong_tokens(instance_key: InstanceKey, description: PersonDescription) -> list[bytes]:
    tokens = wanted_tokens_of(instance_key, search_keys(description))
    return [token for token, is_strong in tokens.items() if is_strong]


def _likeliest(id_: UUID, tokens: Sequence[bytes], having: Mapping[bytes, Sequence[UUID]]) -> list[UUID]:
    """Return the people with most of a person's tokens, without themselves."""
    common = Counter(other for token in tokens for other in having.get(token, ()) if other != id_)
    return [other for other, _ in common.most_common(MAXIMUM_COMPARED)]


def _compare(
    instance_key: InstanceKey,
    described: Mapping[UUID, PersonDescription],
    others: Mapping[UUID, Sequence[UUID]],
    sealed: Mapping[UUID, SealedPerson],
) -> dict[UUID, list[MatchCandidate]]:
    """Return the candidates of each person. It takes milliseconds of processor time: call it in a thread."""
    compared = {
        id_: compare_candidates(
            instance_key, description, [sealed[other] for other in others[id_] if other in sealed]
        )
        for id_, description in described.items()
    }
    return {
        id_: [MatchCandidate.model_validate(candidate) for candidate in each]
        for id_, each in compared.items()
    }
