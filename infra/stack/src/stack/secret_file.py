"""`secrets.json`: the passwords of one checkout, random, made once, readable by its owner only."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field

from stack.agencies import AGENCIES, machine_client
from stack.files import write_private
from stack.services import DATABASE_ROLES, SERVICES, DatabaseRole, Service

Key = TypeVar("Key")


def service_client(service: Service) -> str:
    """The client id that a service names itself by: `svc-intake`."""
    return f"svc-{service}"


def _new() -> str:
    return secrets.token_urlsafe(24)


class Secrets(BaseModel):
    """Everything random of one instance; a field that a file lacks is made when it is read."""

    postgres_admin: str = Field(default_factory=_new)
    kafka_admin: str = Field(default_factory=_new)
    kafka_controller: str = Field(default_factory=_new)
    keycloak_admin: str = Field(default_factory=_new)
    keycloak_database: str = Field(default_factory=_new)
    databases: dict[Service, dict[DatabaseRole, str]] = Field(default_factory=dict)
    kafka: dict[Service, str] = Field(default_factory=dict)
    services: dict[Service, str] = Field(default_factory=dict)
    person_key: str = Field(default_factory=_new)
    clients: dict[str, str] = Field(default_factory=dict)
    demonstration: str | None = None

    def complete(self, *, demonstration: bool) -> None:
        """Makes what is missing. The demonstration's people have one password, and only there."""
        for service in SERVICES:
            _fill(self.databases.setdefault(service, {}), DATABASE_ROLES)
        _fill(self.kafka, SERVICES)
        _fill(self.services, SERVICES)
        _fill(self.clients, map(service_client, SERVICES))
        if demonstration:
            _fill(self.clients, map(machine_client, AGENCIES))
            self.demonstration = self.demonstration or secrets.token_urlsafe(9)


def _fill(passwords: dict[Key, str], names: Iterable[Key]) -> None:
    for name in names:
        passwords.setdefault(name, _new())


def keep_secrets(file: Path, *, demonstration: bool) -> Secrets:
    """The secrets in `file`, completed and written back."""
    secret = Secrets.model_validate_json(file.read_text()) if file.exists() else Secrets()
    secret.complete(demonstration=demonstration)
    write_private(file, secret.model_dump_json(indent=1))
    return secret
