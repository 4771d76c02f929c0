"""The route that imports entries of the directory from a file."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from solidary.language.external_ids import SystemName
from solidary.platform.bulk import MAX_BYTES, file_body, received_file, report_router
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, WorkOut, accepted, agency, upload

from referrals.directory.imports import commands, jobs

router = APIRouter(tags=["imports"])
DUTIES = (Duty.DIRECTORY_EDITOR, Duty.SOFTWARE_DIRECTORY)
Maintainer = Annotated[UnitOfWork, agency(*DUTIES)]
reports = report_router(*DUTIES)
FILE = file_body(
    "id,name,organization,description,category,confidential,area,telephones\n"
    "S-1,Comedor,Organización (ejemplo),Almuerzo de lunes a viernes,food,no,PA1104,+5072530000\n",
    '{"name": "Comedor", "organization": "Organización (ejemplo)", "description": "Almuerzo", "category": "food", '
    '"confidential": false, "area": "PA1104", "external_ids": [{"system": "roster", "value": "S-1"}]}\n',
)


@router.post("/imports/services", status_code=202, openapi_extra=FILE)
@upload(at_most=MAX_BYTES)
async def import_services(
    unit: Maintainer,
    country: CurrentCountry,
    request: Request,
    response: Response,
    system: Annotated[SystemName, Query()],
    dry_run: bool = False,
) -> WorkOut:
    """Create the entries of a file: CSV, XLSX or JSON lines. They are public at once unless they are confidential.

    `system` is your name of the system whose identifiers the services have; one that your agency has already is not
    created again. A dry run reports what would become of each row, and creates nothing.
    """
    async with received_file(request) as (path, format_):
        parsed = await asyncio.to_thread(commands.read_file, country, path, format_, system)
    return accepted(await jobs.request_import(unit, parsed, dry_run=dry_run), response)
