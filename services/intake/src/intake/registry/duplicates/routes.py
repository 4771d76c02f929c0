"""The routes of people who may be registered twice."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Page, UpdatedCursor, agency, versioned

from intake.registry.access_log.rules import AccessAction
from intake.registry.duplicates import commands, queries
from intake.registry.duplicates.schemas import ProvisionalPersonOut, SamePersonIn
from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.registry.external_ids.models import PersonExternalId
from intake.registry.people.models import Person
from intake.registry.people.queries import read_person
from intake.registry.people.schemas import PersonOut

router = APIRouter(tags=["people"])
Reader = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.SOFTWARE_READ)]
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]


@router.get("/provisional-people")
async def list_provisional_people(
    unit: Reader,
    instance_key: CurrentInstanceKey,
    cursor: Annotated[UpdatedCursor, Depends()],
    is_decided: bool = False,
) -> Page[ProvisionalPersonOut]:
    """List the people who may be registered twice, each with whom they may be and the reasons.

    With `is_decided`, those of whom somebody decided that they are. Each person whom the list shows is logged.
    """
    return await queries.list_provisional_people(unit, instance_key, cursor, is_decided=is_decided)


@router.put("/people/{person_id}/same-as")
@versioned(Person, PersonExternalId)
async def decide_same_person(
    unit: Desk, instance_key: CurrentInstanceKey, person_id: UUID, body: SamePersonIn
) -> PersonOut:
    """Decide that a provisional person is another person of your agency, or take that back.

    That they are nobody else is decided by confirming the registration (`POST /people/{person_id}/state`).
    """
    await commands.decide_same_person(unit, person_id, body.person_id)
    return await read_person(unit, instance_key, person_id, AccessAction.DUPLICATE_DECIDED)
