"""The realm as it should be: agencies as organizations, their duties as groups, clients, people.

Everything is read first and only what differs is written, so a second run writes nothing. What operators
add by hand (agencies, people, duties) stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from solidary.platform.identity import Duty

from stack.agencies import AGENCIES, PEOPLE, Agency, Person, machine_client
from stack.provision.admin_api import PARALLEL, AdminApi, Representation, agrees
from stack.run_file import AUDIENCE, CONSOLE_CLIENT, REALM
from stack.secret_file import Secrets, service_client
from stack.services import SERVICES

Settings = dict[str, Any]
T = TypeVar("T")
# Loopback addresses match on any port (RFC 8252, 7.3).
LOOPBACK = ("http://127.0.0.1/*", "http://localhost/*")


def realm_settings(country: str, *, demonstration: bool) -> Settings:
    return {
        "realm": REALM,
        "displayName": f"Solidary {country}",
        "enabled": True,
        "organizationsEnabled": True,
        # Short where it counts; a demonstration's listener should not be logged out in mid-sentence.
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


AUDIENCE_SCOPE = "solidary"
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
    AUDIENCE_SCOPE: [
        _mapper("audience", "oidc-audience-mapper", **{"included.custom.audience": AUDIENCE}),
    ],
}


@dataclass(frozen=True)
class ClientWish:
    """A client as it should be. Tokens stay small: no roles, no profile, unless asked for."""

    client_id: str
    settings: Settings
    mappers: tuple[Settings, ...] = ()
    agency: str | None = None


def clients(secrets: Secrets, *, console: str | None, demonstration: bool) -> list[ClientWish]:
    """The console, a client per service, and in the demonstration one per agency's own software."""
    wishes = [_console(console, demonstration=demonstration)]
    for service in SERVICES:
        claim = _mapper(
            "service",
            "oidc-hardcoded-claim-mapper",
            **{"claim.name": "service", "claim.value": service, "jsonType.label": "String"},
        )
        name = service_client(service)
        wishes.append(ClientWish(name, _machine(name, secrets.clients[name], optional=[]), (claim,)))
    for agency in AGENCIES if demonstration else ():
        name = machine_client(agency)
        settings = _machine(name, secrets.clients[name], optional=["organization"])
        wishes.append(ClientWish(name, settings, agency=agency.alias))
    return wishes


def _console(url: str | None, *, demonstration: bool) -> ClientWish:
    origins = list(LOOPBACK) if url is None else [f"{url}/*"]
    settings = {
        **_client(CONSOLE_CLIENT, optional=["organization", "profile", "email"]),
        "publicClient": True,
        "standardFlowEnabled": True,
        # Tests get tokens by password; nobody else should.
        "directAccessGrantsEnabled": demonstration,
        "redirectUris": origins,
        "webOrigins": ["+"],
        "attributes": {"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "+"},
    }
    return ClientWish(CONSOLE_CLIENT, settings)


def _machine(client_id: str, secret: str, *, optional: list[str]) -> Settings:
    return {
        # Keycloak gives every machine the scope `service_account`, asked or not.
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
        "defaultClientScopes": ["basic", AUDIENCE_SCOPE, *default],
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
    """Brings the realm of the Keycloak at `url` to the wanted state. `console` is the console's address."""
    realm = Realm(AdminApi(url, *admin, REALM), country)
    realm.settle(realm_settings(country, demonstration=demonstration))
    realm.scopes()
    realm.agencies(AGENCIES if demonstration else ())
    realm.clients(clients(secrets, console=console, demonstration=demonstration))
    realm.people(PEOPLE, secrets.demonstration if demonstration else None)
    return realm


class Realm:
    """One pass over the realm; `agency_ids` (alias → organization id) fills on the way."""

    def __init__(self, api: AdminApi, country: str):
        self._api = api
        self._country = country
        self.agency_ids: dict[str, str] = {}
        self._duty_ids: dict[tuple[str, str], str] = {}
        self._accounts: dict[str, set[str]] = {}

    @property
    def writes(self) -> int:
        return self._api.writes

    def settle(self, wanted: Settings) -> None:
        there = self._api.find()
        if there is None:
            self._api.create_realm(wanted)
        elif not agrees(there, wanted):
            self._api.replace("", wanted)

    def scopes(self) -> None:
        there = _by("name", self._api.list("/client-scopes"))
        for name, mappers in SCOPES.items():
            wanted = {"name": name, "protocol": "openid-connect"}
            scope = self._api.bring("/client-scopes", there.get(name), wanted)
            self._mappers(f"/client-scopes/{scope}", there.get(name), mappers)

    def agencies(self, agencies: tuple[Agency, ...]) -> None:
        """Each agency as an organization; and in every organization, also an operator's, every duty."""
        there = _by("alias", self._api.list("/organizations"))
        self.agency_ids = {alias: str(entry["id"]) for alias, entry in there.items()}
        for agency in agencies:
            wanted = {
                "name": agency.name,
                "alias": agency.alias,
                "enabled": True,
                "domains": [{"name": agency.domain, "verified": True}],
                "attributes": {"country": [self._country]},
            }
            self.agency_ids[agency.alias] = self._api.bring("/organizations", there.get(agency.alias), wanted)
        _side_by_side(self._duties, self.agency_ids)

    def _duties(self, alias: str) -> None:
        path = f"/organizations/{self.agency_ids[alias]}/groups"
        there = _by("name", self._api.list(path))
        for duty in Duty:
            self._duty_ids[alias, duty] = self._api.bring(path, there.get(duty), {"name": str(duty)})

    def clients(self, wishes: list[ClientWish]) -> None:
        there = _by("clientId", self._api.list("/clients"))
        scopes = {entry["name"]: entry["id"] for entry in self._api.list("/client-scopes")}
        _side_by_side(lambda wish: self._client(wish, there.get(wish.client_id), scopes), wishes)

    def _client(self, wish: ClientWish, there: Representation | None, scopes: Mapping[str, str]) -> None:
        settings = wish.settings if there is None else _without_scopes(wish.settings)
        client = self._api.bring("/clients", there, settings)
        self._mappers(f"/clients/{client}", there, wish.mappers)
        if there is not None:
            self._client_scopes(client, there, wish, scopes)
        if wish.agency is not None:
            account = self._api.find(f"/clients/{client}/service-account-user")
            assert account is not None
            self._employ(str(account["id"]), {wish.agency: (Duty.INTEGRATOR,)})

    def _client_scopes(
        self, client: str, there: Representation, wish: ClientWish, scopes: Mapping[str, str]
    ) -> None:
        """Keycloak takes a client's scopes from its representation only when it is made."""
        for kind in ("default", "optional"):
            have = set(there[f"{kind}ClientScopes"])
            want = set(wish.settings[f"{kind}ClientScopes"])
            path = f"/clients/{client}/{kind}-client-scopes"
            for name in have - want:
                self._api.leave(f"{path}/{scopes[name]}")
            for name in want - have:
                self._api.join(f"{path}/{scopes[name]}")

    def _mappers(self, owner: str, there: Representation | None, wanted: Sequence[Settings]) -> None:
        mappers = _by("name", there.get("protocolMappers", []) if there else [])
        for mapper in wanted:
            self._api.bring(f"{owner}/protocol-mappers/models", mappers.get(mapper["name"]), mapper)

    def people(self, people: Sequence[Person], password: str | None) -> None:
        """The demonstration's people; without a password there are none, and any that were are shut out."""
        # Every address of theirs is in the reserved domain `example` (RFC 2606), and nobody else's is.
        there = _by("username", self._api.list("/users", email=".example"))
        if password is None:
            for entry in there.values():
                self._api.bring("/users", entry, {"enabled": False})
            return
        _side_by_side(lambda person: self._person(person, there.get(person.username), password), people)

    def _person(self, person: Person, there: Representation | None, password: str) -> None:
        wanted: Settings = {
            "username": person.username,
            "email": person.email,
            "emailVerified": True,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "enabled": True,
        }
        if there is None:
            wanted["credentials"] = [{"type": "password", "value": password, "temporary": False}]
        self._employ(self._api.bring("/users", there, wanted), person.duties)

    def _employ(self, account: str, duties: Mapping[str, Iterable[str]]) -> None:
        """A member of each agency, with these duties there."""
        for alias, held in duties.items():
            organization = f"/organizations/{self.agency_ids[alias]}"
            if account not in self._accounts_in(f"{organization}/members"):
                self._api.create(f"{organization}/members", account)
            for duty in held:
                holders = f"{organization}/groups/{self._duty_ids[alias, duty]}/members"
                if account not in self._accounts_in(holders):
                    self._api.join(f"{holders}/{account}")

    def _accounts_in(self, members: str) -> set[str]:
        """Who was there when this pass began."""
        if members not in self._accounts:
            self._accounts[members] = {entry["id"] for entry in self._api.list(members)}
        return self._accounts[members]


def _without_scopes(settings: Settings) -> Settings:
    return {key: value for key, value in settings.items() if not key.endswith("ClientScopes")}


def _by(key: str, entries: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {entry[key]: entry for entry in entries}


def _side_by_side(work: Callable[[T], None], over: Iterable[T]) -> None:
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(work, over))
