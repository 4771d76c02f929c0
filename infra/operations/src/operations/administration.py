"""The agencies, people and duties of an instance, in Keycloak: read first, then only differences are written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from solidary.platform.identity import Duty, incompatible_duties
from stack.agencies import Agency
from stack.errors import StackError
from stack.files import write_private
from stack.provision.admin_api import AdminApi
from stack.provision.realm import Realm, listed_names
from stack.run_file import Run, write_run

FIRST_LOGIN = ["UPDATE_PASSWORD", "CONFIGURE_TOTP"]
"""The actions of a new account at its first login: a password of its own, and a second factor."""


@dataclass(frozen=True)
class AgencyEntry:
    """An agency of the instance."""

    alias: str
    name: str
    id: str
    enabled: bool


@dataclass(frozen=True)
class PersonEntry:
    """A person's account, with their duties in each agency."""

    username: str
    name: str
    subject: str
    enabled: bool
    duties: Mapping[str, tuple[str, ...]]


class Administration:
    """The administration of the realm of a running instance."""

    def __init__(self, run: Run):
        account = run.keycloak.provisioner
        self._run = run
        self.api = AdminApi(run.keycloak.url, account.username, account.password, run.keycloak.realm)

    def agencies(self) -> list[AgencyEntry]:
        """Return all agencies by alias."""
        found = [
            AgencyEntry(entry["alias"], entry["name"], entry["id"], entry["enabled"])
            for entry in self.api.list("/organizations")
        ]
        return sorted(found, key=lambda agency: agency.alias)

    def add_agency(self, alias: str, name: str, domain: str, *, unlisted: bool | None = None) -> bool:
        """Create an agency with all its duties, or change its name; return whether something was written.

        An `unlisted` agency is not shown to others; None leaves that as it is.
        """
        before = self.api.writes
        realm = Realm(self.api, self._run.country)
        realm.ensure_agencies((Agency(alias, name, own_domain=domain, unlisted=unlisted),))
        self._record()
        return self.api.writes > before

    def enable_agency(self, alias: str, *, enabled: bool) -> bool:
        """Let the people of an agency work, or no longer; return whether that changed."""
        path = f"/organizations/{self._organization(alias)}"
        entry = self.api.find(path)
        assert entry is not None
        if entry["enabled"] == enabled:
            return False
        self.api.replace(path, {**entry, "enabled": enabled})
        self._record()
        return True

    def people(self, agency: str | None = None) -> list[PersonEntry]:
        """Return the people of an agency, or of all, with all their duties, by username."""
        duties: dict[str, dict[str, list[str]]] = {}
        accounts: dict[str, dict[str, Any]] = {}
        for entry in self.agencies():
            organization = f"/organizations/{entry.id}"
            for member in self.api.list(f"{organization}/members", briefRepresentation="true"):
                if not member["username"].startswith("service-account-"):
                    accounts[member["id"]] = member
                    duties.setdefault(member["id"], {}).setdefault(entry.alias, [])
            for duty, holders in self._holders(entry.id).items():
                for member in self.api.list(holders, briefRepresentation="true"):
                    if member["id"] in accounts:
                        duties[member["id"]].setdefault(entry.alias, []).append(duty)
        found = [
            PersonEntry(
                account["username"],
                " ".join(part for part in (account.get("firstName"), account.get("lastName")) if part),
                subject,
                account["enabled"],
                {alias: tuple(sorted(held)) for alias, held in sorted(duties[subject].items())},
            )
            for subject, account in accounts.items()
        ]
        found = [person for person in found if agency is None or agency in person.duties]
        return sorted(found, key=lambda person: person.username)

    def person(self, username: str) -> PersonEntry:
        """Return a person. Raises StackError where there is no such account."""
        account = self._account(username)
        for person in self.people():
            if person.subject == account["id"]:
                return person
        name = " ".join(part for part in (account.get("firstName"), account.get("lastName")) if part)
        return PersonEntry(account["username"], name, account["id"], account["enabled"], {})

    def add_person(
        self, username: str, first_name: str, last_name: str, email: str, password_file: Path
    ) -> bool:
        """Create an account whose first password is in a new file; return False where there was one already.

        At the first login the person chooses a password and enrols a second factor. Raises StackError.
        """
        if self.api.list("/users", username=username, exact="true"):
            return False
        if password_file.exists():
            raise StackError(f"{password_file} exists already. Name a new file for the first password.")
        password = token_urlsafe(12)
        write_private(password_file, f"{password}\n")
        self.api.create(
            "/users",
            {
                "username": username,
                "email": email,
                "emailVerified": True,
                "firstName": first_name,
                "lastName": last_name,
                "enabled": True,
                "requiredActions": FIRST_LOGIN,
                "credentials": [{"type": "password", "value": password, "temporary": True}],
            },
        )
        return True

    def enable_person(self, username: str, *, enabled: bool) -> PersonEntry:
        """Let a person log in, or no longer: their sessions end at once, their tokens within minutes."""
        account = self._account(username)
        if account["enabled"] != enabled:
            self.api.replace(f"/users/{account['id']}", {**account, "enabled": enabled})
        if not enabled:
            self.api.create(f"/users/{account['id']}/logout", {})
        return self.person(username)

    def give_duties(self, username: str, alias: str, duties: Collection[Duty]) -> bool:
        """Make a person a member of an agency with these duties too; return whether something was written.

        Raises StackError where the person would hold duties that exclude each other.
        """
        person, before = self.person(username), self.api.writes
        organization, held = self._organization(alias), set(person.duties.get(alias, ()))
        wanted = {Duty(duty) for duty in held} | set(duties)
        if conflicting := incompatible_duties(wanted):
            raise StackError(
                f"{username} cannot have the duties {' and '.join(sorted(conflicting))} together in {alias}. "
                "Give one of them to somebody else."
            )
        if alias not in person.duties:
            self.api.create(f"/organizations/{organization}/members", person.subject)
        holders = self._holders(organization)
        for duty in sorted(set(duties) - held):
            self.api.add_member(f"{holders[duty]}/{person.subject}")
        return self.api.writes > before

    def take_duties(self, username: str, alias: str, duties: Collection[Duty]) -> bool:
        """Take duties from a person in an agency; return whether something was written."""
        person, before = self.person(username), self.api.writes
        holders = self._holders(self._organization(alias))
        for duty in sorted(set(duties) & set(person.duties.get(alias, ()))):
            self.api.delete(f"{holders[duty]}/{person.subject}")
        return self.api.writes > before

    def _account(self, username: str) -> dict[str, Any]:
        found = self.api.list("/users", username=username, exact="true")
        if not found:
            raise StackError(f"There is no account {username}. Create it first: solidaryctl person add.")
        return found[0]

    def _organization(self, alias: str) -> str:
        for agency in self.agencies():
            if agency.alias == alias:
                return agency.id
        raise StackError(f"There is no agency {alias}. Agencies: {', '.join(self._aliases())}.")

    def _aliases(self) -> list[str]:
        return [agency.alias for agency in self.agencies()]

    def _holders(self, organization: str) -> dict[str, str]:
        """Return the path of the holders of each duty in an agency."""
        groups = f"/organizations/{organization}/groups"
        names = set(Duty)
        return {
            group["name"]: f"{groups}/{group['id']}/members"
            for group in self.api.list(groups)
            if group["name"] in names
        }

    def _record(self) -> None:
        """Write the agencies into run.json, from which the services' settings are made."""
        organizations = self.api.list("/organizations")
        agencies = {entry["alias"]: UUID(entry["id"]) for entry in organizations}
        names = listed_names(organizations)
        self._run = self._run.model_copy(update={"agencies": agencies, "agency_names": names})
        write_run(self._run)
