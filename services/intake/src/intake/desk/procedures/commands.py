from __future__ import annotations

from uuid import UUID, uuid4

from solidary.platform.database import UnitOfWork

from intake.desk.procedures import states
from intake.desk.procedures.models import Procedure
from intake.desk.procedures.schemas import ProcedureIn
from intake.desk.procedures.states import State
from intake.engines.pathways.guard import Advice
from intake.registry.people.models import part_of
from intake.registry.timeline.models import note


async def open_procedure(unit: UnitOfWork, person_id: UUID, advice: Advice, said: ProcedureIn) -> Procedure:
    """The person sets out on a route."""
    states.must_be_talked_over(advice, talked_over=said.talked_over)
    procedure = Procedure(
        id=uuid4(),
        root=person_id,
        route=said.route,
        state=State.IDENTIFIED,
        since=unit.now,
        deadline=advice.last_day,
    )
    unit.add(procedure)
    note(unit, person_id, "procedure_opened", procedure.id)
    await unit.flush()
    return procedure


async def move(unit: UnitOfWork, person_id: UUID, procedure_id: UUID, to: State) -> Procedure:
    procedure = await part_of(unit, Procedure, person_id, procedure_id)
    await unit.session.refresh(procedure, with_for_update=True)
    procedure.move(to, unit.now)
    note(unit, person_id, f"procedure_{to}", procedure.id)
    return procedure
