"""`secrets.json`: the random passwords of one checkout, made once, readable by their owner only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from secrets import token_urlsafe
from typing import TypeVar

from pydantic import BaseModel, Field
from solidary.platform.identity import service_client_id

from stack.agencies import agency_client_ids
from stack.errors import StackError
from stack.files import write_private
from stack.services import DATABASE_ROLES, SERVICES, DatabaseRole, Service

Key = TypeVar("Key")


def _random_password() -> str:
    return token_urlsafe(24)


class Secrets(BaseModel):
    """All random values of one instance; those that a file lacks are made when it is read."""

    postgres_admin: str = Field(default_factory=_random_password)
    kafka_admin: str = Field(default_factory=_random_password)
    kafka_controller: str = Field(default_factory=_random_password)
    keycloak_admin: str = Field(default_factory=_random_password)
    keycloak_provisioner: str = Field(default_factory=_random_password)
    keycloak_database: str = Field(default_factory=_random_password)
    databases: dict[Service, dict[DatabaseRole, str]] = Field(default_factory=dict)
    kafka: dict[Service, str] = Field(default_factory=dict)
    services: dict[Service, str] = Field(default_factory=dict)
    person_keys: str = Field(default_factory=_random_password)
    search_keys: str = Field(default_factory=_random_password)
    webhook_keys: str = Field(default_factory=_random_password)
    notice_keys: str = Field(default_factory=_random_password)
    clients: dict[str, str] = Field(default_factory=dict)
    demonstration: str | None = None
    demonstration_code: str | None = None

    def setting(self, name: str) -> str:
        """Return the secret value of a setting that a service declares. Raises StackError for an unknown one."""
        if name not in ("person_keys", "search_keys", "webhook_keys"):
            raise StackError(f"There is no secret value for the setting «{name}» that a service declares.")
        return str(getattr(self, name))

    def add_missing(self, *, demonstration: bool) -> None:
        """Make the missing secrets. Only a demonstration has people, who share a password and a secret of codes."""
        for service in SERVICES:
            _add_missing(self.databases.setdefault(service, {}), DATABASE_ROLES)
        _add_missing(self.kafka, SERVICES)
        _add_missing(self.services, SERVICES)
        _add_missing(self.clients, map(service_client_id, SERVICES))
        if demonstration:
            _add_missing(self.clients, agency_client_ids())
            self.demonstration = self.demonstration or token_urlsafe(9)
            self.demonstration_code = self.demonstration_code or _random_password()


def _add_missing(passwords: dict[Key, str], names: Iterable[Key]) -> None:
    for name in names:
        passwords.setdefault(name, _random_password())


def read_secrets(file: Path) -> Secrets:
    """Return the secrets in the file. Raises StackError where there are none."""
    try:
        return Secrets.model_validate_json(file.read_text())
    except (OSError, ValueError) as error:
        raise StackError(f"{file} has no secrets of an instance that can be read.") from error


def load_or_create_secrets(file: Path, *, demonstration: bool) -> Secrets:
    """Return the secrets in the file, after adding those that are missing."""
    secrets = Secrets.model_validate_json(file.read_text()) if file.exists() else Secrets()
    secrets.add_missing(demonstration=demonstration)
    write_private(file, secrets.model_dump_json(indent=1))
    return secrets
