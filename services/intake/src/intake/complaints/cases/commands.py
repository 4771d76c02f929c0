"""The steps of complaints: filing, answering, appealing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from solidary.language.country import CountryPack
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name

from intake.centres.places.models import Centre
from intake.complaints.cases import statements
from intake.complaints.cases.finding import cipher_of, complaint_of_code, get_complaint
from intake.complaints.cases.models import Complaint, ComplaintEntry, encrypt_text
from intake.complaints.cases.records import ComplaintText
from intake.complaints.cases.rules import (
    COMPLAINT_TRANSITIONS,
    ComplaintActor,
    ComplaintChannel,
    ComplaintState,
    ComplaintStep,
    derive_code,
    hash_code,
    require_kind,
    require_sensitive_kind,
)
from intake.complaints.cases.schemas import ComplaintIn
from intake.problems import ComplaintReferenceReused
from intake.registry.encryption.models import create_key
from intake.registry.encryption.rules import FieldCipher, InstanceKey

REPEATED_WITHIN = timedelta(days=1)
"""The time in which a form that is sent again gets its code again."""


class Filed(NamedTuple):
    """A complaint that was filed: the person's code, and the day of the answer."""

    code: str
    answer_by: date


async def file_complaint(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    complaint_in: ComplaintIn,
    channel: ComplaintChannel,
) -> Filed:
    """File a complaint about a centre of the acting agency, once. Raises Invalid, ComplaintReferenceReused."""
    kind = require_kind(country, complaint_in.kind)
    code = derive_code(instance_key, complaint_in.reference)
    code_hash = hash_code(code)
    assert code_hash is not None
    digest = instance_key.request_digest(complaint_in.model_dump_json())
    await lock_by_name(unit, f"complaint {code_hash.hex()}")
    existing = await complaint_of_code(unit, code_hash)
    if existing is not None:
        if (
            existing.agency != unit.principal.agency
            or existing.request_digest != digest
            or unit.now - existing.created > REPEATED_WITHIN
        ):
            raise ComplaintReferenceReused
        return Filed(code, existing.answer_by)
    centre = await unit.session.get(Centre, complaint_in.centre_id)
    if centre is None or centre.agency != unit.principal.agency:
        raise Invalid(
            "There is no such centre.",
            Fault("/centre_id", "Choose a centre of the agency for which you act."),
        )
    complaint = Complaint(
        agency=unit.principal.agency,
        centre_id=centre.id,
        kind=complaint_in.kind,
        is_sensitive=kind.sensitive,
        area=centre.area,
        channel=channel,
        language=complaint_in.language,
        state=ComplaintState.RECEIVED,
        answer_by=unit.today + timedelta(days=kind.answer_days),
        code_hash=code_hash,
        request_digest=digest,
    )
    cipher = create_key(unit, instance_key, complaint.id)
    unit.add(complaint)
    await unit.flush()
    content = ComplaintText(text=complaint_in.text, contact=complaint_in.contact)
    _record(unit, complaint, ComplaintStep.FILED, cipher, content)
    return Filed(code, complaint.answer_by)


async def take(unit: UnitOfWork, complaint_id: UUID, *, is_sensitive: bool) -> Complaint:
    """Take a complaint in hand. Raises NotFound, TransitionNotAllowed."""
    complaint = await get_complaint(unit, complaint_id, is_sensitive=is_sensitive, lock=True)
    complaint.take_step("take")
    _record(unit, complaint, ComplaintStep.TAKEN)
    return complaint


async def answer(
    unit: UnitOfWork, instance_key: InstanceKey, complaint_id: UUID, words: str, *, is_sensitive: bool
) -> Complaint:
    """Answer a complaint, or decide its appeal, which the database refuses to who answered it first.

    Raises NotFound, TransitionNotAllowed.
    """
    complaint = await get_complaint(unit, complaint_id, is_sensitive=is_sensitive, lock=True)
    is_appeal = complaint.state == ComplaintState.APPEALED
    complaint.take_step("decide" if is_appeal else "answer")
    step = ComplaintStep.DECIDED if is_appeal else ComplaintStep.ANSWERED
    cipher = await cipher_of(unit, instance_key, complaint_id)
    _record(unit, complaint, step, cipher, ComplaintText(text=words))
    await unit.flush()
    return complaint


async def close(unit: UnitOfWork, complaint_id: UUID, *, is_sensitive: bool) -> Complaint:
    """Close a complaint that is answered. Raises NotFound, TransitionNotAllowed."""
    complaint = await get_complaint(unit, complaint_id, is_sensitive=is_sensitive, lock=True)
    complaint.take_step("close")
    _record(unit, complaint, ComplaintStep.CLOSED)
    return complaint


async def restrict(unit: UnitOfWork, country: CountryPack, complaint_id: UUID, kind: str) -> None:
    """Hand a complaint to the circle, with all its history; who does it without a duty of the circle sees it no more.

    Raises NotFound, Invalid.
    """
    require_sensitive_kind(country, kind)
    await get_complaint(unit, complaint_id, is_sensitive=False, lock=True)
    days = country.complaints.kinds[kind].answer_days
    values = {"id": complaint_id, "kind": kind, "answer_by": unit.today + timedelta(days=days)}
    await unit.execute(statements.RESTRICT, values)


async def appeal(
    unit: UnitOfWork, instance_key: InstanceKey, country: CountryPack, code: str, words: str
) -> None:
    """Appeal against the answer, by the code alone. Raises NotFound, TransitionNotAllowed."""
    code_hash = hash_code(code)
    found = None if code_hash is None else await complaint_of_code(unit, code_hash)
    if found is None:
        raise NotFound("There is no complaint with this code. Check each letter and digit.")
    COMPLAINT_TRANSITIONS.apply(ComplaintState(found.state), "appeal", (ComplaintActor.PERSON,))
    cipher = instance_key.unwrap(found.id, found.wrapped, found.wrapped_by)
    kind = country.complaints.kinds.get(found.kind)
    days = kind.answer_days if kind else country.complaints.kinds["other"].answer_days
    values = {
        "code_hash": code_hash,
        "content": encrypt_text(cipher, ComplaintText(text=words)),
        "answer_by": unit.today + timedelta(days=days),
    }
    await unit.execute(statements.APPEAL_BY_CODE, values)


def record_reading(unit: UnitOfWork, complaint: Complaint) -> None:
    """Record that somebody of the circle has read a sensitive complaint."""
    _record(unit, complaint, ComplaintStep.READ)


def _record(
    unit: UnitOfWork,
    complaint: Complaint,
    step: ComplaintStep,
    cipher: FieldCipher | None = None,
    content: ComplaintText | None = None,
) -> None:
    unit.add(
        ComplaintEntry(
            agency=unit.principal.agency,
            root=complaint.id,
            step=step,
            is_sensitive=complaint.is_sensitive,
            content=encrypt_text(cipher, content) if cipher and content else None,
        )
    )
