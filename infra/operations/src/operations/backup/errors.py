"""The errors of backups and restores, each with the reason and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stack.errors import StackError


class BackupError(StackError):
    """A backup that cannot be made, read or restored."""


class NotABackup(BackupError):
    """A folder without a manifest: of something else, or of a backup that was interrupted."""

    def __init__(self, folder: Path):
        super().__init__(
            f"{folder} is not a complete backup: it has no manifest, which is written last. Use an older backup."
        )


class DamagedBackup(BackupError):
    """A backup that differs from what was written."""

    def __init__(self, place: Path | str, reason: str):
        super().__init__(
            f"{place} {reason}. Nothing was restored. Use another copy of this backup, or an older one."
        )


class NotEmpty(BackupError):
    """A place that has data already."""

    def __init__(self, place: Path | str, found: str):
        super().__init__(
            f"{place} is not empty: it has {found}. A backup is restored into an empty place only. "
            "Choose another folder in SOLIDARY_STATE, or delete this one first."
        )


class Differences(BackupError):
    """A restored instance that differs from its backup."""

    def __init__(self, differences: Sequence[str]):
        super().__init__(
            "What was restored differs from the backup, so it does not serve:\n"
            + "\n".join(f"  {line}" for line in differences)
        )
