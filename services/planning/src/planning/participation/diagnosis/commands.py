"""The command that publishes a diagnosis."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events.planning import DiagnosisPublished
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork

from planning.participation.diagnosis.rules import mean_indicators
from planning.participation.diagnosis.schemas import DiagnosisIn
from planning.participation.plans.models import Plan
from planning.participation.plans.records import DiagnosisRecord, FigureRecord, SourceRecord
from planning.participation.plans.rules import PlanState
from planning.participation.publication.commands import publish_plan
from planning.territory.cities import queries as cities
from planning.territory.cities.models import Dataset
from planning.territory.tius import queries as tius
from planning.territory.tius.models import Tiu

DIAGNOSED_IN = frozenset({PlanState.DIAGNOSIS})


async def publish_diagnosis(unit: UnitOfWork, plan_id: UUID, body: DiagnosisIn) -> Plan:
    """Publish the means of the unit's indicators with their sources, and a summary.

    Raises NotFound, PlanInAnotherState, and Invalid for an indicator that no cell of the unit has.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.require_state(DIAGNOSED_IN, "A diagnosis can be published")
    tiu = await unit.get(Tiu, plan.tiu_id)
    cells = await tius.cells_of_tiu(unit.session, tiu)
    means = mean_indicators([cell.indicators for cell in cells])
    codes = body.indicators or list(means)
    faults = [
        Fault(f"/indicators/{n}", f"No cell of the unit has the indicator {code}.")
        for n, code in enumerate(codes)
        if code not in means
    ]
    if faults:
        raise Invalid("The diagnosis names indicators that the unit does not have.", *faults)
    plan.diagnosis = DiagnosisRecord(
        summary=body.summary,
        cells=len(cells),
        figures=tuple(FigureRecord(indicator=code, mean=means[code]) for code in codes),
        sources=tuple(_source(dataset) for dataset in await cities.sources_of_cells(unit.session, cells)),
    )
    await publish_plan(unit, plan)
    unit.publish(DiagnosisPublished(plan_id=plan.id, tiu_id=tiu.id), about=plan)
    return plan


def _source(dataset: Dataset) -> SourceRecord:
    return SourceRecord(
        title=dataset.title,
        publisher=dataset.publisher,
        licence=dataset.licence,
        period=dataset.period,
        synthetic=dataset.synthetic,
    )
