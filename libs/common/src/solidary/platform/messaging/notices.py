"""Notices: an event with the agencies that it concerns, for the service that keeps the agencies' feeds.

A service writes a notice beside each of its events. The topic of notices (`pa.intake.parties`) is read by the
subscriptions alone, and still nobody learns from it whom a case concerns: the relay encrypts the whole notice, and
replaces the aggregate's id and the event's id by keyed digests. Kafka keeps the order of each aggregate, for equal ids
have equal digests.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, ValidationError

from solidary.language.events import DecodeError
from solidary.language.events.envelope import Headers
from solidary.language.notices import NOTICE_TYPE

_TYPE = NOTICE_TYPE.encode()
KEY_BYTES, NONCE_BYTES, DIGEST_BYTES = 32, 12, 16

KafkaRecord: TypeAlias = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""The Kafka key, value and headers of a record."""


class NoticeContent(BaseModel):
    """The part of a notice that the outbox holds (`notice_payload`)."""

    type: str
    agencies: frozenset[UUID]
    data: dict[str, Any]


class Notice(BaseModel):
    """An event as the feeds show it. `agencies` are those concerned: its owner and its parties."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    source: str
    subject: str
    time: datetime
    agency: UUID
    sequence: int
    traceparent: str | None
    notice: NoticeContent


class NoticeCipher:
    """Encrypts and decrypts notices with the secrets of a ring: the first encrypts, all of them decrypt."""

    def __init__(self, secrets: Sequence[str]) -> None:
        keys = [(_derive(secret, "notices"), _derive(secret, "notice ids")) for secret in secrets]
        self._ciphers = [AESGCM(key) for key, _ in keys]
        self._digest_key = keys[0][1]

    def encrypt(
        self,
        source: bytes,
        subject: bytes,
        id_: bytes,
        time: bytes,
        agency: bytes,
        sequence: bytes,
        traceparent: bytes | None,
        payload: bytes,
    ) -> KafkaRecord:
        """Return the record of a notice. The values are bytes already, as the relay reads them."""
        trace = b'"%s"' % traceparent if traceparent else b"null"
        text = (
            b'{"id":"%s","source":"%s","subject":%s,"time":"%s","agency":"%s","sequence":%s,"traceparent":%s,"notice":%s}'
            % (id_, source, json.dumps(subject.decode()).encode(), time, agency, sequence, trace, payload)
        )
        nonce, key = os.urandom(NONCE_BYTES), self._digest(subject).hex().encode()
        headers = [
            ("ce_specversion", b"1.0"),
            ("content-type", b"application/octet-stream"),
            ("ce_source", source),
            ("ce_id", str(UUID(bytes=self._digest(id_))).encode()),
            ("ce_type", _TYPE),
        ]
        return key, nonce + self._ciphers[0].encrypt(nonce, text, _TYPE), headers

    def decrypt(self, headers: Headers, value: bytes) -> Notice:
        """Return the notice of a record. Raises DecodeError, which quotes nothing of it."""
        attributes: Mapping[str, bytes] = dict(headers)
        if attributes.get("ce_type") != _TYPE:
            raise DecodeError("The record is not a notice.")
        for cipher in self._ciphers:
            try:
                text = cipher.decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], _TYPE)
                return Notice.model_validate_json(text)
            except (InvalidTag, ValueError) as error:
                if isinstance(error, ValidationError):
                    raise DecodeError("The notice breaks its schema.") from None
        raise DecodeError("No secret of SOLIDARY_NOTICE_KEYS decrypts the notice.")

    def _digest(self, text: bytes) -> bytes:
        return hmac.digest(self._digest_key, text, hashlib.sha256)[:DIGEST_BYTES]


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"solidary {purpose}".encode()).derive(secret.encode())
