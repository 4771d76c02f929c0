"""HTTP of orders to payment providers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, runtime
from solidary.platform.web.idempotency import idempotent

from cash.delivery.instructions import commands
from cash.delivery.instructions.commands import File
from cash.delivery.instructions.models import Instruction
from cash.delivery.instructions.schemas import InstructionIn, InstructionOut
from cash.intake import Intake
from cash.keyed import KEYED

router = APIRouter(tags=["instructions"], dependencies=KEYED)
Releaser = Annotated[UnitOfWork, agency(Duty.CASH_RELEASER, read_only=True)]
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]
XML: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/xml": {}}, "description": "The order, pain.001.001.09"}
}
CHUNK = 64 * 1024


@router.post("/payment-plans/{plan_id}/instruction", responses=XML, response_class=StreamingResponse)
async def dispatch(
    unit: Releaser, plan_id: UUID, body: InstructionIn, request: Request, response: Response
) -> StreamingResponse:
    """Hand over the order of a released plan as a file. Who cannot be paid as agreed is left out, and shown by
    `not_sent`. Repeated with its key, it answers with what is kept of it; the file itself is not kept."""
    draft = await commands.draw_up(unit, _intake(unit, request), plan_id)
    async with idempotent(unit, request, response, request.headers["Idempotency-Key"]):
        instruction, file = await commands.dispatch(unit, plan_id, draft, body)
        return _hand_over(instruction, file, response)


@router.post("/instructions/{instruction_id}/file", responses=XML, response_class=StreamingResponse)
async def again(
    unit: Releaser, instruction_id: UUID, request: Request, response: Response
) -> StreamingResponse:
    """The same file again, or none where it would differ from the one handed over."""
    instruction, file = await commands.again(unit, _intake(unit, request), instruction_id)
    return _hand_over(instruction, file, response)


@router.get("/instructions/{instruction_id}")
async def read(unit: Reader, instruction_id: UUID) -> InstructionOut:
    """What is kept of an order."""
    return InstructionOut.model_validate(await unit.get(Instruction, instruction_id))


def _intake(unit: UnitOfWork, request: Request) -> Intake:
    return Intake.of(runtime(request).clients, unit.principal.agency)


def _hand_over(instruction: Instruction, file: File, response: Response) -> StreamingResponse:
    """It leaves after the commit: no byte of an order that is not recorded."""
    place = f"/instructions/{instruction.id}"
    response.headers["Location"] = place
    name = f'attachment; filename="{instruction.message_id}.xml"'
    headers = {"Location": place, "Content-Disposition": name, "Cache-Control": "no-store"}
    return StreamingResponse(_chunks(file), media_type="application/xml", headers=headers)


def _chunks(file: File) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
