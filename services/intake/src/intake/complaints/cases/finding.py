"""The look-up of one complaint: by its code, or by its id within the agency; and the cipher of its texts."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork

from intake.complaints.cases import statements
from intake.complaints.cases.models import Complaint
from intake.registry.encryption.models import open_for_comparison
from intake.registry.encryption.rules import FieldCipher, InstanceKey


class FoundByCode(NamedTuple):
    """A complaint that a code opens: no more than its status page and its appeal need."""

    id: UUID
    agency: UUID
    kind: str
    state: str
    created: datetime
    answer_by: date
    request_digest: bytes
    answer: bytes | None
    answered: datetime | None
    decision: bytes | None
    decided: datetime | None
    wrapped: bytes
    wrapped_by: str


async def complaint_of_code(unit: UnitOfWork, code_hash: bytes) -> FoundByCode | None:
    """Return the complaint of a code, whatever agency it belongs to."""
    rows = await unit.execute(statements.FIND_BY_CODE, {"code_hash": code_hash})
    return FoundByCode(*rows[0]) if rows else None


async def get_complaint(
    unit: UnitOfWork, complaint_id: UUID, *, is_sensitive: bool, lock: bool = False
) -> Complaint:
    """Return a complaint of the agency, of one of the two sorts. Raises NotFound."""
    complaint = await (unit.lock if lock else unit.get)(Complaint, complaint_id)
    if complaint.is_sensitive != is_sensitive:
        raise NotFound(f"There is no complaint {complaint_id} within your agency's reach.")
    return complaint


async def cipher_of(unit: UnitOfWork, instance_key: InstanceKey, complaint_id: UUID) -> FieldCipher:
    """Return the cipher of a complaint's texts. Raises NotFound."""
    ciphers = await open_for_comparison(unit, instance_key, [complaint_id])
    if complaint_id not in ciphers:
        raise NotFound(f"There is no complaint {complaint_id} within your agency's reach.")
    return ciphers[complaint_id]
