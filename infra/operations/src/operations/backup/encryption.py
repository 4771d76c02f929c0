"""Encrypted files of a backup, in the format of age: written as a stream, measured, and read again after writing."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Protocol

from pydantic import BaseModel, ConfigDict, Field
from pyrage import DecryptError, decrypt_io, encrypt_io, x25519
from stack.files import open_private

from operations.backup.errors import DamagedBackup
from operations.backup.keys import OpeningKey

BLOCK = 1 << 20


class EncryptedFile(BaseModel):
    """One file of a backup: its name, its size, and the SHA-256 of what is stored and of what it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^([a-z0-9_-][a-z0-9._-]*/)?[a-z0-9_-][a-z0-9._-]*$")
    """A path of one folder at most, which leads nowhere else."""
    size: int
    stored_sha256: str
    content_sha256: str


class Readable(Protocol):
    """A source of bytes, such as the output of a program."""

    def read(self, size: int = -1, /) -> bytes: ...


class _Reader(io.RawIOBase):
    """A source that measures what is read from it."""

    def __init__(self, source: Readable):
        self._source, self.digest = source, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        return data


class _Writer(io.RawIOBase):
    """A target that measures what is written into it."""

    def __init__(self, target: BinaryIO):
        self._target, self.digest, self.size = target, hashlib.sha256(), 0
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        content = bytes(data)  # type: ignore[call-overload]
        self.digest.update(content)
        self.size += len(content)
        try:
            return self._target.write(content)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self._target.flush()


class Chunks(io.RawIOBase):
    """The bytes of an iterator as something to read."""

    def __init__(self, chunks: Iterable[bytes]):
        self._chunks, self._left = iter(chunks), b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        while not self._left or size < 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._left += chunk
        end = len(self._left) if size < 0 else size
        data, self._left = self._left[:end], self._left[end:]
        return data


def encrypt_file(folder: Path, name: str, source: Readable, recipient: str) -> EncryptedFile:
    """Write `<folder>/<name>.age` from a source, read it again from the disk, and return what was written.

    Raises DamagedBackup where the disk has something else.
    """
    file = folder / f"{name}.age"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    reader = _Reader(source)
    with open(file, "xb", opener=open_private) as target:
        writer = _Writer(target)
        encrypt_io(
            reader,
            writer,
            [x25519.Recipient.from_str(recipient)],
        )
        target.flush()
        os.fsync(target.fileno())
    written = EncryptedFile(
        name=f"{name}.age",
        size=writer.size,
        stored_sha256=writer.digest.hexdigest(),
        content_sha256=reader.digest.hexdigest(),
    )
    check_file(folder, written)
    return written


def check_file(folder: Path, expected: EncryptedFile) -> None:
    """Raise DamagedBackup unless a file is as it was written."""
    file = folder / expected.name
    digest = hashlib.sha256()
    try:
        with file.open("rb") as opened:
            # Not from memory: what counts is what the disk has.
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while block := opened.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise DamagedBackup(file, f"cannot be read: {error.strerror}") from error
    if file.stat().st_size != expected.size or digest.hexdigest() != expected.stored_sha256:
        raise DamagedBackup(file, "differs from its checksum in the manifest")


def decrypt_file(folder: Path, expected: EncryptedFile, target: BinaryIO, key: OpeningKey) -> None:
    """Write the content of an encrypted file into a target. Raises DamagedBackup."""
    file = folder / expected.name
    writer = _Writer(target)
    try:
        with file.open("rb") as source:
            decrypt_io(source, writer, [key.identity])
    except (DecryptError, OSError) as error:
        if writer.failure is not None:
            raise writer.failure from error
        reason = (
            "cannot be opened with this key" if isinstance(error, DecryptError) else "was changed or cut off"
        )
        raise DamagedBackup(file, reason) from error
    if writer.digest.hexdigest() != expected.content_sha256:
        raise DamagedBackup(file, "does not hold what its manifest states")


def content_of(folder: Path, expected: EncryptedFile, key: OpeningKey) -> bytes:
    """Return the content of a small file. Raises DamagedBackup."""
    target = io.BytesIO()
    decrypt_file(folder, expected, target, key)
    return target.getvalue()
