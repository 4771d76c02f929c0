"""The manifest of each part of a backup: its files with their checksums, and figures of what they hold.

It is written last, and the folder takes its name only then. A folder without a manifest is no backup.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from stack.files import write_private

from operations.backup.encryption import EncryptedFile, check_file
from operations.backup.errors import DamagedBackup, NotABackup
from operations.backup.keys import OpeningKey, WritingKeys

PartName = Literal["rows", "keys", "secrets"]
"""The parts of a backup. They are kept in different places and for different times."""
MANIFEST, SIGNATURE = "manifest.json", "manifest.signature"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableFacts(_Frozen):
    """The number of rows of a table, and a checksum over all their values, whatever their order."""

    rows: int
    checksum: str


class DatabaseFacts(_Frozen):
    """The tables of a database by `schema.name`, and a checksum of all grants, policies and triggers."""

    tables: Mapping[str, TableFacts]
    grants: str


class PartitionFacts(_Frozen):
    """The first offset of a partition, the offset after the last, and the number of events between them."""

    first: int
    end: int
    events: int


class Contents(_Frozen):
    """The facts of the databases and topics at the moment of a backup."""

    databases: Mapping[str, DatabaseFacts]
    roles: Mapping[str, str]
    """The attributes, settings and memberships of each role as text."""
    topics: Mapping[str, Mapping[int, PartitionFacts]]
    groups: Mapping[str, Mapping[str, Mapping[int, int]]]
    """The committed offset of each consumer group by topic and partition."""
    figures: Mapping[str, Mapping[str, str]]
    """The figures that an operator compares by eye: ledger sums, seals of the access log, agencies, logins."""
    secrets: Mapping[str, str]
    """A digest of each secret that must be the same after a restore."""


class Manifest(_Frozen):
    """The manifest of one part of a backup. All parts of a backup have its id."""

    version: Literal[1] = 1
    backup: UUID
    part: PartName
    country: str
    moment: datetime
    software: str
    files: tuple[EncryptedFile, ...]
    contents: Contents | None = None

    def file(self, name: str) -> EncryptedFile:
        """Return the file `<name>.age`."""
        return next(file for file in self.files if file.name == f"{name}.age")


def write_part(folder: Path, manifest: Manifest, keys: WritingKeys) -> None:
    """Write the manifest of a part into its unfinished folder, and give the folder its name.

    `folder` is the final path; the part was written into `unfinished(folder)`.
    """
    text = manifest.model_dump_json(indent=1)
    part = unfinished(folder)
    write_private(part / SIGNATURE, keys.sign(text.encode()))
    write_private(part / MANIFEST, text)
    part.rename(folder)
    _sync(folder.parent)


def unfinished(folder: Path) -> Path:
    """Return the folder in which a part is written before it has a manifest."""
    return folder.with_name(f"{folder.name}.partial")


def read_part(folder: Path, key: OpeningKey | None) -> Manifest:
    """Return the manifest of a part whose files are as they were written. Raises NotABackup, DamagedBackup.

    Without the key that opens backups, the signature is not checked.
    """
    if folder.name.endswith(".partial") or not (folder / MANIFEST).is_file():
        raise NotABackup(folder)
    content = (folder / MANIFEST).read_bytes()
    if key is not None:
        signature = folder / SIGNATURE
        key.verify(content, signature.read_text() if signature.is_file() else "", folder / MANIFEST)
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        raise DamagedBackup(folder / MANIFEST, "is not a manifest that this version reads") from error
    for file in manifest.files:
        check_file(folder, file)
    return manifest


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
