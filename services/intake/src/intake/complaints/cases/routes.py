"""The routes of complaints: without a login, at the desk, for those who answer, and for the circle."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, Page, UpdatedCursor, agency, public_form, runtime

from intake.centres.places.queries import agency_of_centre
from intake.complaints.cases import commands, queries
from intake.complaints.cases.finding import cipher_of, get_complaint
from intake.complaints.cases.rules import CIRCLE, HANDLERS, ComplaintChannel, ComplaintState, show_code
from intake.complaints.cases.schemas import (
    AnswerIn,
    AppealIn,
    CodeIn,
    ComplaintIn,
    ComplaintListed,
    ComplaintOut,
    ReceiptOut,
    RestrictionIn,
    StatusOut,
)
from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.registry.encryption.rules import InstanceKey

router = APIRouter(tags=["complaints"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, *HANDLERS, read_only=True)]
"""A complaint has a reference of its own, by which it is filed once."""
Handler = Annotated[UnitOfWork, agency(*HANDLERS)]
HandlerStep = Annotated[UnitOfWork, agency(*HANDLERS, read_only=True)]
Circle = Annotated[UnitOfWork, agency(*CIRCLE)]
CircleStep = Annotated[UnitOfWork, agency(*CIRCLE, read_only=True)]
"""A step of a complaint that is sent again is refused by its state, so that an `Idempotency-Key` is not needed."""
Filter = Annotated[UpdatedCursor, Depends()]


@router.post("/public/complaints", status_code=201)
@public_form
async def file_public_complaint(
    request: Request, instance_key: CurrentInstanceKey, country: CurrentCountry, body: ComplaintIn
) -> ReceiptOut:
    """File a complaint without a login. It goes to the agency that runs the centre."""
    database = runtime(request).database
    owner = await agency_of_centre(database, body.centre_id)
    async with database.unit_for_visitor(owner) as unit:
        filed = await commands.file_complaint(unit, instance_key, country, body, ComplaintChannel.PAGE)
    return _receipt(filed)


@router.post("/public/complaints/status")
@public_form
async def show_status(
    request: Request, instance_key: CurrentInstanceKey, country: CurrentCountry, body: CodeIn
) -> StatusOut:
    """Show the state, the answers and the dates of a complaint by its code, which must not be in an address."""
    async with runtime(request).database.unit_for_visitor() as unit:
        return await queries.show_status(unit, instance_key, country, body.code)


@router.post("/public/complaints/appeal")
@public_form
async def appeal(
    request: Request, instance_key: CurrentInstanceKey, country: CurrentCountry, body: AppealIn
) -> StatusOut:
    """Appeal against an answer, once. Somebody else of the agency then decides."""
    async with runtime(request).database.unit_for_visitor() as unit:
        await commands.appeal(unit, instance_key, country, body.code, body.text)
        return await queries.show_status(unit, instance_key, country, body.code)


@router.post("/complaints", status_code=201)
async def file_complaint(
    unit: Desk, instance_key: CurrentInstanceKey, country: CurrentCountry, body: ComplaintIn
) -> ReceiptOut:
    """File a complaint for a person at the desk. The code is for the person; the desk keeps no copy."""
    return _receipt(await commands.file_complaint(unit, instance_key, country, body, ComplaintChannel.DESK))


@router.get("/complaints")
async def list_complaints(
    unit: Handler, cursor: Filter, state: ComplaintState | None = None, centre_id: UUID | None = None
) -> Page[ComplaintListed]:
    """List the agency's complaints, the newest first. A sensitive one is in no list but that of the circle."""
    return await queries.list_complaints(unit, cursor, is_sensitive=False, state=state, centre_id=centre_id)


@router.get("/complaints/{complaint_id}")
async def read_complaint(unit: Handler, instance_key: CurrentInstanceKey, complaint_id: UUID) -> ComplaintOut:
    """Read a complaint with its history."""
    return await _show(unit, instance_key, complaint_id, is_sensitive=False)


@router.post("/complaints/{complaint_id}/take")
async def take_complaint(
    unit: HandlerStep, instance_key: CurrentInstanceKey, complaint_id: UUID
) -> ComplaintOut:
    """Take a complaint in hand."""
    await commands.take(unit, complaint_id, is_sensitive=False)
    return await _show(unit, instance_key, complaint_id, is_sensitive=False)


@router.post("/complaints/{complaint_id}/answer")
async def answer_complaint(
    unit: HandlerStep, instance_key: CurrentInstanceKey, complaint_id: UUID, body: AnswerIn
) -> ComplaintOut:
    """Answer a complaint. The answer to an appeal is by somebody else, and closes it."""
    await commands.answer(unit, instance_key, complaint_id, body.text, is_sensitive=False)
    return await _show(unit, instance_key, complaint_id, is_sensitive=False)


@router.post("/complaints/{complaint_id}/close")
async def close_complaint(
    unit: HandlerStep, instance_key: CurrentInstanceKey, complaint_id: UUID
) -> ComplaintOut:
    """Close a complaint that is answered; without it, it is closed when the time of the appeal is over."""
    await commands.close(unit, complaint_id, is_sensitive=False)
    return await _show(unit, instance_key, complaint_id, is_sensitive=False)


@router.post("/complaints/{complaint_id}/restriction", status_code=204)
async def restrict_complaint(
    unit: HandlerStep, country: CurrentCountry, complaint_id: UUID, body: RestrictionIn
) -> None:
    """Hand a complaint whose text is about abuse, fraud or a colleague to the restricted circle."""
    await commands.restrict(unit, country, complaint_id, body.kind)


@router.get("/restricted-complaints")
async def list_restricted_complaints(
    unit: Circle, cursor: Filter, state: ComplaintState | None = None, centre_id: UUID | None = None
) -> Page[ComplaintListed]:
    """List the sensitive complaints, the newest first. Only protection and data protection officers may."""
    return await queries.list_complaints(unit, cursor, is_sensitive=True, state=state, centre_id=centre_id)


@router.get("/restricted-complaints/{complaint_id}")
async def read_restricted_complaint(
    unit: Circle, instance_key: CurrentInstanceKey, complaint_id: UUID
) -> ComplaintOut:
    """Read a sensitive complaint. Its history then shows who has read it."""
    complaint = await get_complaint(unit, complaint_id, is_sensitive=True)
    commands.record_reading(unit, complaint)
    return await _show(unit, instance_key, complaint_id, is_sensitive=True)


@router.post("/restricted-complaints/{complaint_id}/take")
async def take_restricted_complaint(
    unit: CircleStep, instance_key: CurrentInstanceKey, complaint_id: UUID
) -> ComplaintOut:
    """Take a sensitive complaint in hand."""
    await commands.take(unit, complaint_id, is_sensitive=True)
    return await _show(unit, instance_key, complaint_id, is_sensitive=True)


@router.post("/restricted-complaints/{complaint_id}/answer")
async def answer_restricted_complaint(
    unit: CircleStep, instance_key: CurrentInstanceKey, complaint_id: UUID, body: AnswerIn
) -> ComplaintOut:
    """Answer a sensitive complaint. The answer to an appeal is by somebody else, and closes it."""
    await commands.answer(unit, instance_key, complaint_id, body.text, is_sensitive=True)
    return await _show(unit, instance_key, complaint_id, is_sensitive=True)


@router.post("/restricted-complaints/{complaint_id}/close")
async def close_restricted_complaint(
    unit: CircleStep, instance_key: CurrentInstanceKey, complaint_id: UUID
) -> ComplaintOut:
    """Close a sensitive complaint that is answered."""
    await commands.close(unit, complaint_id, is_sensitive=True)
    return await _show(unit, instance_key, complaint_id, is_sensitive=True)


def _receipt(filed: commands.Filed) -> ReceiptOut:
    return ReceiptOut(code=show_code(filed.code), answer_by=filed.answer_by)


async def _show(
    unit: UnitOfWork, instance_key: InstanceKey, complaint_id: UUID, *, is_sensitive: bool
) -> ComplaintOut:
    complaint = await get_complaint(unit, complaint_id, is_sensitive=is_sensitive)
    cipher = await cipher_of(unit, instance_key, complaint_id)
    return await queries.show_complaint(unit, complaint, cipher)
