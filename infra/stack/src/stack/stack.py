"""The stack of one state folder: start, stop and status of its servers."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import psutil

from stack import run_file
from stack.artifacts import require_disk_space
from stack.checkout import state_folder
from stack.door import LOGINS
from stack.errors import HalfRestored, NotEnoughSpace, NotRunning, OtherCountry, Stopped
from stack.files import write_private
from stack.instance import Addresses, build_run
from stack.ports import HOST, assign_ports, read_ports
from stack.processes import ProcessTable
from stack.provision.databases import KEYCLOAK, provision_database, provision_keycloak_database
from stack.provision.kafka import provision_kafka
from stack.provision.realm import Realm, provision_realm
from stack.run_file import Run
from stack.secret_file import Secrets, load_or_create_secrets
from stack.servers import keycloak
from stack.servers.caddy import Caddy
from stack.servers.kafka import Kafka
from stack.servers.keycloak import Keycloak
from stack.servers.keycloak_tables import KeycloakTables
from stack.servers.postgres import Postgres
from stack.servers.server import Server
from stack.services import SERVICES, services_with_database
from stack.steps import Steps

SERVERS = ("postgres", "kafka", "keycloak", "caddy")
PARALLEL = 16
RESTORE_MARKER = "restore.unfinished"
COUNTRY_FILE = "country"
DEFAULT_COUNTRY = "PA"
SERVER_PORTS = ("door", "postgres", "kafka", "kafka_controller", "keycloak", "keycloak_management")
PORTS = (*SERVER_PORTS, *SERVICES)
MINIMUM_FREE_DISK = 500 << 20
MINIMUM_FREE_MEMORY = 900 << 20


class Stack:
    """The servers whose state is in `folder` (default: this checkout's `.local`).

    With `tls` the front door has a certificate of Caddy's local authority.
    """

    postgres: Postgres
    kafka: Kafka
    keycloak: Keycloak
    caddy: Caddy
    _realm: Realm

    def __init__(
        self,
        folder: Path | None = None,
        *,
        country: str | None = None,
        demonstration: bool = True,
        tls: bool = False,
        ports: Mapping[str, int] | None = None,
        steps: Steps | None = None,
    ):
        self.folder = (folder or state_folder()).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.country = self._country_of(country)
        self.demonstration = demonstration
        self.tls = tls
        self.steps = steps or Steps()
        self._fixed_ports = ports or {}
        self.processes = ProcessTable(self.folder)

    def up(self) -> Run:
        """Start the servers, provision them, and return the facts of the run.

        Where all of them run already nothing is started, and services that were added since are provisioned. What a
        kill -9 left is stopped first. Where one part fails or somebody interrupts, everything that was started is
        stopped.
        """
        with self._lock():
            self._refuse_half_restored()
            found = self._running()
            if found is not None:
                self.steps.report(
                    f"The stack in {self.folder} is up since {found.started:%Y-%m-%d %H:%M:%S} UTC."
                )
                return self._provision_added(found)
            left = self._stop_all()
            if left:
                self.steps.report(f"Stopped what an earlier run left: {', '.join(left)}.")
            require_disk_space(self.folder, MINIMUM_FREE_DISK)
            _require_memory()
            secrets, ports = self._secrets(), self._assign_ports()
            write_private(self.folder / COUNTRY_FILE, f"{self.country}\n")
            self._create_servers(ports, secrets)
            with self.steps.step("all servers ready"):
                self._start_concurrently(secrets)
            run = self._build_run(ports, secrets, self.country, demonstration=self.demonstration)
            run_file.write_run(run)
            return run

    def down(self) -> list[str]:
        """Stop everything of this folder, also what a kill -9 left; return the names of what was stopped."""
        with self._lock():
            return self._stop_all()

    def delete(self) -> None:
        """Stop everything and delete all state: databases, topics, realm, passwords."""
        with self._lock():
            self._stop_all()
            secrets = Secrets()
            self._create_servers(dict.fromkeys(PORTS, 0), secrets)
            for server in (self.postgres, self.kafka, self.keycloak, self.caddy):
                shutil.rmtree(server.home, ignore_errors=True)
            for name in ("secrets.json", "ports.json", "processes.json", COUNTRY_FILE, RESTORE_MARKER):
                (self.folder / name).unlink(missing_ok=True)

    @property
    def restore_marker(self) -> Path:
        """The file that is there while a backup is being restored into this folder, or after that was killed."""
        return self.folder / RESTORE_MARKER

    def status(self) -> dict[str, psutil.Process | None]:
        """Return the running process of each server, or None."""
        return {name: self.processes.find(name) for name in SERVERS}

    def run(self) -> Run:
        """Return the facts of a stack that is up, from run.json. Raises NotRunning."""
        found = self._running()
        if found is None:
            raise NotRunning(self.folder)
        return found

    def _country_of(self, wanted: str | None) -> str:
        """Return the country of the folder's instance, or the wanted one of a new instance. Raises OtherCountry."""
        file = self.folder / COUNTRY_FILE
        found = file.read_text().strip() if file.exists() else None
        if wanted is not None and found not in (None, wanted):
            raise OtherCountry(self.folder, found or "", wanted)
        return found or wanted or DEFAULT_COUNTRY

    def _refuse_half_restored(self) -> None:
        if self.restore_marker.exists():
            raise HalfRestored(self.folder)

    def _lock(self) -> AbstractContextManager[None]:
        self.steps.reset()
        message = f"Another program is using {self.folder}. Waiting for it."
        return self.steps.exclusive(self.folder / "stack.lock", message)

    def _running(self) -> Run | None:
        if not all(self.status().values()):
            return None
        with suppress(NotRunning):
            run = run_file.read_run(self.folder)
            self.tls = run.certificate is not None
            self._create_servers(
                read_ports(self.folder),
                load_or_create_secrets(self.folder / "secrets.json", demonstration=bool(run.users)),
            )
            return run
        return None

    def _provision_added(self, run: Run) -> Run:
        """Provision the services that the run lacks, and return the run with them."""
        added = [service for service in SERVICES if service not in run.services]
        if not added:
            return run
        with self.steps.step(f"{', '.join(added)} provisioned"):
            secrets = load_or_create_secrets(self.folder / "secrets.json", demonstration=bool(run.users))
            # The ports of what runs are not free, and stay.
            ports = assign_ports(PORTS, self.folder, {**read_ports(self.folder), **self._fixed_ports})
            self._create_servers(ports, secrets)
            self._provision_databases(secrets)
            provision_kafka(self.kafka.admin(), run.country, secrets.kafka)
            self._provision_realm(secrets, run.country, demonstration=bool(run.users))
            self.caddy.stop()
            self.caddy.prepare()
            self.caddy.start()
        complete = self._build_run(ports, secrets, run.country, demonstration=bool(run.users))
        complete = complete.model_copy(update={"started": run.started})
        run_file.write_run(complete)
        return complete

    def _secrets(self) -> Secrets:
        return load_or_create_secrets(self.folder / "secrets.json", demonstration=self.demonstration)

    def _assign_ports(self) -> dict[str, int]:
        return assign_ports(PORTS, self.folder, self._fixed_ports)

    def _stop_all(self) -> list[str]:
        run_file.run_file(self.folder).unlink(missing_ok=True)
        recorded = self.processes.names()
        running = [name for name in recorded if self.processes.find(name)]
        # Clients before their servers: the door and the services, then Keycloak beside Kafka, PostgreSQL last.
        for names in ({"caddy", *recorded} - {*SERVERS[:3]}, ("keycloak", "kafka"), ("postgres",)):
            with ThreadPoolExecutor(PARALLEL) as pool:
                list(pool.map(self._end, names))
        return running + self.processes.kill_strays()

    def _end(self, name: str) -> None:
        by = Postgres.stop_signal if name == "postgres" else signal.SIGTERM
        self.processes.end(name, by=by, grace=20)

    def _create_servers(self, ports: dict[str, int], secrets: Secrets) -> None:
        """Create the objects of the servers, with their ports and passwords; start nothing."""
        common = (self.folder, self.processes, self.steps)
        self.caddy = Caddy(
            *common,
            port=ports["door"],
            tls=self.tls,
            services={name: f"http://{HOST}:{ports[name]}" for name in SERVICES if name in ports},
            keycloak=f"http://{HOST}:{ports['keycloak']}",
        )
        self.postgres = Postgres(*common, port=ports["postgres"], password=secrets.postgres_admin)
        self.kafka = Kafka(
            *common,
            port=ports["kafka"],
            controller_port=ports["kafka_controller"],
            password=secrets.kafka_admin,
            controller_password=secrets.kafka_controller,
        )
        self.keycloak = Keycloak(
            *common,
            port=ports["keycloak"],
            management_port=ports["keycloak_management"],
            public_url=self.caddy.door.address + LOGINS,
            admin_password=secrets.keycloak_admin,
            provisioner_secret=secrets.keycloak_provisioner,
            database=f"{HOST}:{ports['postgres']}/{KEYCLOAK}",
            database_password=secrets.keycloak_database,
        )

    def _start_concurrently(self, secrets: Secrets) -> None:
        with ThreadPoolExecutor(5) as pool:
            database = pool.submit(self._start_postgres, secrets)
            parts: list[Future[None]] = [
                database,
                pool.submit(self._start_kafka, secrets),
                pool.submit(self._start_keycloak, database, secrets),
                pool.submit(self._prepare_databases, database, secrets),
                pool.submit(self._start_door),
            ]
            try:
                wait(parts, return_when=FIRST_EXCEPTION)
                _raise_first(parts)
            except BaseException:
                self.steps.stop()
                wait(parts)
                self._stop_all()
                raise

    def _start_postgres(self, secrets: Secrets) -> None:
        self._prepare(self.postgres)
        self._start(self.postgres)
        provision_keycloak_database(self.postgres.admin_url, secrets.keycloak_database)

    def _prepare_databases(self, database: Future[None], secrets: Secrets) -> None:
        database.result()
        with self.steps.step("databases and roles provisioned"):
            self._provision_databases(secrets)

    def _provision_databases(self, secrets: Secrets) -> None:
        for service in services_with_database():
            provision_database(self.postgres.admin_url, service, service, secrets.databases[service])

    def _start_kafka(self, secrets: Secrets) -> None:
        self._prepare(self.kafka)
        self._start(self.kafka)
        self._provision_kafka(secrets)

    def _provision_kafka(self, secrets: Secrets) -> None:
        with self.steps.step("topics, accounts and access lists provisioned"):
            provision_kafka(self.kafka.admin(), self.country, secrets.kafka)

    def _start_keycloak(self, database: Future[None], secrets: Secrets) -> None:
        self._prepare(self.keycloak)
        database.result()
        tables = KeycloakTables(self.postgres, secrets.keycloak_database)
        tables.restore()
        self._start(self.keycloak)
        tables.save()
        with self.steps.step("realm provisioned"):
            self._provision_realm(secrets, self.country, demonstration=self.demonstration)

    def _provision_realm(self, secrets: Secrets, country: str, *, demonstration: bool) -> None:
        admin = (keycloak.PROVISIONER, secrets.keycloak_provisioner)
        url = self.keycloak.url
        public = self.caddy.door.address
        self._realm = provision_realm(
            url, admin, secrets, country, demonstration=demonstration, public=public
        )

    def _start_door(self) -> None:
        self._prepare(self.caddy)
        self._start(self.caddy)

    def _prepare(self, server: Server) -> None:
        with self.steps.step(f"{server.title} prepared"):
            server.prepare()

    def _start(self, server: Server) -> None:
        with self.steps.step(f"{server.title} ready"):
            server.start()

    def _build_run(
        self, ports: dict[str, int], secrets: Secrets, country: str, *, demonstration: bool
    ) -> Run:
        addresses = Addresses(
            postgres=(HOST, self.postgres.port),
            kafka=self.kafka.bootstrap,
            keycloak=self.keycloak.url,
            keycloak_management=f"http://{HOST}:{self.keycloak.management_port}",
            services={name: f"http://{HOST}:{ports[name]}" for name in SERVICES},
            public=self.caddy.door.address,
            certificate=self.caddy.certificate,
        )
        return build_run(
            addresses,
            secrets,
            country=country,
            folder=self.folder,
            agencies=self._realm.agency_ids,
            agency_names=self._realm.agency_names,
            demonstration=demonstration,
        )


def _require_memory() -> None:
    free = psutil.virtual_memory().available + psutil.swap_memory().free
    if free < MINIMUM_FREE_MEMORY:
        raise NotEnoughSpace("memory", needed=MINIMUM_FREE_MEMORY, free=free)


def _raise_first(parts: list[Future[None]]) -> None:
    """Raise the first cause, rather than the `Stopped` of a part that was stopped because of it."""
    errors = [error for part in parts if part.done() and (error := part.exception())]
    for error in sorted(errors, key=lambda error: isinstance(error, Stopped)):
        raise error
