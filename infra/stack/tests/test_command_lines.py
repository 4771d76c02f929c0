"""The command lines that the stack builds: no secret, and no foreign value that can be read as an option.

Every random or foreign value of these tests begins with `-~`, as no option does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from stack import containers, processes
from stack.containers import Deployment
from stack.errors import ServerExited
from stack.instance import Addresses, build_run
from stack.java import find_java
from stack.platform import Platform
from stack.processes import ProcessTable
from stack.run_file import Run
from stack.secret_file import Secrets
from stack.servers import kafka, keycloak
from stack.servers.kafka import Kafka, fetch_jars, new_cluster_id
from stack.servers.keycloak import Keycloak
from stack.servers.keycloak_tables import KeycloakTables
from stack.servers.postgres import Postgres
from stack.services import SERVICES
from stack.steps import Steps

FOREIGN = "-~"
DASHED_ID = "-Cvd7gCfQcybHrkrlxMzHA"
COMPOSE = Path(__file__).resolve().parents[3] / "docker-compose.yml"


def foreign(value: Any) -> Any:
    """Return the value with every string in it made to look like an option."""
    if isinstance(value, Mapping):
        return {key: foreign(entry) for key, entry in value.items()}
    return f"{FOREIGN}{value}" if isinstance(value, str) else value


def strings(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [string for entry in value.values() for string in strings(entry)]
    return [value] if isinstance(value, str) else []


@pytest.fixture
def secrets() -> Secrets:
    random = Secrets()
    random.add_missing(demonstration=True)
    return Secrets.model_validate(foreign(random.model_dump()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / f"{FOREIGN}checkout"
    folder.mkdir()
    return folder


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The command lines of all processes that are started; `true` runs in their place."""
    recorded: list[Sequence[str]] = []

    def record(command: Sequence[str], output: int, *_: object) -> subprocess.Popen[bytes]:
        recorded.append(command)
        return subprocess.Popen(["true"], stdout=output, stderr=subprocess.STDOUT)

    monkeypatch.setattr(processes, "_spawn", record)
    return recorded


class Servers:
    """A stack that is up, as the platform sees it."""

    def __init__(self, folder: Path, steps: Steps, run: Run):
        self.folder, self.steps, self._run = folder, steps, run
        self.processes = ProcessTable(folder)

    def run(self) -> Run:
        return self._run


def start_everything(folder: Path, steps: Steps, secrets: Secrets, commands: list[Sequence[str]]) -> None:
    """Build each command line of the stack; those of programs that would have to run first are called alone."""
    table = ProcessTable(folder)
    postgres = Postgres(folder, table, steps, port=1, password=secrets.postgres_admin)
    with suppress(FileNotFoundError):  # `true` makes no cluster
        postgres.prepare()
    shutil.rmtree(postgres.home)  # for root it lies outside the test's folder
    broker = Kafka(
        folder,
        table,
        steps,
        port=2,
        controller_port=3,
        password=secrets.kafka_admin,
        controller_password=secrets.kafka_controller,
    )
    broker.prepare()
    identity = Keycloak(
        folder,
        table,
        steps,
        port=4,
        management_port=5,
        public_url="http://127.0.0.1:6/auth",
        admin_password=secrets.keycloak_admin,
        provisioner_secret=secrets.keycloak_provisioner,
        database="127.0.0.1:1/keycloak",
        database_password=secrets.keycloak_database,
    )
    keycloak._build(folder, steps)
    commands += [server.command() for server in (postgres, broker, identity)]
    tables = KeycloakTables(postgres, secrets.keycloak_database)
    tables._dump(folder)
    tables._saved, tables._exist = folder, lambda: False  # type: ignore[method-assign]
    tables.restore()
    addresses = Addresses(
        postgres=("127.0.0.1", 1),
        kafka="127.0.0.1:2",
        keycloak="http://127.0.0.1:4",
        keycloak_management="http://127.0.0.1:5",
        public="http://127.0.0.1:7",
        services=dict.fromkeys(SERVICES, "http://127.0.0.1:6"),
    )
    run = build_run(addresses, secrets, country="PA", folder=folder, agencies={}, demonstration=True)
    platform = Platform(Servers(folder, steps, run))
    with pytest.raises(ServerExited):  # `true` forks nothing
        platform._fork(SERVICES)
    platform.start("intake")
    platform._start("intake-api", "intake", "api", "--reload")


def test_no_value_of_a_command_line_can_be_read_as_an_option(
    folder: Path,
    steps: Steps,
    secrets: Secrets,
    commands: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kafka, "new_cluster_id", lambda: f"{FOREIGN}cluster")
    start_everything(folder, steps, secrets, commands)
    programs = {Path(command[0]).name for command in commands}
    assert programs == {"initdb", "postgres", "java", "pg_dump", "psql", Path(sys.executable).name}
    assert not [part for command in commands for part in command if part.startswith(FOREIGN)]


def test_no_secret_stands_in_a_command_line(
    folder: Path, steps: Steps, secrets: Secrets, commands: list[Sequence[str]]
) -> None:
    start_everything(folder, steps, secrets, commands)
    written = "\n".join(part for command in commands for part in command)
    assert not [secret for secret in strings(secrets.model_dump()) if secret in written]


def test_new_cluster_id_never_begins_with_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    random = [uuid.UUID(int=0xF8 << 120), uuid.UUID(int=0xFB << 120), uuid.UUID(int=1)]
    monkeypatch.setattr(kafka.uuid, "uuid4", lambda: random.pop(0))  # type: ignore[attr-defined]
    assert new_cluster_id() == "AAAAAAAAAAAAAAAAAAAAAQ"
    assert random == []


def cluster_id(storage: Path) -> str:
    lines = (storage / "meta.properties").read_text().splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith("cluster.id"))


def test_kafka_formats_its_storage_with_a_cluster_id_that_begins_with_a_dash(
    folder: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "new_cluster_id", lambda: DASHED_ID)
    broker = Kafka(
        folder,
        ProcessTable(folder),
        steps,
        port=2,
        controller_port=3,
        password="-secret",
        controller_password="-secret",
    )
    broker.prepare()
    assert cluster_id(folder / "kafka" / "log") == DASHED_ID
    assert not (folder / "kafka" / "format.options").exists()


def test_compose_formats_the_storage_with_a_cluster_id_that_begins_with_a_dash(
    tmp_path: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run the command of docker-compose.yml with the real StorageTool; the broker itself does not start."""
    monkeypatch.setattr(kafka, "new_cluster_id", lambda: DASHED_ID)
    containers.prepare(Deployment(settings=tmp_path))
    settings, programs, storage = tmp_path / "kafka", tmp_path / "bin", tmp_path / "data"
    properties = settings / "server.properties"
    properties.write_text(properties.read_text().replace("/var/lib/kafka/data", str(storage)))
    programs.mkdir()
    format_storage = f'exec {find_java()} -cp "{fetch_jars(steps)}/*" kafka.tools.StorageTool "$@"'
    for name, script in (("kafka-storage.sh", format_storage), ("kafka-server-start.sh", ":")):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o700)
    service = yaml.safe_load(COMPOSE.read_text())["services"]["kafka"]
    command = [
        part.replace("$$", "$").replace("/opt/kafka/bin", str(programs)).replace("/settings", str(settings))
        for part in (*service["entrypoint"], *service["command"])
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert cluster_id(storage) == DASHED_ID
