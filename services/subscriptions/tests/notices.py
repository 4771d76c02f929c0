"""Notices as the worker reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from solidary.platform.messaging.notices import Notice, NoticeCipher, NoticeContent
from solidary.platform.messaging.record import Record


def notice(
    *,
    agency: UUID,
    parties: Iterable[UUID] = (),
    type: str = "org.solidary.referrals.referral.accepted.v1",
    subject: str | None = None,
    sequence: int = 1,
    data: dict[str, Any] | None = None,
) -> Notice:
    """Return a notice about an event of a referral."""
    return Notice(
        id=uuid4(),
        source="/pa/referrals",
        subject=subject or str(uuid4()),
        time=datetime.now(UTC),
        agency=agency,
        sequence=sequence,
        traceparent=None,
        notice=NoticeContent(type=type, agencies=frozenset({agency, *parties}), data=data or {}),
    )


def record_of(cipher: NoticeCipher, sent: Notice) -> Record:
    """Return the record of a notice as a relay sends it."""
    key, value, headers = cipher.encrypt(
        sent.source.encode(),
        sent.subject.encode(),
        str(sent.id).encode(),
        sent.time.isoformat().encode(),
        str(sent.agency).encode(),
        str(sent.sequence).encode(),
        None,
        sent.notice.model_dump_json().encode(),
    )
    return Record(key.decode(), dict(headers)["ce_id"].decode(), tuple(headers), value)
