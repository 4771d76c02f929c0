"""The sign of life of a process that answers no requests."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from solidary.files.command_line import CommandError
from solidary.platform.process import HEARTBEAT, run_until_stopped
from solidary_testing import eventually


def test_a_worker_touches_its_file_while_its_loop_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "alive"
    monkeypatch.setenv(HEARTBEAT, str(file))
    monkeypatch.setattr("solidary.platform.process.HEARTBEAT_SECONDS", 0.01)

    async def is_touched() -> bool:
        return file.stat().st_mtime > 0

    async def work(_: asyncio.Event) -> None:
        for _ in range(2):
            os.utime(file, (0, 0))
            await eventually(is_touched, what="the file was touched")

    run_until_stopped(work)


def test_a_file_that_cannot_be_written_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HEARTBEAT, str(tmp_path / "missing" / "alive"))

    async def work(_: asyncio.Event) -> None:
        raise AssertionError("it started")

    with pytest.raises(CommandError, match=r"SOLIDARY_HEARTBEAT=.* cannot be written"):
        run_until_stopped(work)
