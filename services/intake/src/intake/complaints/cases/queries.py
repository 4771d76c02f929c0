"""Complaints as their handlers read them, and as a code shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from solidary.language.country import CountryPack
from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork
from solidary.platform.web import Cursor, Page, page_of, where_given
from sqlalchemy import select

from intake.complaints.cases.finding import complaint_of_code
from intake.complaints.cases.models import Complaint, ComplaintEntry
from intake.complaints.cases.records import ComplaintText
from intake.complaints.cases.rules import ComplaintState, ComplaintStep, hash_code
from intake.complaints.cases.schemas import ComplaintListed, ComplaintOut, EntryOut, StatusOut
from intake.registry.encryption.rules import FieldCipher, InstanceKey


async def show_status(
    unit: UnitOfWork, instance_key: InstanceKey, country: CountryPack, code: str
) -> StatusOut:
    """Return what a code shows. Raises NotFound, in the same words for a code of no complaint and for no code."""
    code_hash = hash_code(code)
    found = None if code_hash is None else await complaint_of_code(unit, code_hash)
    if found is None:
        raise NotFound("There is no complaint with this code. Check each letter and digit.")
    cipher, zone = instance_key.unwrap(found.id, found.wrapped, found.wrapped_by), country.zone()
    is_open = found.state not in (ComplaintState.ANSWERED, ComplaintState.CLOSED)
    return StatusOut(
        state=ComplaintState(found.state),
        filed_on=found.created.astimezone(zone).date(),
        answer_by=found.answer_by if is_open else None,
        answer=_words(cipher, found.answer),
        answered_on=_day(found.answered, zone),
        decision=_words(cipher, found.decision),
        decided_on=_day(found.decided, zone),
        may_appeal=found.state == ComplaintState.ANSWERED,
    )


async def list_complaints(
    unit: UnitOfWork,
    cursor: Cursor,
    *,
    is_sensitive: bool,
    state: ComplaintState | None,
    centre_id: UUID | None,
) -> Page[ComplaintListed]:
    """Return a page of one of the two sorts, the newest first."""
    own = select(Complaint).where(
        Complaint.agency == unit.principal.agency, Complaint.is_sensitive == is_sensitive
    )
    query = where_given(own, {Complaint.state: state, Complaint.centre_id: centre_id})
    return await page_of(
        unit.session, query, cursor, lambda each: ComplaintListed(**_facts(each)), by=Complaint
    )


async def show_complaint(unit: UnitOfWork, complaint: Complaint, cipher: FieldCipher) -> ComplaintOut:
    """Return a complaint with its history, decrypted."""
    await unit.flush()
    await unit.session.refresh(complaint)
    entries = await unit.session.scalars(
        select(ComplaintEntry)
        .where(ComplaintEntry.root == complaint.id)
        .order_by(ComplaintEntry.created, ComplaintEntry.id)
        .execution_options(populate_existing=True)
    )
    history = [_entry_out(each, each.read_content(cipher)) for each in entries]
    return ComplaintOut(**_facts(complaint), history=history)


def _facts(complaint: Complaint) -> dict[str, Any]:
    return {
        "complaint_id": complaint.id,
        "centre_id": complaint.centre_id,
        "kind": complaint.kind,
        "state": complaint.state,
        "channel": complaint.channel,
        "language": complaint.language,
        "filed_at": complaint.created,
        "answer_by": complaint.answer_by,
    }


def _entry_out(entry: ComplaintEntry, content: ComplaintText | None) -> EntryOut:
    return EntryOut(
        step=ComplaintStep(entry.step),
        at=entry.created,
        by=entry.recorded_by,
        text=content.text if content else None,
        contact=content.contact if content else None,
    )


def _words(cipher: FieldCipher, content: bytes | None) -> str | None:
    if content is None:
        return None
    return ComplaintText.model_validate_json(cipher.decrypt("complaint", content)).text


def _day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return at.astimezone(zone).date() if at else None
