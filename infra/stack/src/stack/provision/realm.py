"""The wanted state of the realm: agencies as organizations, their duties as groups, clients, people.

Everything is read first and only differences are written, so a second run writes nothing. Agencies, people and
duties that operators add by hand stay. What belongs to a demonstration is marked, and deleted without one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from solidary.platform.identity import Duty, incompatible_duties

from stack.agencies import STAFF, Agency, StaffMember, agencies_of
from stack.errors import StackError
from stack.provision.admin_api import CONCURRENCY, AdminApi, Representation, contains
from stack.provision.flows import BROWSER, DEMONSTRATION_GRANT, ensure_flow
from stack.provision.realm_settings import (
    ADMIN_CLI,
    MARK,
    NO_PASSWORD_GRANT,
    SCOPES,
    SOFTWARE,
    ClientSpecification,
    Settings,
    client_specifications,
    common_settings,
    realm_settings,
)
from stack.run_file import REALM
from stack.secret_file import Secrets

T = TypeVar("T")
TEMPORARY = "is_temporary_admin"
UNLISTED = "unlisted"
"""The attribute of an organization that is not shown to other agencies."""
"""The attribute of the accounts that Keycloak makes at its first start."""


def provision_realm(
    url: str,
    admin: tuple[str, str],
    secrets: Secrets,
    country: str,
    *,
    demonstration: bool,
    console: str | None = None,
    public: str | None = None,
) -> Realm:
    """Bring the realm of the Keycloak at `url` to the wanted state.

    `console` is the console's address, and `public` the front door's, where the pages of the APIs are.

    `admin` is the id and the secret of a machine client of the realm `master`, which gets its own wanted state.
    """
    master = Realm(AdminApi(url, *admin, "master"), country)
    master.ensure_settings(common_settings())
    master.ensure_clients([ClientSpecification(ADMIN_CLI, dict(NO_PASSWORD_GRANT))])
    if not demonstration:
        master.delete_bootstrap_administrator()
    realm = Realm(AdminApi(url, *admin, REALM), country)
    realm.ensure_settings(realm_settings(country, demonstration=demonstration))
    realm.ensure_logins(demonstration=demonstration)
    realm.ensure_scopes()
    realm.ensure_agencies(agencies_of(country) if demonstration else ())
    realm.ensure_clients(
        client_specifications(secrets, console=console, public=public, demonstration=demonstration)
    )
    require_separate_duties(STAFF)
    if demonstration:
        assert secrets.demonstration is not None
        assert secrets.demonstration_code is not None
        realm.ensure_staff(STAFF, secrets.demonstration, secrets.demonstration_code)
    else:
        realm.delete_demonstration()
    return realm


def listed_names(organizations: Iterable[Representation]) -> dict[str, str]:
    """Return the names by alias of the agencies that take part and are listed."""
    return {
        entry["alias"]: entry["name"]
        for entry in organizations
        if entry["enabled"] and (entry.get("attributes") or {}).get(UNLISTED) != ["true"]
    }


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
    """One pass over the realm, which collects `agency_ids` (alias → organization id) and `agency_names`."""

    def __init__(self, api: AdminApi, country: str):
        self._api = api
        self._country = country
        self.agency_ids: dict[str, str] = {}
        self.agency_names: dict[str, str] = {}
        self._duty_ids: dict[tuple[str, str], str] = {}
        self._flow_ids: dict[str, str] = {}
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
            # Keycloak removes the attributes that a change does not have.
            attributes = {**current.get("attributes", {}), **wanted["attributes"]}
            self._api.replace("", {**wanted, "attributes": attributes})

    def delete_bootstrap_administrator(self) -> None:
        """Delete the administrator of Keycloak's first start, once somebody with a second factor has the same role.

        Keycloak makes one only while it has no realm.
        """
        administrators = [
            entry
            for entry in self._api.list("/roles/admin/users")
            if not entry["username"].startswith("service-account-")
        ]
        temporary = [
            entry for entry in administrators if entry.get("attributes", {}).get(TEMPORARY) == ["true"]
        ]
        others = (entry for entry in administrators if entry not in temporary and entry["enabled"])
        if temporary and any(self._has_second_factor(entry["id"]) for entry in others):
            for entry in temporary:
                self._api.delete(f"/users/{entry['id']}")

    def _has_second_factor(self, account: str) -> bool:
        return any(entry["type"] == "otp" for entry in self._api.list(f"/users/{account}/credentials"))

    def ensure_logins(self, *, demonstration: bool) -> None:
        """Create or update the flows of logins, and make every new account get a second factor at its first login.

        Otherwise anybody with the password of an account without one could enrol theirs.
        """
        current = _index_by("alias", self._api.list("/authentication/flows"))
        for flow in (BROWSER, DEMONSTRATION_GRANT) if demonstration else (BROWSER,):
            self._flow_ids[flow.alias] = ensure_flow(self._api, flow, current.get(flow.alias))
        realm = self._api.find()
        assert realm is not None
        if realm["browserFlow"] != BROWSER.alias:
            self._api.replace("", {"browserFlow": BROWSER.alias})
        enrol = self._api.find("/authentication/required-actions/CONFIGURE_TOTP")
        assert enrol is not None
        if not enrol["defaultAction"]:
            self._api.replace(
                "/authentication/required-actions/CONFIGURE_TOTP", {**enrol, "defaultAction": True}
            )
        profile = self._api.find("/users/profile")
        assert profile is not None
        if profile.get("unmanagedAttributePolicy") != "ADMIN_EDIT":
            # Only administrators read and write the mark of a demonstration.
            self._api.replace("/users/profile", {**profile, "unmanagedAttributePolicy": "ADMIN_EDIT"})

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
            attributes = dict(current.get(agency.alias, {}).get("attributes") or {})
            if agency.unlisted is not None:
                attributes[UNLISTED] = [str(agency.unlisted).lower()]
            wanted = {
                "name": agency.name,
                "alias": agency.alias,
                "enabled": True,
                "domains": [{"name": agency.domain, "verified": True}],
                "attributes": {**attributes, "country": [self._country]},
            }
            self.agency_ids[agency.alias] = self._api.ensure(
                "/organizations", current.get(agency.alias), wanted
            )
        self.agency_names = listed_names(self._api.list("/organizations"))
        _in_parallel(self._ensure_duties, self.agency_ids)

    def _ensure_duties(self, alias: str) -> None:
        """Create the duties of an agency. Its members are read here once, before several threads need them."""
        organization = f"/organizations/{self.agency_ids[alias]}"
        self._member_ids(f"{organization}/members")
        path = f"{organization}/groups"
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
        if specification.flow is not None:
            settings = {
                **settings,
                "authenticationFlowBindingOverrides": {"direct_grant": self._flow_ids[specification.flow]},
            }
        client = self._api.ensure("/clients", current, settings)
        if current is not None and "defaultClientScopes" in specification.settings:
            self._ensure_client_scopes(client, current, specification, scopes)
        if specification.agency is not None:
            account = self._api.find(f"/clients/{client}/service-account-user")
            assert account is not None
            mark_as_software(self._api, account, specification.client_id)
            self._assign_duties(str(account["id"]), {specification.agency: specification.duties})

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

    def ensure_staff(self, staff: Sequence[StaffMember], password: str, code_secret: str) -> None:
        """Create or update a demonstration's people, who share a password and the secret of their one-time codes."""
        current = _index_by("username", self._marked_accounts())

        def ensure(person: StaffMember) -> None:
            self._ensure_account(person, current.get(person.username), password, code_secret)

        _in_parallel(ensure, staff)

    def delete_demonstration(self) -> None:
        """Delete the people and clients of a demonstration, with all their sessions."""
        clients = [
            entry for entry in self._api.list("/clients") if entry.get("attributes", {}).get(MARK) == "true"
        ]
        # One after the other: Keycloak refuses some of several that leave the same organization at once.
        for entry in self._marked_accounts():
            self._api.delete(f"/users/{entry['id']}")
        for entry in clients:
            self._api.delete(f"/clients/{entry['id']}")

    def _marked_accounts(self) -> list[dict[str, Any]]:
        return self._api.list("/users", q=f"{MARK}:true")

    def _ensure_account(
        self, person: StaffMember, current: Representation | None, password: str, code_secret: str
    ) -> None:
        wanted: Settings = {
            "username": person.username,
            "email": person.email,
            "emailVerified": True,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "enabled": True,
            "attributes": {MARK: ["true"]},
            "requiredActions": [],
        }
        if current is None:
            credentials = [
                {"type": "password", "value": password, "temporary": False},
                _code_credential(code_secret),
            ]
            account = self._api.create("/users", {**wanted, "credentials": credentials})
            # Keycloak gives a new account the actions of every new account, although it has the code already.
            self._api.replace(f"/users/{account}", wanted)
        else:
            account = self._api.ensure("/users", current, wanted)
        self._assign_duties(account, person.duties)

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
            # Keycloak reads a full representation member by member.
            self._members[members] = {
                entry["id"] for entry in self._api.list(members, briefRepresentation="true")
            }
        return self._members[members]


def mark_as_software(api: AdminApi, account: Representation, client_id: str) -> None:
    """Record in the account of an agency's software that it is one, which its tokens then say."""
    marked = {**account.get("attributes", {}), SOFTWARE: [client_id]}
    if account.get("attributes", {}).get(SOFTWARE) != [client_id]:
        api.replace(f"/users/{account['id']}", {**account, "attributes": marked})


def _code_credential(secret: str) -> Settings:
    """Return the credential of one-time codes (RFC 6238) from a secret, as Keycloak stores it."""
    kind = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    return {
        "type": "otp",
        "userLabel": "demonstration",
        "secretData": json.dumps({"value": secret}),
        "credentialData": json.dumps(kind),
    }


def _without_scopes(settings: Settings) -> Settings:
    return {key: value for key, value in settings.items() if not key.endswith("ClientScopes")}


def _index_by(key: str, entries: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {entry[key]: entry for entry in entries}


def _in_parallel(work: Callable[[T], None], over: Iterable[T]) -> None:
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        list(pool.map(work, over))
