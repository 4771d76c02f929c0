"""Changes of procedures."""

from __future__ import annotations

from uuid import UUID

from solidary.language.country import CountryPack
from solidary.platform.database import UnitOfWork

from intake.desk.procedures.advice import advice_on
from intake.desk.procedures.models import Procedure
from intake.desk.procedures.rules import ProcedureState, require_discussed_warnings
from intake.desk.procedures.schemas import ProcedureIn
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.queries import get_part
from intake.registry.timeline.models import add_timeline_entry


async def open_procedure(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    person_id: UUID,
    procedure_in: ProcedureIn,
) -> Procedure:
    """Open a person's procedure on a pathway. Raises NotFound, Invalid, WarningsNotDiscussed."""
    pathway, action = procedure_in.pathway, AccessAction.PROCEDURE_OPENED
    advice = await advice_on(unit, instance_key, country, person_id, pathway, unit.now, action)
    require_discussed_warnings(advice, warnings_discussed=procedure_in.warnings_discussed)
    procedure = Procedure(
        root=person_id,
        pathway=pathway,
        state=ProcedureState.IDENTIFIED,
        since=unit.now,
        deadline=advice.last_day,
    )
    unit.add(procedure)
    add_timeline_entry(unit, person_id, "procedure_opened", procedure.id)
    await unit.flush()
    return procedure


async def change_procedure_state(
    unit: UnitOfWork, person_id: UUID, procedure_id: UUID, to: ProcedureState
) -> Procedure:
    """Record the next state of a procedure. Raises NotFound, TransitionNotAllowed."""
    procedure = await get_part(unit, Procedure, person_id, procedure_id, AccessAction.PROCEDURE_CHANGED)
    await unit.session.refresh(procedure, with_for_update=True)
    procedure.change_state(to, unit.now)
    add_timeline_entry(unit, person_id, f"procedure_{to}", procedure.id)
    return procedure
