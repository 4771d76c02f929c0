"""Packing of the payments of a report, for the worker that imports them.

A file of a bank has the names and accounts of payees, and those of strangers. They are left out here, so that nothing
of them is stored. Reading, packing and unpacking are streams: memory does not grow with the file.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from uuid import UUID

from solidary.platform.jobs import decompress

from cash.delivery.status_reports.records import UploadRecord
from cash.engines.bank_messages.reports import Direction, PaymentReport, StatusReportFile

_values = attrgetter(*(each.name for each in fields(PaymentReport)))


def pack(file: Path) -> tuple[UploadRecord, bytes]:
    """Read a pain.002, camt.053 or camt.054, and pack the reports on payments that may be ours.

    Raises InvalidInput and CommandError, as `StatusReportFile` does.
    """
    source, compressor = StatusReportFile(file), zlib.compressobj(level=1)
    parts: list[bytes] = []
    count = strangers = 0
    for report in source:
        if payment_id(report) is None:
            strangers += 1
            continue
        count += 1
        line = json.dumps(_values(report), default=str, separators=(",", ":"))
        if part := compressor.compress(line.encode() + b"\n"):
            parts.append(part)
    record = UploadRecord(
        message=source.message,
        message_version=source.version,
        original_message=source.original_message,
        group_status=source.group_status,
        group_reason=source.group_reason,
        count=count,
        strangers=strangers,
    )
    return record, b"".join([*parts, compressor.flush()])


def unpack(body: bytes) -> Iterator[PaymentReport]:
    """Yield the reports that were packed, in their order."""
    rest = b""
    for part in decompress([body]):
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            id_, status, reason, amount, currency, direction, *others = json.loads(line)
            yield PaymentReport(
                id_,
                status,
                reason,
                Decimal(amount) if amount is not None else None,
                currency,
                Direction(direction) if direction else None,
                *others,
            )


def payment_id(report: PaymentReport) -> UUID | None:
    """Return the id of the payment that a report names; None where it cannot be one of ours."""
    try:
        return UUID(hex=report.end_to_end_id or "")
    except ValueError:
        return None
