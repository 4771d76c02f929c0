"""The wanted state of the realm: agencies as organizations, their duties as groups, clients, people.

Everything is read first and only differences are written, so a second run writes nothing. Agencies, people and
duties that operators add by hand stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from solidary.platform.identity import Duty, audience_scope, incompatible_duties, service_client_id

from stack.agencies import AGENCIES, AGENCY_CLIENTS, STAFF, Agency, StaffMember, agency_client_id
from stack.errors import StackError
from stack.provision.admin_api import CONCURRENCY, AdminApi, Representation, contains
from stack.run_file import CONSOLE_CLIENT, REALM
from stack.secret_file import Secrets
from stack.services import SERVICES, Service, called_services

Settings = dict[str, Any]
T = TypeVar("T")
SERVICE_TOKEN_SECONDS = 60
# Loopback addresses match on any port (RFC 8252, 7.3).
LOOPBACK = ("http://127.0.0.1/*", "http://localhost/*")


def realm_settings(country: str, *, demonstration: bool) -> Settings:
    """Return the settings of the realm itself."""
    return {
        "realm": REALM,
        "displayName": f"Solidary {country}",
        "enabled": True,
        "organizationsEnabled": True,
        # Seconds: short for real agencies; long enough that nobody is logged out while they show the platform.
        "accessTokenLifespan": 900 if demonstration else 300,
        "registrationAllowed": False,
        "resetPasswordAllowed": not demonstration,
        "bruteForceProtected": True,
        "passwordPolicy": "length(12)",
        "internationalizationEnabled": True,
        "supportedLocales": ["es", "en"],
        "defaultLocale": "es",
    }


def _mapper(name: str, kind: str, **config: str) -> Settings:
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": kind,
        "config": {"access.token.claim": "true", "introspection.token.claim": "true", **config},
    }


AUDIENCE_SCOPES = tuple(audience_scope(service) for service in SERVICES)
SCOPES: Mapping[str, list[Settings]] = {
    # `organization:*` gives {"unhcr": {"id": "…", "country": ["PA"], "groups": ["/cash_maker"]}}.
    "organization": [
        _mapper(
            "organization",
            "oidc-organization-membership-mapper",
            **{
                "claim.name": "organization",
                "jsonType.label": "JSON",
                "multivalued": "true",
                "addOrganizationId": "true",
                "addOrganizationAttributes": "true",
                "id.token.claim": "true",
            },
        ),
        _mapper("duties", "oidc-organization-group-membership-mapper", **{"id.token.claim": "true"}),
    ],
    **{
        audience_scope(service): [
            _mapper(
                "audience",
                "oidc-audience-mapper",
                **{"included.client.audience": service_client_id(service)},
            )
        ]
        for service in SERVICES
    },
}


@dataclass(frozen=True)
class ClientSpecification:
    """The wanted state of a client. Its tokens stay small: no roles, and a profile only by an optional scope."""

    client_id: str
    settings: Settings
    agency: str | None = None
    duty: Duty = Duty.INTEGRATOR


def client_specifications(
    secrets: Secrets, *, console: str | None, demonstration: bool
) -> list[ClientSpecification]:
    """Return the clients: the console, one per service, and in a demonstration those of each agency's machines."""
    specifications = [_console(console, demonstration=demonstration)]
    for service in SERVICES:
        name = service_client_id(service)
        specifications.append(ClientSpecification(name, _service(service, secrets.clients[name])))
    for agency in AGENCIES if demonstration else ():
        for kind, duty in AGENCY_CLIENTS.items():
            name = agency_client_id(agency, kind)
            settings = _machine(name, secrets.clients[name], optional=["organization", *AUDIENCE_SCOPES])
            specifications.append(ClientSpecification(name, settings, agency=agency.alias, duty=duty))
    return specifications


def _console(url: str | None, *, demonstration: bool) -> ClientSpecification:
    origins = list(LOOPBACK) if url is None else [f"{url}/*"]
    settings = {
        **_client(CONSOLE_CLIENT, optional=["organization", "profile", "email", *AUDIENCE_SCOPES]),
        "publicClient": True,
        "standardFlowEnabled": True,
        # Tests get tokens by password, and nobody else should.
        "directAccessGrantsEnabled": demonstration,
        "redirectUris": origins,
        "webOrigins": ["+"],
        "attributes": {"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "+"},
    }
    return ClientSpecification(CONSOLE_CLIENT, settings)


def _service(service: Service, secret: str) -> Settings:
    """Return the client of a service. It gets tokens for the services that it may call, and for no other.

    It exchanges a human's token for one of the called service, which may outlive the human's own by its short life.
    """
    called = [audience_scope(name) for name in called_services(service)]
    return {
        **_machine(service_client_id(service), secret, optional=["organization", *called] if called else []),
        "attributes": {
            "standard.token.exchange.enabled": str(bool(called)).lower(),
            "access.token.lifespan": str(SERVICE_TOKEN_SECONDS),
        },
    }


def _machine(client_id: str, secret: str, *, optional: list[str]) -> Settings:
    return {
        # Keycloak gives this scope to every machine client in any case.
        **_client(client_id, default=["service_account"], optional=optional),
        "publicClient": False,
        "secret": secret,
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "directAccessGrantsEnabled": False,
    }


def _client(client_id: str, *, optional: list[str], default: Sequence[str] = ()) -> Settings:
    return {
        "clientId": client_id,
        "protocol": "openid-connect",
        "enabled": True,
        "fullScopeAllowed": False,
        "defaultClientScopes": ["basic", *default],
        "optionalClientScopes": optional,
    }


def provision_realm(
    url: str,
    admin: tuple[str, str],
    secrets: Secrets,
    country: str,
    *,
    demonstration: bool,
    console: str | None = None,
) -> Realm:
    """Bring the realm of the Keycloak at `url` to the wanted state. `console` is the console's address."""
    realm = Realm(AdminApi(url, *admin, REALM), country)
    realm.ensure_settings(realm_settings(country, demonstration=demonstration))
    realm.ensure_scopes()
    realm.ensure_agencies(AGENCIES if demonstration else ())
    realm.ensure_clients(client_specifications(secrets, console=console, demonstration=demonstration))
    require_separate_duties(STAFF)
    realm.ensure_staff(STAFF, secrets.demonstration if demonstration else None)
    return realm


def require_separate_duties(staff: Iterable[StaffMember]) -> None:
    """Raise StackError where somebody would hold duties together that one person may not hold."""
    for person in staff:
        for agency, duties in person.duties.items():
            if conflicting := incompatible_duties(map(Duty, duties)):
                raise StackError(
                    f"{person.username} cannot have the duties {' and '.join(sorted(conflicting))} together in "
                    f"{agency}. Give one of them to somebody else."
                )


class Realm:
    """One pass over the realm, which collects `agency_ids` (alias → organization id)."""

    def __init__(self, api: AdminApi, country: str):
        self._api = api
        self._country = country
        self.agency_ids: dict[str, str] = {}
        self._duty_ids: dict[tuple[str, str], str] = {}
        self._members: dict[str, set[str]] = {}

    @property
    def writes(self) -> int:
        return self._api.writes

    def ensure_settings(self, wanted: Settings) -> None:
        """Create the realm, or change its settings where they differ."""
        current = self._api.find()
        if current is None:
            self._api.create_realm(wanted)
        elif not contains(current, wanted):
            self._api.replace("", wanted)

    def ensure_scopes(self) -> None:
        """Create or update the client scopes and their mappers."""
        current = _index_by("name", self._api.list("/client-scopes"))
        for name, mappers in SCOPES.items():
            wanted = {"name": name, "protocol": "openid-connect"}
            scope = self._api.ensure("/client-scopes", current.get(name), wanted)
            self._ensure_mappers(f"/client-scopes/{scope}", current.get(name), mappers)

    def ensure_agencies(self, agencies: tuple[Agency, ...]) -> None:
        """Create or update the agencies, and all duties in every organization, also in those of operators."""
        current = _index_by("alias", self._api.list("/organizations"))
        self.agency_ids = {alias: str(entry["id"]) for alias, entry in current.items()}
        for agency in agencies:
            wanted = {
                "name": agency.name,
                "alias": agency.alias,
                "enabled": True,
                "domains": [{"name": agency.domain, "verified": True}],
                "attributes": {"country": [self._country]},
            }
            self.agency_ids[agency.alias] = self._api.ensure(
                "/organizations", current.get(agency.alias), wanted
            )
        _in_parallel(self._ensure_duties, self.agency_ids)

    def _ensure_duties(self, alias: str) -> None:
        path = f"/organizations/{self.agency_ids[alias]}/groups"
        current = _index_by("name", self._api.list(path))
        for duty in Duty:
            self._duty_ids[alias, duty] = self._api.ensure(path, current.get(duty), {"name": str(duty)})

    def ensure_clients(self, specifications: list[ClientSpecification]) -> None:
        """Create or update the clients."""
        current = _index_by("clientId", self._api.list("/clients"))
        scopes = {entry["name"]: entry["id"] for entry in self._api.list("/client-scopes")}
        _in_parallel(
            lambda client: self._ensure_client(client, current.get(client.client_id), scopes), specifications
        )

    def _ensure_client(
        self, specification: ClientSpecification, current: Representation | None, scopes: Mapping[str, str]
    ) -> None:
        settings = specification.settings if current is None else _without_scopes(specification.settings)
        client = self._api.ensure("/clients", current, settings)
        if current is not None:
            self._ensure_client_scopes(client, current, specification, scopes)
        if specification.agency is not None:
            account = self._api.find(f"/clients/{client}/service-account-user")
            assert account is not None
            self._assign_duties(str(account["id"]), {specification.agency: (specification.duty,)})

    def _ensure_client_scopes(
        self,
        client: str,
        current: Representation,
        specification: ClientSpecification,
        scopes: Mapping[str, str],
    ) -> None:
        """Assign the scopes of an existing client; Keycloak reads them from its representation only at creation."""
        for kind in ("default", "optional"):
            current_names = set(current[f"{kind}ClientScopes"])
            wanted_names = set(specification.settings[f"{kind}ClientScopes"])
            path = f"/clients/{client}/{kind}-client-scopes"
            for name in current_names - wanted_names:
                self._api.delete(f"{path}/{scopes[name]}")
            for name in wanted_names - current_names:
                self._api.add_member(f"{path}/{scopes[name]}")

    def _ensure_mappers(self, owner: str, current: Representation | None, wanted: Sequence[Settings]) -> None:
        mappers = _index_by("name", current.get("protocolMappers", []) if current else [])
        for mapper in wanted:
            self._api.ensure(f"{owner}/protocol-mappers/models", mappers.get(mapper["name"]), mapper)

    def ensure_staff(self, staff: Sequence[StaffMember], password: str | None) -> None:
        """Create or update the demonstration's people; without a password, disable those that exist."""
        # All their addresses are in the reserved domain `example` (RFC 2606), and nobody else's is.
        current = _index_by("username", self._api.list("/users", email=".example"))
        if password is None:
            for entry in current.values():
                self._api.ensure("/users", entry, {"enabled": False})
            return
        _in_parallel(
            lambda person: self._ensure_account(person, current.get(person.username), password), staff
        )

    def _ensure_account(self, person: StaffMember, current: Representation | None, password: str) -> None:
        wanted: Settings = {
            "username": person.username,
            "email": person.email,
            "emailVerified": True,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "enabled": True,
        }
        if current is None:
            wanted["credentials"] = [{"type": "password", "value": password, "temporary": False}]
        self._assign_duties(self._api.ensure("/users", current, wanted), person.duties)

    def _assign_duties(self, account: str, duties: Mapping[str, Iterable[str]]) -> None:
        """Make an account a member of each agency, with these duties there."""
        for alias, names in duties.items():
            organization = f"/organizations/{self.agency_ids[alias]}"
            if account not in self._member_ids(f"{organization}/members"):
                self._api.create(f"{organization}/members", account)
            for duty in names:
                holders = f"{organization}/groups/{self._duty_ids[alias, duty]}/members"
                if account not in self._member_ids(holders):
                    self._api.add_member(f"{holders}/{account}")

    def _member_ids(self, members: str) -> set[str]:
        """Return the members at the beginning of this pass."""
        if members not in self._members:
            self._members[members] = {entry["id"] for entry in self._api.list(members)}
        return self._members[members]


def _without_scopes(settings: Settings) -> Settings:
    return {key: value for key, value in settings.items() if not key.endswith("ClientScopes")}


def _index_by(key: str, entries: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {entry[key]: entry for entry in entries}


def _in_parallel(work: Callable[[T], None], over: Iterable[T]) -> None:
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        list(pool.map(work, over))
