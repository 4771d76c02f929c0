"""The `Run` of an instance, made from its addresses and its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from solidary.platform.identity import service_client_id

from stack import run_file
from stack.agencies import AGENCIES, AGENCY_CLIENTS, STAFF, agency_client_id
from stack.door import LOGINS, api_address
from stack.ports import HOST
from stack.provision.databases import role_name
from stack.run_file import Client, DemonstrationUser, Login, Run
from stack.secret_file import Secrets
from stack.servers import kafka, keycloak, postgres
from stack.services import (
    DATABASE_ROLES,
    SERVICES,
    capabilities,
    services_with_database,
    services_with_events,
)


@dataclass(frozen=True)
class Addresses:
    """The addresses of one instance's servers and services, as its own programs use them."""

    postgres: tuple[str, int]
    kafka: str
    keycloak: str
    keycloak_management: str
    services: Mapping[str, str]
    public: str
    """The front door's address."""
    trusted_proxies: tuple[str, ...] = (HOST,)
    """The addresses from which the front door calls the services."""
    certificate: Path | None = None
    """The root of the front door's certificate, where a local authority signed it."""

    def database(self, user: str, password: str, name: str) -> str:
        """Return the URL of a database for one of its users."""
        host, port = self.postgres
        return f"postgresql://{user}:{password}@{host}:{port}/{name}"


def build_run(
    addresses: Addresses,
    secrets: Secrets,
    *,
    country: str,
    folder: Path,
    agencies: Mapping[str, str],
    agency_names: Mapping[str, str] | None = None,
    demonstration: bool,
) -> Run:
    """Return the facts of a running instance; `agencies` are the realm's organization ids by alias."""
    host, port = addresses.postgres
    return Run(
        country=country,
        folder=folder,
        started=datetime.now(UTC),
        postgres=run_file.Postgres(
            host=host, port=port, admin=addresses.database(postgres.ADMIN, secrets.postgres_admin, "postgres")
        ),
        kafka=run_file.Kafka(
            bootstrap=addresses.kafka,
            admin=Login(username=kafka.ADMIN, password=secrets.kafka_admin),
            notice_keys=secrets.notice_keys,
            accounts={
                service: Login(username=service, password=password)
                for service, password in secrets.kafka.items()
                if service in services_with_events()
            },
        ),
        keycloak=run_file.Keycloak(
            url=addresses.keycloak,
            public_url=addresses.public + LOGINS,
            management_url=addresses.keycloak_management,
            admin=Login(username=keycloak.ADMIN, password=secrets.keycloak_admin),
            provisioner=Login(username=keycloak.PROVISIONER, password=secrets.keycloak_provisioner),
        ),
        databases={
            service: {
                role: addresses.database(role_name(service, role), secrets.databases[service][role], service)
                for role in DATABASE_ROLES
            }
            for service in services_with_database()
        },
        address=addresses.public,
        certificate=addresses.certificate,
        trusted_proxies=addresses.trusted_proxies,
        services=dict(addresses.services),
        apis={name: api_address(addresses.public, name) for name in addresses.services if name in SERVICES},
        service_secrets=secrets.services,
        service_settings={
            service: {name: secrets.setting(name) for name in declared.secrets}
            for service, declared in capabilities().items()
        },
        agencies={alias: UUID(key) for alias, key in agencies.items()},
        agency_names=dict(agency_names or {}),
        clients=_clients(secrets, demonstration=demonstration),
        users=_users(secrets) if demonstration else {},
    )


def _clients(secrets: Secrets, *, demonstration: bool) -> dict[str, Client]:
    services = {
        service_client_id(service): Client(
            secret=secrets.clients[service_client_id(service)], service=service
        )
        for service in SERVICES
    }
    agencies = {
        agency_client_id(agency, kind): Client(
            secret=secrets.clients[agency_client_id(agency, kind)], agency=agency.alias
        )
        for agency in AGENCIES
        for kind in AGENCY_CLIENTS
        if demonstration
    }
    return services | agencies


def _users(secrets: Secrets) -> dict[str, DemonstrationUser]:
    password, code_secret = secrets.demonstration, secrets.demonstration_code
    assert password is not None
    assert code_secret is not None
    return {
        person.username: DemonstrationUser(
            username=person.username,
            password=password,
            code_secret=code_secret,
            name=f"{person.first_name} {person.last_name}",
            duties=dict(person.duties),
        )
        for person in STAFF
    }
