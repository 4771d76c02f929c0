"""Needs as the person's own agency reads them; reads of restricted needs are logged."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.desk.needs.models import Need, RestrictedNeed
from intake.desk.needs.rules import FUNCTIONAL_DIFFICULTY_PREFIX, NeedState
from intake.desk.needs.schemas import RestrictedNeedOut
from intake.registry.access_log.models import log_access
from intake.registry.encryption.models import ciphers_of
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.people.models import Person
from intake.registry.people.queries import get_part


async def list_needs(unit: UnitOfWork, person_id: UUID) -> Sequence[Need]:
    """Return a person's ordinary needs, the oldest first. Raises NotFound."""
    await unit.get(Person, person_id)
    needs = select(Need).where(Need.agency == unit.principal.agency, Need.root == person_id)
    return (await unit.session.scalars(needs.order_by(Need.created, Need.id))).all()


async def open_need_codes(unit: UnitOfWork, person_id: UUID) -> set[str]:
    """Return the codes of a person's open ordinary needs."""
    codes = select(Need.code).where(
        Need.agency == unit.principal.agency, Need.root == person_id, Need.state == NeedState.OPEN
    )
    return set(await unit.session.scalars(codes))


async def count_people_with_functional_difficulty(unit: UnitOfWork, people: Sequence[Person]) -> int:
    """Return the number of people who have an open need among the Washington Group's codes."""
    person_ids = select(Need.root).where(
        Need.root.in_([person.id for person in people]),
        Need.code.startswith(FUNCTIONAL_DIFFICULTY_PREFIX),
        Need.state == NeedState.OPEN,
    )
    return len(set(await unit.session.scalars(person_ids)))


async def list_restricted_needs(
    unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID
) -> list[RestrictedNeedOut]:
    """Return a person's restricted needs, the oldest first, and log the access. Raises NotFound."""
    log_access(unit, person_id, "restricted_needs_read")
    await unit.get(Person, person_id)
    found = select(RestrictedNeed).where(
        RestrictedNeed.agency == unit.principal.agency, RestrictedNeed.root == person_id
    )
    needs = (await unit.session.scalars(found.order_by(RestrictedNeed.created, RestrictedNeed.id))).all()
    ciphers = await ciphers_of(unit, instance_key, [person_id])
    return [_restricted_need_out(need, ciphers[person_id]) for need in needs]


async def read_restricted_need(
    unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID, need_id: UUID
) -> RestrictedNeedOut:
    """Return a restricted need and log the access. Raises NotFound."""
    log_access(unit, person_id, "restricted_needs_read", reference=need_id)
    return await show_restricted_need(unit, instance_key, person_id, need_id)


async def show_restricted_need(
    unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID, need_id: UUID
) -> RestrictedNeedOut:
    """Return a restricted need to the user who has just recorded it. Raises NotFound."""
    need = await get_part(unit, RestrictedNeed, person_id, need_id)
    return _restricted_need_out(need, (await ciphers_of(unit, instance_key, [person_id]))[person_id])


def _restricted_need_out(need: RestrictedNeed, cipher: FieldCipher) -> RestrictedNeedOut:
    return RestrictedNeedOut(
        need_id=need.id,
        code=need.code,
        tier=need.tier,
        list_version=need.list_version,
        severity=need.severity,
        note=need.read_note(cipher),
    )
