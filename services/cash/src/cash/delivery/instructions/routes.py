"""The HTTP API of payment orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, origin_of, runtime
from solidary.platform.web.idempotency import idempotent

from cash.delivery.instructions import commands
from cash.delivery.instructions.files import OrderFile
from cash.delivery.instructions.models import Instruction
from cash.delivery.instructions.schemas import InstructionIn, InstructionOut
from cash.idempotency_required import IDEMPOTENCY_REQUIRED
from cash.intake import Intake

router = APIRouter(tags=["instructions"], dependencies=IDEMPOTENCY_REQUIRED)
Releaser = Annotated[UnitOfWork, agency(Duty.CASH_RELEASER, read_only=True)]
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]
XML: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/xml": {}}, "description": "The payment order, pain.001.001.09"}
}
CHUNK = 64 * 1024


@router.post("/payment-plans/{plan_id}/instruction", responses=XML, response_class=StreamingResponse)
async def dispatch(
    unit: Releaser, plan_id: UUID, body: InstructionIn, request: Request, response: Response
) -> StreamingResponse:
    """Hand over the payment order of a released plan as a file.

    Payments that cannot be made as they were approved are left out; `not_sent` of the instruction lists them. A
    repetition with the same key is answered with the instruction, because the file is not kept.
    """
    draft = await commands.draft_order(unit, _intake(unit, request), plan_id)
    async with idempotent(unit, request, response, request.headers["Idempotency-Key"]):
        instruction, file = await commands.dispatch(unit, plan_id, draft, body)
        return _download(instruction, file, response)


@router.post("/instructions/{instruction_id}/file", responses=XML, response_class=StreamingResponse)
async def write_file_again(
    unit: Releaser, instruction_id: UUID, request: Request, response: Response
) -> StreamingResponse:
    """Hand over the same file again. It is refused where the file would differ from the first one."""
    instruction, file = await commands.write_again(unit, _intake(unit, request), instruction_id)
    return _download(instruction, file, response)


@router.get("/instructions/{instruction_id}")
async def read_instruction(unit: Reader, instruction_id: UUID) -> InstructionOut:
    """Read one payment order."""
    return InstructionOut.model_validate(await unit.get(Instruction, instruction_id))


def _intake(unit: UnitOfWork, request: Request) -> Intake:
    return Intake.of(runtime(request).clients, unit.principal.agency, origin_of(request))


def _download(instruction: Instruction, file: OrderFile, response: Response) -> StreamingResponse:
    """Return the file as a download. It is sent after the commit: no byte of an order that is not recorded."""
    response.headers["Location"] = instruction.location
    headers = {
        "Location": instruction.location,
        "Content-Disposition": f'attachment; filename="{instruction.message_id}.xml"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_chunks(file), media_type="application/xml", headers=headers)


def _chunks(file: OrderFile) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
