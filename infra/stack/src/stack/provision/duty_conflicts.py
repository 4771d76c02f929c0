"""The people who hold duties that one person may not hold together, as the realm's groups say.

Provisioning refuses to give such duties, and the services refuse to act by them. Keycloak's console gives them without
a word: this is the check to run after duties were given there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from solidary.platform.identity import Duty, incompatible_duties

from stack.provision.admin_api import AdminApi


@dataclass(frozen=True)
class DutyConflict:
    """The duties of one account in one agency that exclude each other."""

    agency: str
    account: str
    duties: tuple[Duty, ...]

    def __str__(self) -> str:
        return f"{self.agency}  {self.account}  {', '.join(self.duties)}"


def duty_conflicts(api: AdminApi) -> list[DutyConflict]:
    """Return the conflicts of the realm, by agency and account, in one request for each duty of an agency."""
    held: dict[tuple[str, str], set[Duty]] = defaultdict(set)
    for organization in api.list("/organizations"):
        groups = f"/organizations/{organization['id']}/groups"
        for group in api.list(groups):
            if group["name"] not in set(Duty):
                continue
            for member in api.list(f"{groups}/{group['id']}/members", briefRepresentation="true"):
                held[organization["alias"], member["username"]].add(Duty(group["name"]))
    return [
        DutyConflict(*holder, tuple(sorted(conflicting)))
        for holder, duties in sorted(held.items())
        if (conflicting := incompatible_duties(duties))
    ]
