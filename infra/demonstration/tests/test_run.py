"""`make run` on a machine on which nothing runs yet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from stack import Stack, read_run


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path / ".local")
    yield stack
    stack.processes.kill_strays()


def test_make_run_serves_until_ctrl_c_and_leaves_no_process(stack: Stack) -> None:
    printed: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-m", "demonstration", "run"],
        env=os.environ | {"SOLIDARY_STATE": str(stack.folder)},
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        for line in program.stdout:
            printed.append(line)
            if "Ctrl-C stops everything" in line:
                break
        run = read_run(stack.folder)
        assert f"  {run.address}\n" in printed
        assert httpx.get(run.address).status_code == 200
        for service in run.service_secrets:
            assert httpx.get(f"{run.apis[service]}/docs").status_code == 200
            assert httpx.get(f"{run.services[service]}/health/ready").status_code == 200
        assert all(user.username in "".join(printed) for user in run.users.values())
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0, "".join(printed)
    assert stack.processes.kill_strays() == []
