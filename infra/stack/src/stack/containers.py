"""The same instance where somebody else runs the servers: containers, a cluster, servers of your own.

Two steps, each safe to repeat. `prepare` writes the passwords and the servers' settings into a folder, by the same
functions that the laptop's servers are set with; `provision` brings running servers to the wanted state and writes
each service's settings as a file of variables.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from pydantic_settings import BaseSettings, SettingsConfigDict

from stack.files import write_private
from stack.instance import Addresses, describe
from stack.provision.databases import KEYCLOAK, provision_database, provision_keycloak_database
from stack.provision.kafka import provision_kafka
from stack.provision.realm import provision_realm
from stack.run_file import Run
from stack.secret_file import Secrets, keep_secrets
from stack.servers import kafka, keycloak, postgres
from stack.services import SERVICES
from stack.steps import Steps

Part = Literal["databases", "kafka", "realm"]
PARTS: tuple[Part, ...] = get_args(Part)
# Where the images of Kafka and Keycloak run, and ours; PostgreSQL's reads its files as root.
IMAGE_USER = 1000
EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside its container; compose publishes on the loopback only


class Places(BaseSettings):
    """Where things are, as `SOLIDARY_…`; the defaults are the names in docker-compose.yml."""

    model_config = SettingsConfigDict(env_prefix="SOLIDARY_", extra="ignore")

    country: str = "PA"
    demonstration: bool = True
    settings: Path = Path("/settings")
    postgres: str = "postgres:5432"
    kafka: str = "kafka:9092"
    keycloak: str = "http://keycloak:8080"
    keycloak_management: str = "http://keycloak:9000"
    keycloak_public: str = "http://localhost:8080"
    console: str | None = None
    """Where browsers find the console; without it, any loopback address may log in."""
    service: str = "http://{name}-api:8000"

    @property
    def addresses(self) -> Addresses:
        host, _, port = self.postgres.rpartition(":")
        return Addresses(
            postgres=(host, int(port)),
            kafka=self.kafka,
            keycloak=self.keycloak,
            keycloak_management=self.keycloak_management,
            keycloak_public=self.keycloak_public,
            services={name: self.service.format(name=name) for name in SERVICES},
        )

    @property
    def secrets(self) -> Secrets:
        self.settings.mkdir(parents=True, exist_ok=True)
        return keep_secrets(self.settings / "secrets.json", demonstration=self.demonstration)


def prepare(places: Places) -> None:
    """Writes what the servers' containers need: passwords and settings, each server's in a folder of its own."""
    secrets = places.secrets
    _write(places, "postgres/password", secrets.postgres_admin)
    _write(places, "postgres/postgresql.conf", postgres.configuration(listen=EVERYWHERE), everybody=True)
    host, _, port = places.kafka.rpartition(":")
    properties = kafka.configuration(
        host=host,
        port=int(port),
        listen=EVERYWHERE,
        controller_port=int(port) + 1,
        storage="/var/lib/kafka/data",
        password=secrets.kafka_admin,
        controller_password=secrets.kafka_controller,
    )
    _write(places, "kafka/server.properties", properties)
    if not (places.settings / "kafka/format.options").exists():
        options = kafka.format_options(kafka.new_cluster_id(), secrets.kafka_admin)
        _write(places, "kafka/format.options", options)
    settings = keycloak.configuration(
        public_url=places.keycloak_public,
        listen=EVERYWHERE,
        port=8080,
        management_port=9000,
        database=f"{places.postgres}/{KEYCLOAK}",
        database_password=secrets.keycloak_database,
        admin_password=secrets.keycloak_admin,
    )
    _write(places, "keycloak/keycloak.conf", settings)


def provision(places: Places, parts: tuple[Part, ...], steps: Steps) -> None:
    """Brings the named parts to the wanted state; the realm's last act is to write each service's variables."""
    addresses, secrets = places.addresses, places.secrets
    if "databases" in parts:
        with steps.step("databases and roles provisioned"):
            admin = addresses.database(postgres.ADMIN, secrets.postgres_admin, "postgres")
            provision_keycloak_database(admin, secrets.keycloak_database)
            for service in SERVICES:
                provision_database(admin, service, service, secrets.databases[service])
    if "kafka" in parts:
        with steps.step("topics, accounts and access lists provisioned"):
            provision_kafka(
                kafka.connect(addresses.kafka, secrets.kafka_admin), places.country, secrets.kafka
            )
    if "realm" in parts:
        with steps.step("realm provisioned"):
            realm = provision_realm(
                addresses.keycloak,
                (keycloak.ADMIN, secrets.keycloak_admin),
                secrets,
                places.country,
                demonstration=places.demonstration,
                console=places.console,
            )
        run = describe(
            addresses,
            secrets,
            country=places.country,
            folder=places.settings,
            agencies=realm.agency_ids,
            demonstration=places.demonstration,
        )
        _hand_out(places, run)


def _hand_out(places: Places, run: Run) -> None:
    _write(places, "run.json", run.model_dump_json(indent=1))
    for service in SERVICES:
        variables = run.environment(service)
        del variables["SOLIDARY_TELEMETRY_DIR"]  # containers send theirs to the collector
        _write(places, f"{service}/environment", _variables(variables))


def _write(places: Places, name: str, text: str, *, everybody: bool = False) -> None:
    file = places.settings / name
    file.parent.mkdir(parents=True, exist_ok=True)
    write_private(file, text)
    if os.geteuid() == 0:
        os.chown(file, IMAGE_USER, IMAGE_USER)
    if everybody:
        file.chmod(0o644)


def _variables(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
