"""Kafka 4.3 in KRaft mode on one node, with SCRAM for every client and access lists (StandardAuthorizer)."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from stack.artifacts import cache_folder, fetch, locked_artifacts, make_once
from stack.files import write_private
from stack.java import FAST_START_OPTIONS, find_java
from stack.ports import HOST, is_port_free
from stack.processes import ProcessTable
from stack.servers.server import Server
from stack.steps import Steps

ADMIN = "admin"
CONTROLLER = "controller"

LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = OUT
logger.server.name = kafka.server
logger.server.level = info
"""


def fetch_jars(steps: Steps) -> Path:
    """Return the folder of Kafka's jars, which are fetched and verified once per cache."""
    artifacts = locked_artifacts("kafka")
    version = next(artifact.version for artifact in artifacts if artifact.name == "kafka_2.13")

    def make(part: Path) -> None:
        with steps.step(f"Kafka {version} fetched ({len(artifacts)} files)"):
            fetch(artifacts, part, f"Kafka {version}", steps)

    return make_once(cache_folder() / f"kafka-{version}", make, steps)


class Kafka(Server):
    """A broker that is its own controller."""

    name: ClassVar[str] = "kafka"
    title: ClassVar[str] = "Kafka"

    def __init__(
        self,
        folder: Path,
        processes: ProcessTable,
        steps: Steps,
        *,
        port: int,
        controller_port: int,
        password: str,
        controller_password: str,
    ):
        super().__init__(folder, processes, steps)
        self.port, self.controller_port = port, controller_port
        self._password, self._controller_password = password, controller_password

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port, self.controller_port)

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    def prepare(self) -> None:
        """Fetch the jars, write the settings, and format the storage once, with the administrator's account in it."""
        fetch_jars(self.steps)
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.home / "log4j2.properties").write_text(LOGGING)
        settings = configuration(
            host=HOST,
            port=self.port,
            listen=HOST,
            controller_port=self.controller_port,
            storage=str(self._storage),
            password=self._password,
            controller_password=self._controller_password,
        )
        write_private(self._settings_file, settings)
        if not (self._storage / "meta.properties").exists():
            self._format()

    def command(self) -> Sequence[str]:
        return [
            *(str(find_java()), *FAST_START_OPTIONS, "-Xms128m", "-Xmx384m", "-XX:+ExitOnOutOfMemoryError"),
            f"-Dsolidary.stack={self.processes.mark}",
            f"-Dlog4j2.configurationFile={self.home / 'log4j2.properties'}",
            *("-cp", f"{fetch_jars(self.steps)}/*", "kafka.Kafka", str(self._settings_file)),
        ]

    def is_ready(self) -> bool:
        if is_port_free(self.port):
            return False
        try:
            return bool(self.admin().list_topics(timeout=5).brokers)
        except KafkaException:
            return False

    def admin(self) -> AdminClient:
        """Return a client of the administrator."""
        return connect(self.bootstrap, self._password)

    @property
    def _storage(self) -> Path:
        return self.home / "log"

    @property
    def _settings_file(self) -> Path:
        return self.home / "server.properties"

    def _format(self) -> None:
        options = self.home / "format.options"
        write_private(options, format_options(new_cluster_id(), self._password))
        command = [
            *(str(find_java()), *FAST_START_OPTIONS, "-Xmx256m"),
            *(
                "-cp",
                f"{fetch_jars(self.steps)}/*",
                "kafka.tools.StorageTool",
                "format",
                "--ignore-formatted",
            ),
            *(f"--config={self._settings_file}", f"@{options}"),
        ]
        try:
            self.run_to_completion(command, f"Kafka could not format {self._storage}")
        finally:
            options.unlink()


def connect(bootstrap: str, password: str) -> AdminClient:
    """Return a client of the administrator."""
    return AdminClient(client_settings(bootstrap, password))


def client_settings(bootstrap: str, password: str) -> dict[str, str | int | float | bool]:
    """Return the settings with which a program reaches the broker as its administrator."""
    return {
        "bootstrap.servers": bootstrap,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": ADMIN,
        "sasl.password": password,
        "log_level": 0,
    }


def configuration(
    *,
    host: str,
    port: int,
    listen: str,
    controller_port: int,
    storage: str,
    password: str,
    controller_password: str,
) -> str:
    """Return the text of server.properties for a broker that is its own controller; clients reach it at `host`."""
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
    login = f'username="{CONTROLLER}" password="{controller_password}"'
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        # A fixed voter, not a stored one: a checkout's ports may change between two starts.
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": f"CLIENTS://{listen}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"CLIENTS://{host}:{port}",
        "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "CLIENTS",
        "sasl.enabled.mechanisms": "SCRAM-SHA-256",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-256",
        "listener.name.clients.scram-sha-256.sasl.jaas.config": (
            f'{scram} required username="{ADMIN}" password="{password}";'
        ),
        # SCRAM accounts are in the log that the controller itself serves, so it has a password in this file,
        # which keeps other programs of the machine away from it.
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": (
            f'{plain} required {login} user_{CONTROLLER}="{controller_password}";'
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN};User:{CONTROLLER}",
        "log.dirs": storage,
        "auto.create.topics.enable": "false",
        "num.partitions": "12",
        "offsets.topic.num.partitions": "10",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "log.retention.ms": "-1",
        # A group that lost its offsets would get every event again (decision 0016).
        "offsets.retention.minutes": "2147483647",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def format_options(cluster_id: str, admin_password: str) -> str:
    """Return the options of `kafka-storage format` that are random, as the file that it reads for `@file`.

    In a file nobody on the machine sees the password; joined by `=` no value is taken for an option of its own,
    as a cluster id that begins with a dash was.
    """
    account = f"SCRAM-SHA-256=[name={ADMIN},password={admin_password}]"
    return f"--cluster-id={cluster_id}\n--add-scram={account}\n"


def new_cluster_id() -> str:
    """Return a random cluster id in Kafka's form: 22 characters of URL-safe base64, the first not a dash."""
    while True:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not cluster_id.startswith("-"):
            return cluster_id
