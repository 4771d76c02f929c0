"""`run.json`: addresses and credentials of a checkout's running servers; mode 0600, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from solidary.platform.identity import audience_scope, service_client_id

from stack.errors import NotRunning
from stack.files import write_private
from stack.services import (
    SERVICES,
    DatabaseRole,
    Service,
    called_services,
    front_end,
    reads_notices,
)

REALM = "solidary"
CONSOLE_CLIENT = "console"
DEMONSTRATION_CLIENT = "demonstration"

ProcessKind = Literal["all", "api", "worker", "relay", "migrate"]
"""The kinds of a service's processes. A `worker` has no relay in it; `all` is an API with its worker and its relay."""


WORKER_SECRETS = ("webhook_keys",)
"""The secret settings of a service that its worker needs too; the others are for requests."""


class Needs(NamedTuple):
    """The settings that a kind of process needs beside the country."""

    databases: tuple[DatabaseRole, ...]
    broker: bool = True
    service: bool = True
    """The service's client where it calls others, its peers, and the realm whose tokens it verifies."""
    requests: bool = False
    """The secrets with which the service answers requests: those of their digests, and those that it declares; and the
    addresses of the front door."""


NEEDS: Mapping[ProcessKind, Needs] = {
    "all": Needs(databases=("app", "relay"), requests=True),
    "api": Needs(databases=("app",), broker=False, requests=True),
    "worker": Needs(databases=("app",)),
    "relay": Needs(databases=("relay",), service=False),
    "migrate": Needs(databases=("migrate",), service=False),
}


class _FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class Login(_FrozenModel):
    """A username and its password."""

    username: str
    password: str


class Postgres(_FrozenModel):
    """The address of PostgreSQL and its superuser's connection."""

    host: str
    port: int
    admin: str
    """The superuser's URL; for provisioning, throw-away databases and operators."""


class Kafka(_FrozenModel):
    """The address of Kafka, its administrator and an account per service."""

    bootstrap: str
    admin: Login
    accounts: dict[Service, Login]
    notice_keys: str
    """The secret that encrypts notices, which all services share."""

    def settings_of(self, account: Login) -> dict[str, str]:
        """Return the settings with which a service reaches Kafka."""
        return {
            "SOLIDARY_KAFKA": self.bootstrap,
            "SOLIDARY_KAFKA_USER": account.username,
            "SOLIDARY_KAFKA_PASSWORD": account.password,
        }


class Keycloak(_FrozenModel):
    """The addresses of Keycloak, its administrator and the names in its realm."""

    url: str
    public_url: str
    """The address at the front door; tokens have it in their issuer."""
    management_url: str
    admin: Login
    """The administrator, who logs in at Keycloak's own console."""
    provisioner: Login
    """The machine client that provisions the realm."""
    realm: str = REALM
    console_client: str = CONSOLE_CLIENT

    @property
    def issuer(self) -> str:
        return f"{self.public_url}/realms/{self.realm}"

    @property
    def token_url(self) -> str:
        return f"{self._protocol}/token"

    @property
    def public_token_url(self) -> str:
        """The address for agencies' software."""
        return f"{self.issuer}/protocol/openid-connect/token"

    @property
    def jwks_url(self) -> str:
        return f"{self._protocol}/certs"

    def password_grant(
        self, username: str, password: str, code: str, services: Sequence[Service] = SERVICES
    ) -> dict[str, str]:
        """Return the form that gets a token of a person of a demonstration for these services."""
        return {
            "grant_type": "password",
            "client_id": DEMONSTRATION_CLIENT,
            "username": username,
            "password": password,
            "totp": code,
            "scope": " ".join(["openid", "organization:*", *map(audience_scope, services)]),
        }

    def machine_grant(self, client_id: str, secret: str) -> dict[str, str]:
        """Return the form that gets a token of an agency's machine client for all services."""
        return {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
            "scope": " ".join(["organization:*", *map(audience_scope, SERVICES)]),
        }

    @property
    def _protocol(self) -> str:
        return f"{self.url}/realms/{self.realm}/protocol/openid-connect"


class Client(_FrozenModel):
    """A program that logs in by client credentials: an agency's software or one of the services."""

    secret: str
    agency: str | None = None
    service: Service | None = None


class DemonstrationUser(_FrozenModel):
    """One of the demonstration's people, with their duties by agency alias."""

    username: str
    password: str
    code_secret: str
    """The secret of their one-time codes (`stack.one_time_code`)."""
    name: str
    duties: dict[str, tuple[str, ...]]


class Run(_FrozenModel):
    """The facts of one running stack."""

    country: str
    folder: Path
    started: datetime
    postgres: Postgres
    kafka: Kafka
    keycloak: Keycloak
    databases: dict[Service, dict[DatabaseRole, str]]
    address: str
    """The front door: the address that people and agencies' software use, and the only one that they need."""
    certificate: Path | None
    """The root of the front door's certificate, where a local authority signed it."""
    trusted_proxies: tuple[str, ...]
    """The addresses from which the front door calls the services."""
    apis: dict[str, str]
    """The address of each service's API at the front door: `intake` → `http://127.0.0.1:21000/api/intake/v1`."""
    services: dict[str, str]
    """The address of each service of this checkout for the front door and for other services:
    `intake` → `http://127.0.0.1:21234`."""
    service_secrets: dict[Service, str]
    service_settings: dict[Service, dict[str, str]]
    """The secret settings that a service declares beside those of every service: `intake` → `person_keys`."""
    agencies: dict[str, UUID]
    """The agency ids that tokens carry, by alias."""
    agency_names: dict[str, str] = {}
    """The names of the agencies that are listed, by alias."""
    clients: dict[str, Client]
    users: dict[str, DemonstrationUser]

    def environment(self, service: Service, process: ProcessKind = "all") -> dict[str, str]:
        """Return the settings that one process of a service needs, as the environment variables that it reads."""
        needs = NEEDS[process]
        databases = self.databases.get(service, {})
        account = self.kafka.accounts.get(service) if needs.broker else None
        return {
            "SOLIDARY_COUNTRY": self.country,
            "SOLIDARY_TELEMETRY_DIR": str(self.folder / "telemetry"),
            **{
                f"SOLIDARY_DATABASE_{role.upper()}": databases[role]
                for role in needs.databases
                if role in databases
            },
            **(self.kafka.settings_of(account) if account else {}),
            **(self._service_settings(service) if needs.service else {}),
            **(self._request_secrets(service) if needs.requests else {}),
            **(self._declared_secrets(service, WORKER_SECRETS) if process == "worker" else {}),
            **(self._notice_keys(service, process) if account else {}),
        }

    def _notice_keys(self, service: Service, process: ProcessKind) -> dict[str, str]:
        """Return the secret of notices for a process that has a relay in it, or that reads notices."""
        is_needed = process in ("all", "relay") or (process == "worker" and reads_notices(service))
        return {"SOLIDARY_NOTICE_KEYS": self.kafka.notice_keys} if is_needed else {}

    def _service_settings(self, service: Service) -> dict[str, str]:
        return {
            "SOLIDARY_ISSUER": self.keycloak.issuer,
            "SOLIDARY_JWKS_URL": self.keycloak.jwks_url,
            "SOLIDARY_AGENCIES": ",".join(sorted(map(str, self.agencies.values()))),
            "SOLIDARY_AGENCY_NAMES": json.dumps(
                {alias: [str(self.agencies[alias]), name] for alias, name in self.agency_names.items()}
            ),
            **(self._client(service) if called_services(service) else {}),
            **(self._front_end(service) if service == front_end() else {}),
        }

    def _front_end(self, service: Service) -> dict[str, str]:
        """Return the settings of pages: people's client, and all other services, which take their tokens."""
        return {
            "SOLIDARY_TOKEN_URL": self.keycloak.token_url,
            "SOLIDARY_CLIENT_ID": self.keycloak.console_client,
            "SOLIDARY_PEERS": json.dumps(
                {name: url for name, url in self.services.items() if name in SERVICES and name != service}
            ),
        }

    def _client(self, service: Service) -> dict[str, str]:
        client, called = service_client_id(service), called_services(service)
        return {
            "SOLIDARY_TOKEN_URL": self.keycloak.token_url,
            "SOLIDARY_CLIENT_ID": client,
            "SOLIDARY_CLIENT_SECRET": self.clients[client].secret,
            "SOLIDARY_PEERS": json.dumps(
                {name: url for name, url in self.services.items() if name in called}
            ),
        }

    def _request_secrets(self, service: Service) -> dict[str, str]:
        return {
            "SOLIDARY_SECRET": self.service_secrets[service],
            "SOLIDARY_TRUSTED_PROXIES": ",".join(self.trusted_proxies),
            **self._declared_secrets(service),
        }

    def _declared_secrets(self, service: Service, names: Collection[str] | None = None) -> dict[str, str]:
        declared = self.service_settings.get(service, {})
        return {
            f"SOLIDARY_{name.upper()}": value
            for name, value in declared.items()
            if names is None or name in names
        }


def run_file(folder: Path) -> Path:
    """Return the path of `run.json` in a state folder."""
    return folder / "run.json"


def read_run(folder: Path) -> Run:
    """Return the run of a state folder. Raises NotRunning, also where an older version of the code wrote the file."""
    try:
        return Run.model_validate_json(run_file(folder).read_text())
    except (FileNotFoundError, ValidationError) as error:
        raise NotRunning(folder) from error


def write_run(run: Run) -> None:
    """Write a run to the `run.json` of its state folder."""
    write_private(run_file(run.folder), run.model_dump_json(indent=1))
