"""The HTTP API of payment orders."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import WorkOut, accepted, agency, origin_of, runtime
from solidary.platform.web.idempotency import idempotent

from cash.delivery.instructions import commands, jobs
from cash.delivery.instructions.encryption import public_key
from cash.delivery.instructions.models import Instruction
from cash.delivery.instructions.schemas import InstructionIn, InstructionOut
from cash.idempotency_required import IDEMPOTENCY_REQUIRED
from cash.intake import Intake

router = APIRouter(tags=["instructions"], dependencies=IDEMPOTENCY_REQUIRED)
Releaser = Annotated[UnitOfWork, agency(Duty.CASH_RELEASER, read_only=True)]
Downloader = Annotated[UnitOfWork, agency(Duty.CASH_RELEASER)]
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]
XML: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/xml": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The payment order, pain.001.001.09",
    }
}


@router.post("/payment-plans/{plan_id}/instruction", status_code=202)
async def dispatch(
    unit: Releaser, plan_id: UUID, body: InstructionIn, request: Request, response: Response
) -> WorkOut:
    """Take the payment order of a released plan. The result of the work is the order, whose file you then download.

    Payments that cannot be made as they were approved are left out; `not_sent` of the instruction lists them.
    """
    order = await commands.permit_order(unit, _intake(unit, request), plan_id)
    async with idempotent(unit, request, response, request.headers["Idempotency-Key"]):
        day, key = body.execution_date, public_key(_secret(request))
        return accepted(await jobs.start_order(unit, plan_id, order, day, key), response)


@router.get("/instructions/{instruction_id}/file", responses=XML, response_class=StreamingResponse)
async def download_file(unit: Downloader, instruction_id: UUID, request: Request) -> StreamingResponse:
    """Download the file of an order that you took or let be written again, within eight hours."""
    instruction = await unit.get(Instruction, instruction_id)
    file = await commands.stored_file(unit, _secret(request), instruction)
    headers = {
        "Content-Disposition": f'attachment; filename="{instruction.message_id}.xml"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(file, media_type="application/xml", headers=headers)


@router.post("/instructions/{instruction_id}/file", status_code=202)
async def write_file_again(
    unit: Releaser, instruction_id: UUID, request: Request, response: Response
) -> WorkOut:
    """Let the same file be written again, for you to download. The work fails where the file would differ."""
    instruction = await unit.get(Instruction, instruction_id)
    order = await commands.permit_again(unit, _intake(unit, request), instruction)
    async with idempotent(unit, request, response, request.headers["Idempotency-Key"]):
        key = public_key(_secret(request))
        return accepted(await jobs.start_again(unit, instruction, order, key), response)


@router.get("/instructions/{instruction_id}")
async def read_instruction(unit: Reader, instruction_id: UUID) -> InstructionOut:
    """Read one payment order."""
    return InstructionOut.model_validate(await unit.get(Instruction, instruction_id))


def _secret(request: Request) -> bytes:
    return runtime(request).settings.request_secret


def _intake(unit: UnitOfWork, request: Request) -> Intake:
    return Intake.of(runtime(request).clients, unit.principal.agency, origin_of(request))
