"""The import of a provider's report as long work: stored by the request, applied by a worker."""

from __future__ import annotations

from uuid import UUID, uuid4

from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Jobs, Progress, Work, start_work
from sqlalchemy import delete, select

from cash.delivery.status_reports import commands
from cash.delivery.status_reports.models import StatusReport, StatusReportUpload
from cash.delivery.status_reports.records import UploadRecord
from cash.problems import StatusReportAlreadyImported, StatusReportsWaiting

MAX_WAITING = 10
"""The reports of one agency that wait for their import; a bank sends a few files a day."""

jobs = Jobs()


async def request_import(unit: UnitOfWork, sha256: str, record: UploadRecord, body: bytes) -> Work:
    """Store a report, packed by `packing.pack`, and start its import; a report that waits already is not stored twice.

    Raises StatusReportAlreadyImported, StatusReportsWaiting.
    """
    agency = unit.principal.agency
    known = select(StatusReport.id).where(StatusReport.agency == agency, StatusReport.sha256 == sha256)
    if await unit.session.scalar(known):
        raise StatusReportAlreadyImported
    finished = select(Work.id).where(Work.agency == agency, Work.finished.is_not(None))
    own = StatusReportUpload.agency == agency
    await unit.session.execute(
        delete(StatusReportUpload).where(own, StatusReportUpload.work_id.in_(finished))
    )
    waiting = await unit.session.execute(
        select(StatusReportUpload.sha256, StatusReportUpload.work_id).where(own)
    )
    works = {row.sha256: row.work_id for row in waiting}
    if sha256 in works:
        return await unit.get(Work, works[sha256])
    if len(works) >= MAX_WAITING:
        raise StatusReportsWaiting(f"{len(works)} reports of your agency wait already.")
    id_ = uuid4()
    work = await start_work(unit, import_status_report, total=record.count, upload_id=str(id_))
    unit.add(StatusReportUpload(id=id_, root=id_, work_id=work.id, sha256=sha256, content=record, body=body))
    await unit.flush()
    return work


@jobs.long(lock="agency")
async def import_status_report(unit: UnitOfWork, progress: Progress, upload_id: str) -> str:
    """Import an uploaded report, one at a time for each agency. Return the path of the report."""
    report = await commands.import_upload(unit, progress, UUID(upload_id))
    return f"/status-reports/{report.id}"
