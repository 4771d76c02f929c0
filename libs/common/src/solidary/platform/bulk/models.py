"""Imports, the batches that are left of them, and the reports of their rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from solidary.platform.database import AgencyEntity, Aggregate


class BulkImport(Aggregate):
    """An import of a file. `kind` is the name of its job; a `dry_run` changes nothing but its own report."""

    __tablename__ = "bulk_import"
    __location__ = "/imports/{id}"

    kind: Mapped[str]
    dry_run: Mapped[bool]
    rows: Mapped[int]


class BulkBatch(AgencyEntity):
    """Rows of an import (`root`) that are to be applied together.

    `content` is the service's, encrypted where it must be; `subjects` are the ids of what it will add.
    """

    __tablename__ = "bulk_batch"

    number: Mapped[int]
    rows: Mapped[int]
    content: Mapped[bytes]
    subjects: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


class BulkRow(AgencyEntity):
    """The report of a row of an import (`root`): its line, its state and the reasons against it, and no content."""

    __tablename__ = "bulk_row"

    line: Mapped[int]
    state: Mapped[str]
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
