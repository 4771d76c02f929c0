"""The same instance on servers that somebody else runs: containers, a cluster, servers of your own.

It takes two steps, each safe to repeat. `prepare` writes the passwords and the servers' settings into a folder, by
the same functions as for the native servers; `provision` brings running servers to the wanted state and writes the
settings of each process of a service as a file of variables.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from pydantic_settings import BaseSettings, SettingsConfigDict

from stack.door import LOGINS, Door
from stack.files import write_private
from stack.instance import Addresses, build_run
from stack.production import require_production
from stack.provision.databases import KEYCLOAK, provision_database, provision_keycloak_database
from stack.provision.kafka import provision_kafka
from stack.provision.realm import provision_realm
from stack.run_file import NEEDS, ProcessKind, Run
from stack.secret_file import Secrets, load_or_create_secrets
from stack.servers import kafka, keycloak, postgres
from stack.services import SERVICES, services_with_database
from stack.steps import Steps

Part = Literal["databases", "kafka", "realm"]
PARTS: tuple[Part, ...] = get_args(Part)
CONTAINERS: tuple[ProcessKind, ...] = tuple(kind for kind in NEEDS if kind != "all")
"""The processes of a service that are containers of their own, each with a file of variables that no other reads."""
# The user id of the images of Kafka, Keycloak and Solidary; PostgreSQL's image reads its files as root.
IMAGE_USER = 1000
ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - inside its container; compose publishes on the loopback only


class Deployment(BaseSettings):
    """The addresses of a deployment, from `SOLIDARY_…` variables; the defaults are the names in docker-compose.yml."""

    model_config = SettingsConfigDict(env_prefix="SOLIDARY_", extra="ignore", env_ignore_empty=True)

    country: str = "PA"
    demonstration: bool = False
    production: bool = False
    """True for an instance for people: `prepare` then refuses settings that are not fit for them."""
    settings: Path = Path("/settings")
    postgres: str = "postgres:5432"
    kafka: str = "kafka:9092"
    keycloak: str = "http://keycloak:8080"
    keycloak_management: str = "http://keycloak:9000"
    keycloak_admin: str = "http://localhost:8081"
    """The address of Keycloak's own console for administrators, which the front door does not pass on."""
    public: str = "http://localhost:8080"
    """The front door's address, which people and agencies' software use; the tokens' issuer is under it."""
    trusted_proxies: str = "172.31.80.2"
    """The addresses from which the front door calls Keycloak and the services, separated by commas."""
    console: str | None = None
    """The address of the console for browsers, where it is not the front door's."""
    door_port: int = 8080
    """The port on which the front door listens inside its container."""
    certificates: Path | None = None
    """The folder of the operator's certificate; without it the front door asks an authority for one."""
    backup: Path | None = None
    """The folder for backups, which an instance for people has."""
    service: str = "http://{name}-api:8000"

    @property
    def addresses(self) -> Addresses:
        host, _, port = self.postgres.rpartition(":")
        return Addresses(
            postgres=(host, int(port)),
            kafka=self.kafka,
            keycloak=self.keycloak,
            keycloak_management=self.keycloak_management,
            public=self.public,
            trusted_proxies=tuple(self.trusted_proxies.split(",")),
            services={name: self.service.format(name=name) for name in SERVICES},
        )

    @property
    def secrets(self) -> Secrets:
        self.settings.mkdir(parents=True, exist_ok=True)
        demonstration = self.demonstration and not self.production
        return load_or_create_secrets(self.settings / "secrets.json", demonstration=demonstration)

    def require_production(self, secrets: Secrets) -> None:
        """Raise NotForPeople with everything that keeps the instance from people."""
        require_production(
            country=self.country,
            public=self.public,
            demonstration=self.demonstration,
            state=self.settings,
            backup=self.backup,
            certificates=self.certificates,
            secrets=secrets,
        )


def prepare(deployment: Deployment) -> None:
    """Write the passwords and settings that the servers' containers need, each server's in a folder of its own.

    Raises NotForPeople where an instance for people must not start with what it has.
    """
    secrets = deployment.secrets
    if deployment.production:
        deployment.require_production(secrets)
    _write(deployment, "postgres/password", secrets.postgres_admin)
    _write(
        deployment,
        "postgres/postgresql.conf",
        postgres.configuration(listen=ALL_INTERFACES),
        readable_by_all=True,
    )
    host, _, port = deployment.kafka.rpartition(":")
    properties = kafka.configuration(
        host=host,
        port=int(port),
        listen=ALL_INTERFACES,
        controller_port=int(port) + 1,
        storage="/var/lib/kafka/data",
        password=secrets.kafka_admin,
        controller_password=secrets.kafka_controller,
    )
    _write(deployment, "kafka/server.properties", properties)
    if not (deployment.settings / "kafka/format.options").exists():
        options = kafka.format_options(kafka.new_cluster_id(), secrets.kafka_admin)
        _write(deployment, "kafka/format.options", options)
    settings = keycloak.configuration(
        public_url=deployment.public + LOGINS,
        admin_url=deployment.keycloak_admin,
        trusted_proxies=deployment.addresses.trusted_proxies,
        listen=ALL_INTERFACES,
        port=8080,
        management_port=9000,
        database=f"{deployment.postgres}/{KEYCLOAK}",
        database_password=secrets.keycloak_database,
        admin_password=secrets.keycloak_admin,
        provisioner_secret=secrets.keycloak_provisioner,
    )
    _write(deployment, "keycloak/keycloak.conf", settings)
    prepare_door(deployment)


def prepare_door(deployment: Deployment) -> None:
    """Write the front door's settings and pages, which need no password: in a cluster each of its pods does so."""
    door = Door(
        address=deployment.public,
        listen=ALL_INTERFACES,
        port=deployment.door_port,
        services=deployment.addresses.services,
        keycloak=deployment.keycloak,
        site=Path("/settings/site"),
        storage=Path("/data"),
        certificates=deployment.certificates,
    )
    # There is no secret in them, and the image's root reads them without the right to read everything.
    _write(deployment, "caddy/Caddyfile", door.configuration(), readable_by_all=True)
    for name, text in door.pages().items():
        _write(deployment, f"caddy/site/{name}", text, readable_by_all=True)


def provision(deployment: Deployment, parts: tuple[Part, ...], steps: Steps) -> None:
    """Bring the given parts to the wanted state; after the realm, write `run.json` and the settings of each process."""
    addresses, secrets = deployment.addresses, deployment.secrets
    if "databases" in parts:
        with steps.step("databases and roles provisioned"):
            admin = addresses.database(postgres.ADMIN, secrets.postgres_admin, "postgres")
            provision_keycloak_database(admin, secrets.keycloak_database)
            for service in services_with_database():
                provision_database(admin, service, service, secrets.databases[service])
    if "kafka" in parts:
        with steps.step("topics, accounts and access lists provisioned"):
            provision_kafka(
                kafka.connect(addresses.kafka, secrets.kafka_admin), deployment.country, secrets.kafka
            )
    if "realm" in parts:
        with steps.step("realm provisioned"):
            realm = provision_realm(
                addresses.keycloak,
                (keycloak.PROVISIONER, secrets.keycloak_provisioner),
                secrets,
                deployment.country,
                demonstration=deployment.demonstration,
                console=deployment.console,
                public=deployment.public,
            )
        run = build_run(
            addresses,
            secrets,
            country=deployment.country,
            folder=deployment.settings,
            agencies=realm.agency_ids,
            agency_names=realm.agency_names,
            demonstration=deployment.demonstration,
        )
        _write_service_settings(deployment, run)


def _write_service_settings(deployment: Deployment, run: Run) -> None:
    _write(deployment, "run.json", run.model_dump_json(indent=1))
    for service in SERVICES:
        for process in CONTAINERS:
            variables = run.environment(service, process)
            del variables["SOLIDARY_TELEMETRY_DIR"]  # containers send their telemetry to the collector
            _write(deployment, f"{service}/{process}/environment", _variables(variables))


def _write(deployment: Deployment, name: str, text: str, *, readable_by_all: bool = False) -> None:
    file = deployment.settings / name
    file.parent.mkdir(parents=True, exist_ok=True)
    write_private(file, text)
    if os.geteuid() == 0:
        os.chown(file, IMAGE_USER, IMAGE_USER)
    if readable_by_all:
        file.chmod(0o644)


def _variables(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
