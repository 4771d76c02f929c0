"""Needs as the person's own agency reads them; each access is logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from solidary.language.codes.specific_needs import ConfidentialityTier
from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork
from solidary.platform.web import Cursor, Page, page_of, where_given
from sqlalchemy import select

from intake.desk.needs.models import Need, RestrictedNeed
from intake.desk.needs.rules import FUNCTIONAL_DIFFICULTY_PREFIX, NeedState
from intake.desk.needs.schemas import NeedOfList, RestrictedNeedOut
from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.assignments.models import assigned_to, require_need_to_know
from intake.registry.encryption.models import open_person
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.people.models import Person
from intake.registry.people.queries import get_part, get_person, with_names


async def list_needs(unit: UnitOfWork, person_id: UUID, reason: AccessReason | None) -> Sequence[Need]:
    """Return a person's ordinary needs, the oldest first. Raises NotFound, NeedToKnowMissing."""
    await get_person(unit, person_id, AccessAction.NEEDS_READ, reason=reason)
    await require_need_to_know(unit, person_id, reason)
    needs = select(Need).where(Need.agency == unit.principal.agency, Need.root == person_id)
    return (await unit.session.scalars(needs.order_by(Need.created, Need.id))).all()


async def list_own_needs(
    unit: UnitOfWork, instance_key: InstanceKey, cursor: Cursor, wanted: Mapping[Any, Any]
) -> Page[NeedOfList]:
    """Return a page of the ordinary needs of the people to whom the user is assigned, the newest first."""
    needs = select(Need).where(Need.agency == unit.principal.agency, Need.root.in_(assigned_to(unit)))
    page = await page_of(unit.session, where_given(needs, wanted), cursor, NeedOfList.model_validate, by=Need)
    return await with_names(unit, instance_key, page, AccessAction.NEEDS_READ)


async def read_need(unit: UnitOfWork, person_id: UUID, need_id: UUID, reason: AccessReason | None) -> Need:
    """Return an ordinary need. Raises NotFound, NeedToKnowMissing."""
    need = await get_part(unit, Need, person_id, need_id, AccessAction.NEEDS_READ, reason=reason)
    await require_need_to_know(unit, person_id, reason)
    return need


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
    unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID, reason: AccessReason | None
) -> list[RestrictedNeedOut]:
    """Return a person's restricted needs, the oldest first. Raises NotFound, NeedToKnowMissing."""
    await unit.get(Person, person_id)
    cipher = await _open_restricted(unit, instance_key, person_id, reason)
    found = select(RestrictedNeed).where(
        RestrictedNeed.agency == unit.principal.agency, RestrictedNeed.root == person_id
    )
    needs = (await unit.session.scalars(found.order_by(RestrictedNeed.created, RestrictedNeed.id))).all()
    return [_restricted_need_out(need, cipher) for need in needs]


async def read_restricted_need(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    person_id: UUID,
    need_id: UUID,
    reason: AccessReason | None,
) -> RestrictedNeedOut:
    """Return a restricted need. Raises NotFound, NeedToKnowMissing."""
    need = await unit.get(RestrictedNeed, need_id)
    if need.root != person_id:
        raise NotFound(f"There is no restricted need {need_id} of this person.")
    return _restricted_need_out(need, await _open_restricted(unit, instance_key, person_id, reason))


async def _open_restricted(
    unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID, reason: AccessReason | None
) -> FieldCipher:
    await require_need_to_know(unit, person_id, reason)
    action = AccessAction.RESTRICTED_NEEDS_OPENED
    return await open_person(unit, instance_key, person_id, action, reason=reason)


def _restricted_need_out(need: RestrictedNeed, cipher: FieldCipher) -> RestrictedNeedOut:
    content = need.read_content(cipher)
    return RestrictedNeedOut(
        need_id=need.id,
        code=content.code,
        tier=ConfidentialityTier.RESTRICTED,
        list_version=content.list_version,
        severity=content.severity,
        note=content.note,
    )
