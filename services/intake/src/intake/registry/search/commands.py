"""The desk looks before it registers; what it asked and found is logged."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.engines.matching.comparison import compare
from intake.registry.access_log.models import log_access
from intake.registry.encryption.models import seals_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.models import Person
from intake.registry.people.schemas import Identity
from intake.registry.search import lookup
from intake.registry.search.models import Search, described, tokens
from intake.registry.search.rules import PROBABLE, Described, marks
from intake.registry.search.schemas import Candidate, Reason, SearchIn, SearchOut

SHOWN = 20
YEARS_BESIDE = 1


async def search(unit: UnitOfWork, instance: InstanceKey, said: SearchIn) -> SearchOut:
    """Candidates of the own agency, the likeliest first; of the others only that there may be one."""
    asked = _described(said)
    looked_for = tokens(instance, marks(asked, years_beside=YEARS_BESIDE))
    answer = SearchOut(
        search_id=uuid4(),
        candidates=await _candidates(unit, instance, asked, await lookup.found(unit, looked_for)),
        possible_match_elsewhere=await lookup.known_elsewhere(unit, looked_for),
    )
    _keep(unit, instance, answer)
    return answer


def _keep(unit: UnitOfWork, instance: InstanceKey, answer: SearchOut) -> None:
    sealed = instance.passing_seal(answer.search_id).close("answer", answer.model_dump_json())
    unit.add(Search(id=answer.search_id, root=answer.search_id, answer=sealed))
    action = "searched_match_elsewhere" if answer.possible_match_elsewhere else "searched"
    log_access(unit, answer.search_id, action)


async def _candidates(
    unit: UnitOfWork, instance: InstanceKey, asked: Described, ids: Sequence[UUID]
) -> list[Candidate]:
    if not ids:
        return []
    seals = await seals_of(unit, instance, ids)
    people = await unit.session.scalars(select(Person).where(Person.id.in_(ids)))
    compared = [
        _candidate(person, person.identify(seals[person.id]), asked)
        for person in people
        if person.id in seals
    ]
    return sorted(compared, key=lambda candidate: -candidate.score)[:SHOWN]


def _candidate(person: Person, identity: Identity, asked: Described) -> Candidate:
    known = described(identity, person.sex)
    comparison = compare(known.as_record(asked), asked.as_record(known))
    return Candidate.model_validate(
        {
            "person_id": person.id,
            "household_id": person.household_id,
            "status": person.status,
            "name": identity.full_name,
            "born": identity.born,
            "score": round(comparison.score, 4),
            "probable": comparison.score >= PROBABLE,
            "reasons": [
                Reason(
                    part=part.name, bits=round(getattr(part, comparison.alternative), 1), because=part.reason
                )
                for part in comparison.parts
            ],
        }
    )


def _described(said: SearchIn) -> Described:
    return Described(
        given_name=said.given_name or "",
        surname=said.surname or "",
        born=said.born,
        sex=said.sex or "",
        documents=(said.document,) if said.document else (),
        telephones=(said.telephone,) if said.telephone else (),
    )
