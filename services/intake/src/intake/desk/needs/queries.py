from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.desk.needs.models import Need, RestrictedNeed
from intake.desk.needs.schemas import RestrictedNeedOut
from intake.registry.encryption.models import seals_of
from intake.registry.encryption.rules import InstanceKey, Seal
from intake.registry.people.models import Person, part_of


async def needs(unit: UnitOfWork, person_id: UUID) -> Sequence[Need]:
    """A person's ordinary needs, the oldest first. Raises NotFound for a person out of reach."""
    await unit.get(Person, person_id)
    found = select(Need).where(Need.agency == unit.principal.agency, Need.root == person_id)
    return (await unit.session.scalars(found.order_by(Need.created, Need.id))).all()


async def need(unit: UnitOfWork, person_id: UUID, need_id: UUID) -> Need:
    """One ordinary need. Raises NotFound."""
    return await part_of(unit, Need, person_id, need_id)


async def restricted_needs(
    unit: UnitOfWork, instance: InstanceKey, person_id: UUID
) -> list[RestrictedNeedOut]:
    """What specialists recorded of a person, the oldest first. Raises NotFound for a person out of reach."""
    await unit.get(Person, person_id)
    found = select(RestrictedNeed).where(
        RestrictedNeed.agency == unit.principal.agency, RestrictedNeed.root == person_id
    )
    needs = (await unit.session.scalars(found.order_by(RestrictedNeed.created, RestrictedNeed.id))).all()
    seals = await seals_of(unit, instance, [person_id])
    return [_shown(need, seals[person_id]) for need in needs]


async def restricted_need(
    unit: UnitOfWork, instance: InstanceKey, person_id: UUID, need_id: UUID
) -> RestrictedNeedOut:
    """One of them. Raises NotFound."""
    need = await part_of(unit, RestrictedNeed, person_id, need_id)
    return _shown(need, (await seals_of(unit, instance, [person_id]))[person_id])


def _shown(need: RestrictedNeed, seal: Seal) -> RestrictedNeedOut:
    return RestrictedNeedOut(
        need_id=need.id,
        code=need.code,
        tier=need.tier,
        list_version=need.list_version,
        severity=need.severity,
        note=seal.open("restricted note", need.note) if need.note else None,
    )
