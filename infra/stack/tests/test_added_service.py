"""A service that is added while the stack runs: what it lacks is provisioned, and nothing else changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from stack import Run, Stack, read_run
from stack.processes import ProcessTable
from stack.servers.server import clean_environment

SERVICE = """
from solidary.platform.service import Service

service = Service(name="shelters", description="Beds for tonight", routers=[])
"""


@pytest.fixture
def with_shelters(tmp_path: Path, own_stack: Stack) -> Iterator[dict[str, str]]:
    """The environment of a program that finds one more service, installed in a folder of its own."""
    package, metadata = tmp_path / "shelters", tmp_path / "shelters-1.dist-info"
    package.mkdir()
    metadata.mkdir()
    (package / "__init__.py").touch()
    (package / "service.py").write_text(SERVICE)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shelters\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[solidary.services]\nshelters = shelters.service:service\n")
    secrets = own_stack.folder / "secrets.json"
    before = secrets.read_text()
    yield os.environ | {"PYTHONPATH": str(tmp_path), "SOLIDARY_STATE": str(own_stack.folder)}
    own_stack.down()
    secrets.write_text(before)


def test_added_service_is_provisioned_on_the_running_stack(
    own_stack: Stack, own_run: Run, with_shelters: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stack", "up"], env=with_shelters, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    after = read_run(own_stack.folder)
    assert set(after.databases) - set(own_run.databases) == {"shelters"}
    assert after.started == own_run.started
    assert {name: after.services[name] for name in own_run.services} == own_run.services
    for role, url in after.databases["shelters"].items():
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (f"shelters_{role}",)
    assert after.clients["svc-shelters"].service == "shelters"
    assert after.environment("shelters")["SOLIDARY_KAFKA_USER"] == "shelters"


def test_ctrl_c_ends_a_service_that_was_added_later(own_stack: Stack, with_shelters: dict[str, str]) -> None:
    own_stack.down()
    earlier = {**with_shelters}
    del earlier["PYTHONPATH"]
    program = subprocess.Popen(
        [sys.executable, "-m", "stack", "run"], env=earlier, stderr=subprocess.PIPE, text=True
    )
    assert program.stderr is not None
    assert any("Ctrl-C stops everything" in line for line in program.stderr)
    subprocess.run([sys.executable, "-m", "stack", "up"], env=with_shelters, capture_output=True, check=True)
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    log = own_stack.folder / "logs" / "shelters.log"
    table = ProcessTable(own_stack.folder)
    table.start("shelters", sleeper, log=log, environment=clean_environment())
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=60)
    assert table.find("shelters") is None
    assert own_stack.down() == []
