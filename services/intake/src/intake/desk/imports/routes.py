"""The route that imports registrations from a file."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from solidary.language.external_ids import SystemName
from solidary.platform.bulk import MAX_BYTES, file_body, received_file, report_router
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, WorkOut, accepted, agency, upload

from intake.desk.imports import commands, jobs
from intake.registry.encryption.dependencies import CurrentInstanceKey

router = APIRouter(tags=["imports"])
DUTIES = (Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.SOFTWARE_REGISTER)
Desk = Annotated[UnitOfWork, agency(*DUTIES)]
reports = report_router(*DUTIES)
FILE = file_body(
    "household,person,relation,given_name,surname,born,sex,population_group,area\n"
    "H-1,P-1,head,Ana,Ejemplo,1991-04-12,F,refugee,PA1104\n",
    '{"household": {"area": "PA1104", "external_ids": [{"system": "roster", "value": "H-1"}]}, "members": '
    '[{"given_name": "Ana", "relation": "head", "sex": "female", "population_group": "refugee"}]}\n',
)


@router.post("/imports/registrations", status_code=202, openapi_extra=FILE)
@upload(at_most=MAX_BYTES)
async def import_registrations(
    unit: Desk,
    instance_key: CurrentInstanceKey,
    country: CurrentCountry,
    request: Request,
    response: Response,
    system: Annotated[SystemName, Query()],
    dry_run: bool = False,
) -> WorkOut:
    """Register the households of a file: CSV, XLSX or JSON lines. Its good rows are registered, the others reported.

    `system` is your name of the system whose identifiers the households have; a household that was imported before
    is not registered again. A dry run reports what would become of each row, and registers nobody.
    """
    async with received_file(request) as (path, format_):
        sealed = await asyncio.to_thread(
            commands.read_file, instance_key, country, unit.today, path, format_, system
        )
    return accepted(await jobs.request_import(unit, instance_key, sealed, dry_run=dry_run), response)
