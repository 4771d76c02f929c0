"""One running instance, written up for those who use it: from its addresses and its secrets to a `Run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from stack import run_file
from stack.agencies import AGENCIES, PEOPLE, machine_client
from stack.provision.databases import role_name
from stack.run_file import Client, DemonstrationUser, Login, Run
from stack.secret_file import Secrets, service_client
from stack.servers import kafka, keycloak, postgres
from stack.services import DATABASE_ROLES, SERVICES


@dataclass(frozen=True)
class Addresses:
    """Where the servers and services of one instance answer, as its own programs see them."""

    postgres: tuple[str, int]
    kafka: str
    keycloak: str
    keycloak_management: str
    services: Mapping[str, str]
    keycloak_public: str | None = None
    """What people's browsers see, and so the tokens' issuer, where it differs from `keycloak`."""

    def database(self, user: str, password: str, name: str) -> str:
        host, port = self.postgres
        return f"postgresql://{user}:{password}@{host}:{port}/{name}"


def describe(
    addresses: Addresses,
    secrets: Secrets,
    *,
    country: str,
    folder: Path,
    agencies: Mapping[str, str],
    demonstration: bool,
) -> Run:
    """`agencies`: organization id by alias, as the realm has them."""
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
            accounts={
                service: Login(username=service, password=password)
                for service, password in secrets.kafka.items()
            },
        ),
        keycloak=run_file.Keycloak(
            url=addresses.keycloak,
            public_url=addresses.keycloak_public or addresses.keycloak,
            management_url=addresses.keycloak_management,
            admin=Login(username=keycloak.ADMIN, password=secrets.keycloak_admin),
        ),
        databases={
            service: {
                role: addresses.database(role_name(service, role), secrets.databases[service][role], service)
                for role in DATABASE_ROLES
            }
            for service in SERVICES
        },
        services=dict(addresses.services),
        service_secrets=secrets.services,
        person_key=secrets.person_key,
        agencies={alias: UUID(key) for alias, key in agencies.items()},
        clients=_clients(secrets, demonstration=demonstration),
        users=_users(secrets.demonstration) if demonstration else {},
    )


def _clients(secrets: Secrets, *, demonstration: bool) -> dict[str, Client]:
    ours = {
        service_client(service): Client(secret=secrets.clients[service_client(service)], service=service)
        for service in SERVICES
    }
    theirs = {
        machine_client(agency): Client(secret=secrets.clients[machine_client(agency)], agency=agency.alias)
        for agency in AGENCIES
        if demonstration
    }
    return ours | theirs


def _users(password: str | None) -> dict[str, DemonstrationUser]:
    assert password is not None
    return {
        person.username: DemonstrationUser(
            username=person.username,
            password=password,
            name=f"{person.first_name} {person.last_name}",
            duties=dict(person.duties),
        )
        for person in PEOPLE
    }
