"""Permits and their uses. They belong to the agency that pays, and are only ever added."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, Aggregate, RecordedBy, timestamp
from sqlalchemy import ARRAY, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column


class PayeePermit(RecordedBy, Aggregate):
    """A permission to read the payees of a payment order (`reference`), which `recorded_by` gave.

    `digests` are those of the batches in their order (`rules.batch_digest`).
    """

    __tablename__ = "payee_permit"

    reference: Mapped[UUID]
    digests: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    valid_until: Mapped[timestamp]


class PayeePermitUse(AgencyEntity):
    """The use of a permit (its root) for one batch. The database refuses a second one."""

    __tablename__ = "payee_permit_use"

    batch: Mapped[int]
    digest: Mapped[bytes]
