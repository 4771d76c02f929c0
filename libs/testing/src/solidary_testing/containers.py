"""The servers of a test run as containers of a Docker engine, instead of processes of this machine.

Images, commands and variables are those of docker-compose.yml; settings, passwords, accounts, topics and realm are
made by the functions that serve there too (`stack.containers`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import psycopg
import yaml  # type: ignore[import-untyped]
from confluent_kafka import KafkaException
from docker.errors import DockerException  # type: ignore[import-untyped]
from stack import Run, StackError, containers, read_run
from stack.containers import Deployment
from stack.errors import ServerExited, ServerStartTimeout
from stack.files import last_lines
from stack.ports import assign_ports
from stack.processes import ProcessTable
from stack.run_file import run_file, write_run
from stack.servers import kafka, postgres
from stack.servers.caddy import Caddy
from stack.servers.server import START_SECONDS
from stack.services import SERVICES
from stack.steps import Steps
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.network import Network

COMPOSE = Path(__file__).parents[4] / "docker-compose.yml"
SETTINGS = "/settings"
PAUSE_SECONDS = 0.2
ENGINE_NETWORKS = "127.0.0.1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
"""The front door is a process of this machine, which an engine's network may see under any private address."""
PUBLISHED = ("postgres", "kafka", "keycloak", "keycloak_management")


class NoEngine(StackError):
    """No Docker engine can be reached."""

    def __init__(self, reason: object):
        super().__init__(
            f"No Docker engine can be reached: {reason}\n"
            "Start one, or name it in DOCKER_HOST. Without SOLIDARY_TEST_SERVERS=containers no engine is needed."
        )


class Containers:
    """PostgreSQL, Kafka and Keycloak in containers; `folder` has their settings, run.json and all logs.

    The front door is a process of this machine, like the services.

    Each start is a new instance: nothing of an earlier one is kept.
    """

    def __init__(self, folder: Path, *, steps: Steps | None = None):
        self.folder = folder.resolve()
        self.steps = steps or Steps()
        self.processes = ProcessTable(self.folder)
        self._running = ExitStack()

    def up(self) -> Run:
        """Start the servers.

        Raises NoEngine; StackError where an image cannot be pulled; ServerExited; ServerStartTimeout.
        """
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "logs").mkdir(parents=True)
        try:
            with self.steps.step("everything is up, in containers"):
                return self._start()
        except BaseException:
            self._running.close()
            raise

    def down(self) -> None:
        """Stop containers and services; their logs stay until the next start."""
        self.processes.kill_strays()
        self._running.close()
        run_file(self.folder).unlink(missing_ok=True)

    def run(self) -> Run:
        """Return the addresses and accounts of the servers. Raises NotRunning."""
        return read_run(self.folder)

    def _start(self) -> Run:
        try:
            host = _loopback(DockerClient().host())
            network = self._running.enter_context(Network())
        except DockerException as error:
            raise NoEngine(error) from error
        # Chosen beforehand: a broker must know the address that its clients use.
        ports = assign_ports(("door", *PUBLISHED, *SERVICES), self.folder, {})
        keycloak = f"http://{host}:{ports['keycloak']}"
        within = Deployment(
            settings=self.folder,
            demonstration=True,
            kafka=f"{host}:{ports['kafka']}",
            keycloak=keycloak,
            public=f"http://127.0.0.1:{ports['door']}",
            keycloak_admin=keycloak,
            trusted_proxies=ENGINE_NETWORKS,
        )
        seen = within.model_copy(
            update={
                "postgres": f"{host}:{ports['postgres']}",
                "keycloak_management": f"http://{host}:{ports['keycloak_management']}",
            }
        )
        containers.prepare(within)
        self._serve("postgres", network, {5432: ports["postgres"]}, partial(_postgres_answers, seen))
        self._serve("kafka", network, {ports["kafka"]: ports["kafka"]}, partial(_kafka_answers, seen))
        containers.provision(seen, ("databases", "kafka"), self.steps)
        published = {8080: ports["keycloak"], 9000: ports["keycloak_management"]}
        self._serve("keycloak", network, published, partial(_keycloak_answers, seen))
        containers.provision(seen, ("realm",), self.steps)
        services = {name: f"http://127.0.0.1:{ports[name]}" for name in SERVICES}
        run = self.run().model_copy(update={"services": services})
        write_run(run)
        door = Caddy(
            self.folder,
            self.processes,
            self.steps,
            port=ports["door"],
            tls=False,
            services={name: services[name] for name in SERVICES},
            keycloak=keycloak,
        )
        door.prepare()
        door.start()
        return run

    def _serve(self, name: str, network: Network, ports: dict[int, int], answers: Callable[[], bool]) -> None:
        """Start a container of docker-compose.yml and wait until its server answers."""
        with self.steps.step(f"{name} answers"):
            container = _container(name, self.folder / name, ports).with_network(network)
            self._running.callback(container.stop)
            try:
                container.start()
            except DockerException as error:
                raise StackError(f"{container.image} does not start: {error}") from error
            log = self.folder / "logs" / f"{name}.log"
            writing = Thread(target=_write_log, args=(container, log), daemon=True)
            writing.start()
            for _ in range(int(START_SECONDS / PAUSE_SECONDS)):
                if answers():
                    return
                container.reload()
                if container.status == "exited":
                    writing.join(5)
                    raise ServerExited(name, log, last_lines(log))
                self.steps.pause(PAUSE_SECONDS)
            raise ServerStartTimeout(name, START_SECONDS, log, last_lines(log))


def _container(name: str, settings: Path, ports: dict[int, int]) -> DockerContainer:
    """Return a container that docker-compose.yml describes, with its settings copied into it.

    They are copied because an engine on another machine cannot mount a folder. `ports`: inside → outside.
    """
    wanted: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"][name]
    options = {part: wanted[part] for part in ("entrypoint", "shm_size") if part in wanted}
    container = DockerContainer(wanted["image"], network_aliases=[name], **options)
    container.with_command([str(part).replace("$$", "$") for part in wanted["command"]])
    container.with_envs(**wanted.get("environment", {}))
    for inside, outside in ports.items():
        container.with_bind_ports(inside, outside)
    for file in settings.iterdir():
        container.with_copy_into_container(file, f"{SETTINGS}/{file.name}")
    return container


def _write_log(container: DockerContainer, log: Path) -> None:
    """Write a container's output to a file until it ends."""
    with log.open("wb", buffering=0) as file:
        for chunk in container.get_wrapped_container().logs(stream=True):
            file.write(chunk)


def _loopback(host: str) -> str:
    """Return the address without the name `localhost`, which may mean IPv6, where not all engines publish ports."""
    return "127.0.0.1" if host == "localhost" else host


def _postgres_answers(places: Deployment) -> bool:
    with suppress(psycopg.OperationalError):
        url = places.addresses.database(postgres.ADMIN, places.secrets.postgres_admin, "postgres")
        psycopg.connect(url, connect_timeout=2).close()
        return True
    return False


def _kafka_answers(places: Deployment) -> bool:
    with suppress(KafkaException):
        return bool(kafka.connect(places.kafka, places.secrets.kafka_admin).list_topics(timeout=2).brokers)
    return False


def _keycloak_answers(places: Deployment) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{places.keycloak_management}/health/ready", timeout=5, trust_env=False).is_success
    return False
