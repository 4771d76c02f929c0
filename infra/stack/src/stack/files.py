"""Private files. `write_private` writes one whole or not at all: a kill -9 in the middle leaves the file before."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write the text to a file that only its owner may read, and put it in place in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def open_private(path: str, flags: int) -> int:
    """Open a file as `open(…, opener=open_private)` does: where it is made, only its owner may read it."""
    return os.open(path, flags, 0o600)


def last_lines(path: Path, count: int = 15) -> str:
    """Return the end of a log, for an error message; empty where there is no log."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-count:])
