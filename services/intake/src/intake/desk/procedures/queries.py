"""The procedures of a person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.web import Cursor, Page, page_of, where_given
from sqlalchemy import select

from intake.desk.procedures.models import Procedure
from intake.desk.procedures.rules import ProcedureState
from intake.desk.procedures.schemas import ProcedureOfList
from intake.registry.access_log.rules import AccessAction
from intake.registry.assignments.models import assigned_to
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.queries import get_person, with_names


async def list_procedures(unit: UnitOfWork, person_id: UUID) -> Sequence[Procedure]:
    """Return a person's procedures, the oldest first. Raises NotFound."""
    await get_person(unit, person_id, AccessAction.PROCEDURES_READ)
    procedures = select(Procedure).where(
        Procedure.agency == unit.principal.agency, Procedure.root == person_id
    )
    return (await unit.session.scalars(procedures.order_by(Procedure.created, Procedure.id))).all()


async def list_own_procedures(
    unit: UnitOfWork, instance_key: InstanceKey, cursor: Cursor, state: ProcedureState | None
) -> Page[ProcedureOfList]:
    """Return a page of the procedures of the people to whom the user is assigned, the newest first."""
    procedures = select(Procedure).where(
        Procedure.agency == unit.principal.agency, Procedure.root.in_(assigned_to(unit))
    )
    found = where_given(procedures, {Procedure.state: state})
    page = await page_of(unit.session, found, cursor, ProcedureOfList.model_validate, by=Procedure)
    return await with_names(unit, instance_key, page, AccessAction.PROCEDURES_READ)
