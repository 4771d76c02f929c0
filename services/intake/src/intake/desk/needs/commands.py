from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from solidary.language.codes.specific_needs import load_specific_needs
from solidary.platform.database import UnitOfWork

from intake.desk.needs import rules
from intake.desk.needs.models import Need, RestrictedNeed
from intake.desk.needs.rules import NeedState
from intake.desk.needs.schemas import NeedIn, RestrictedNeedIn
from intake.registry.access_log.models import log_access
from intake.registry.encryption.models import seals_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.households import commands as households
from intake.registry.people.models import Person, part_of
from intake.registry.timeline.models import note


def record(unit: UnitOfWork, person_id: UUID, said: Sequence[NeedIn], pointer: str) -> list[Need]:
    """Ordinary needs of one person. `pointer` is where they stand in the request, for what it refuses."""
    recorded = []
    for place, one in enumerate(said):
        need = Need.of(rules.ordinary(one.code, f"{pointer}/{place}/code"), one, unit.now.date())
        need.id, need.root = uuid4(), person_id
        unit.add(need)
        note(unit, person_id, "need_recorded", need.id)
        recorded.append(need)
    return recorded


async def add(unit: UnitOfWork, person_id: UUID, said: NeedIn) -> Need:
    """One more need of a registered person."""
    person = await unit.get(Person, person_id)
    (need,) = record(unit, person_id, [said], "")
    await _profile_follows(unit, person, need)
    return need


async def close(unit: UnitOfWork, person_id: UUID, need_id: UUID, to: NeedState) -> Need:
    """The need was met, or is no longer one. Raises NotAllowed where it is no longer open."""
    need = await part_of(unit, Need, person_id, need_id)
    await unit.session.refresh(need, with_for_update=True)
    need.state = rules.move(NeedState(need.state), to)
    await _profile_follows(unit, await unit.get(Person, person_id), need)
    note(unit, need.root, f"need_{to}", need.id)
    return need


async def _profile_follows(unit: UnitOfWork, person: Person, need: Need) -> None:
    if need.code.startswith(rules.FUNCTIONAL_DIFFICULTY):
        await households.profile_changed(unit, person.household_id)


async def record_restricted(
    unit: UnitOfWork, instance: InstanceKey, person_id: UUID, said: RestrictedNeedIn
) -> RestrictedNeed:
    """Into the specialist's store. It stands on no timeline."""
    person = await unit.get(Person, person_id)
    entry = rules.restricted(said.code, "/code")
    need = RestrictedNeed(
        id=uuid4(),
        root=person.id,
        code=entry.code,
        tier=entry.tier,
        list_version=load_specific_needs().version,
        severity=said.severity,
    )
    if said.note:
        seal = (await seals_of(unit, instance, [person_id]))[person_id]
        need.note = seal.close("restricted note", said.note)
    unit.add(need)
    log_access(unit, person_id, "restricted_need_written", reference=need.id)
    return need
