"""The command that draws a Territorial Intervention Unit."""

from __future__ import annotations

import shapely
from solidary.language.events.planning import TiuDefined
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.engines.shapes import InvalidGeometry, parse_geometry
from planning.territory.cities.models import Cell
from planning.territory.tius.models import Tiu
from planning.territory.tius.records import PopulationRecord
from planning.territory.tius.rules import cells_within
from planning.territory.tius.schemas import TiuIn


async def draw_tiu(unit: UnitOfWork, body: TiuIn) -> Tiu:
    """Draw a unit from the cells of an area whose centres the outline covers.

    Raises Invalid for an outline that is no shape or covers no cell, and for an area without cells.
    """
    try:
        outline = parse_geometry(body.outline.model_dump())
    except InvalidGeometry as error:
        raise Invalid("The outline of the unit is not valid.", Fault("/outline", str(error))) from None
    cells = (
        await unit.session.execute(
            select(Cell.id, Cell.geometry)
            .where(Cell.city == body.city, Cell.area == body.area)
            .order_by(Cell.id)
        )
    ).all()
    if not cells:
        detail = f"The city {body.city} has no cells in the area {body.area}. Import them first."
        raise Invalid("The unit is in an area without cells.", Fault("/area", detail))
    within = cells_within(outline, list(shapely.from_wkb([cell.geometry for cell in cells])))
    if not within:
        detail = f"The outline covers the centre of no cell in the area {body.area}."
        raise Invalid("The unit has no cells.", Fault("/outline", detail))
    tiu = Tiu(
        city=body.city,
        area=body.area,
        label=body.label,
        outline=shapely.to_wkb(outline),
        cells=[cells[index].id for index in within],
        population=None
        if body.population is None
        else PopulationRecord(**body.population.model_dump(mode="json")),
    )
    unit.add(tiu)
    await unit.flush()
    unit.publish(TiuDefined(tiu_id=tiu.id, label=tiu.label, area=tiu.area, cells=tiu.cells), about=tiu)
    return tiu
