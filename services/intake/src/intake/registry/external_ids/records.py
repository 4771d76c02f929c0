"""An identifier as it is written: encrypted, and with its tokens."""

from __future__ import annotations

from pydantic import ConfigDict
from solidary.language.records import Record


class SealedExternalId(Record):
    """An identifier of the agency: its tokens under each search key, the newest first, and its ciphertext."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    system: str
    tokens: tuple[bytes, ...]
    value: bytes
