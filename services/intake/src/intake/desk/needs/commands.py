"""The recording of needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from solidary.language.codes.need_categories import category_of
from solidary.language.codes.specific_needs import load_specific_needs
from solidary.platform.database import UnitOfWork

from intake.desk.needs import rules
from intake.desk.needs.models import Need, RestrictedNeed
from intake.desk.needs.records import CheckedNeed, RestrictedNeedRecord
from intake.desk.needs.rules import NeedState
from intake.desk.needs.schemas import NeedIn, RestrictedNeedIn
from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.assignments.models import require_need_to_know
from intake.registry.encryption.models import open_person
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.commands import bump_household_version
from intake.registry.people.models import Person
from intake.registry.people.queries import get_part, get_person
from intake.registry.people.rules import require_possible_days
from intake.registry.timeline.models import add_timeline_entry


def check_needs(
    needs_in: Sequence[NeedIn], pointer: str, today: date, born: date | None
) -> tuple[CheckedNeed, ...]:
    """Return ordinary needs that may be recorded. `pointer` is the place of the list in the request, for its faults.

    Raises Invalid, NeedRestricted.
    """
    return tuple(_check_need(each, f"{pointer}/{place}", today, born) for place, each in enumerate(needs_in))


def add_need(unit: UnitOfWork, person_id: UUID, checked: CheckedNeed) -> Need:
    """Add an ordinary need of a person, with its entry on the timeline."""
    need = Need(root=person_id, state=NeedState.OPEN, **checked.model_dump())
    unit.add(need)
    add_timeline_entry(unit, person_id, "need_recorded", need.id)
    return need


async def record_need(
    unit: UnitOfWork, person_id: UUID, need_in: NeedIn, reason: AccessReason | None
) -> Need:
    """Record an ordinary need of a registered person.

    Raises NotFound, NeedToKnowMissing (a refusal would tell which needs are open), Invalid, NeedRestricted.
    """
    person = await get_person(unit, person_id, AccessAction.NEED_RECORDED, reason=reason)
    await require_need_to_know(unit, person_id, reason)
    born = date(person.birth_year, 1, 1) if person.birth_year else None
    need = add_need(unit, person_id, _check_need(need_in, "", unit.today, born))
    await _bump_profile_version(unit, person, need)
    await unit.flush()
    return need


async def change_need_state(
    unit: UnitOfWork, person_id: UUID, need_id: UUID, to: NeedState, reason: AccessReason | None
) -> Need:
    """Mark a need as met or closed. Raises NotFound, NeedToKnowMissing, TransitionNotAllowed."""
    need = await get_part(unit, Need, person_id, need_id, AccessAction.NEED_CHANGED, reason=reason)
    await require_need_to_know(unit, person_id, reason)
    await unit.session.refresh(need, with_for_update=True)
    need.change_state(to)
    await _bump_profile_version(unit, await unit.get(Person, person_id), need)
    add_timeline_entry(unit, need.root, f"need_{to}", need.id)
    return need


async def record_restricted_need(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    person_id: UUID,
    need_in: RestrictedNeedIn,
    reason: AccessReason | None,
) -> RestrictedNeed:
    """Record a restricted need; no timeline shows it. Raises NotFound, NeedToKnowMissing, Invalid."""
    person = await unit.get(Person, person_id)
    await require_need_to_know(unit, person_id, reason)
    entry = rules.require_restricted_code(need_in.code, "/code")
    content = RestrictedNeedRecord(
        code=entry.code,
        list_version=load_specific_needs().version,
        severity=need_in.severity,
        note=need_in.note or None,
    )
    need = RestrictedNeed(root=person.id)
    action = AccessAction.RESTRICTED_NEEDS_OPENED
    need.set_content(content, await open_person(unit, instance_key, person_id, action, reason=reason))
    unit.add(need)
    await unit.flush()
    return need


def _check_need(need_in: NeedIn, pointer: str, today: date, born: date | None) -> CheckedNeed:
    require_possible_days({f"{pointer}/day": need_in.day}, today, born)
    entry = rules.require_ordinary_code(need_in.code, f"{pointer}/code")
    return CheckedNeed(
        code=entry.code,
        tier=entry.tier,
        list_version=load_specific_needs().version,
        category=need_in.category or category_of(entry.code),
        severity=need_in.severity,
        day=need_in.day or today,
    )


async def _bump_profile_version(unit: UnitOfWork, person: Person, need: Need) -> None:
    """Count a change of the household's coded profile, which includes functional difficulties."""
    if rules.is_functional_difficulty(need.code):
        await bump_household_version(unit, person.household_id)
