"""A person's own copy, read by a colleague who hands it over; the access is logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from solidary.platform.database import AgencyEntity, UnitOfWork
from sqlalchemy import select

from intake.desk.guidance.models import Guidance
from intake.desk.needs.models import Need
from intake.desk.needs.schemas import NeedOut
from intake.desk.procedures.models import Procedure
from intake.desk.procedures.schemas import ProcedureOut
from intake.desk.visits.models import Visit
from intake.desk.visits.queries import visit_out
from intake.registry.access_log.models import AccessEntry
from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.encryption.models import open_person
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.people.models import Household, Person
from intake.registry.people.queries import read_person
from intake.registry.people.schemas import PayoutOut
from intake.registry.timeline.models import TimelineEntry
from intake.registry.timeline.schemas import TimelineItem
from intake.rights.copies.schemas import AccessCopy, ConsentCopy, GuidanceCopy, HouseholdCopy, PersonCopy
from intake.sharing.consents.models import Consent
from intake.sharing.consents.schemas import ConsentOut
from intake.sharing.packages.models import Package

MAXIMUM_ROWS = 1_000
"""The greatest number of records of each kind; the newest."""

P = TypeVar("P", bound=AgencyEntity)


async def read_copy(unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID) -> PersonCopy:
    """Return a person's own copy and log that it was made. Raises NotFound."""
    action, reason = AccessAction.COPY_MADE, AccessReason.REQUEST_OF_PERSON
    shown = await read_person(unit, instance_key, person_id, action, reason)
    person = await unit.get(Person, person_id)
    cipher = await open_person(unit, instance_key, person_id, action, reason=reason)
    payout = person.read_payout(cipher)
    visits = await _newest(unit, Visit, person_id)
    return PersonCopy(
        person=shown,
        payout=PayoutOut.model_validate(payout) if payout else None,
        household=HouseholdCopy.model_validate(await unit.get(Household, person.household_id)),
        needs=[NeedOut.model_validate(need) for need in await _newest(unit, Need, person_id)],
        visits=[visit_out(visit, visit.read_note(cipher)) for visit in visits],
        guidance=[GuidanceCopy.model_validate(each) for each in await _newest(unit, Guidance, person_id)],
        procedures=[ProcedureOut.model_validate(each) for each in await _newest(unit, Procedure, person_id)],
        consents=await _consents(unit, cipher, person_id),
        timeline=[
            TimelineItem.model_validate(each) for each in await _newest(unit, TimelineEntry, person_id)
        ],
        accesses=[AccessCopy.model_validate(each) for each in await _accesses(unit, person_id)],
    )


async def _consents(unit: UnitOfWork, cipher: FieldCipher, person_id: UUID) -> list[ConsentCopy]:
    consents = await _newest(unit, Consent, person_id)
    own = select(Package).where(Package.id.in_([consent.package_id for consent in consents]))
    packages = {package.id: package.read_fields(cipher) for package in await unit.session.scalars(own)}
    return [
        ConsentCopy(
            **ConsentOut.model_validate(consent).model_dump(by_alias=False) | {"id": consent.id},
            shared=packages.get(consent.package_id, {}),
        )
        for consent in consents
    ]


async def _accesses(unit: UnitOfWork, person_id: UUID) -> Sequence[AccessEntry]:
    """Return the newest accesses, without those to restricted records, whose existence the copy keeps to itself."""
    newest = select(AccessEntry).where(
        AccessEntry.agency == unit.principal.agency,
        AccessEntry.root == person_id,
        AccessEntry.action != AccessAction.RESTRICTED_NEEDS_OPENED,
    )
    newest = newest.order_by(AccessEntry.created.desc(), AccessEntry.id.desc()).limit(MAXIMUM_ROWS)
    return (await unit.session.scalars(newest)).all()


async def _newest(unit: UnitOfWork, part: type[P], person_id: UUID) -> Sequence[P]:
    newest = select(part).where(part.agency == unit.principal.agency, part.root == person_id)
    newest = newest.order_by(part.created.desc(), part.id.desc()).limit(MAXIMUM_ROWS)
    return (await unit.session.scalars(newest)).all()
