"""The log of duties that were given and taken, by whom: from the admin events that Keycloak keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stack.provision.admin_api import AdminApi

MEMBERSHIP = "ORGANIZATION_GROUP_MEMBERSHIP"
OPERATIONS = {"CREATE": "given to", "DELETE": "taken from"}


@dataclass(frozen=True)
class DutyChange:
    """One duty that was given or taken. What was deleted since is named by its id."""

    at: datetime
    agency: str
    duty: str
    operation: str
    account: str
    by: str

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}  {self.agency}  {self.duty}  {self.operation} {self.account}  by {self.by}"


def duty_changes(api: AdminApi, master: AdminApi) -> list[DutyChange]:
    """Return the changes of the realm's duties, the oldest first. `master` names the administrators."""
    events = api.list("/admin-events", resourceTypes=MEMBERSHIP)
    accounts = {entry["id"]: entry["username"] for entry in api.list("/users")}
    agencies, duties = {}, {}
    for organization in api.list("/organizations"):
        agencies[organization["id"]] = organization["alias"]
        for group in api.list(f"/organizations/{organization['id']}/groups"):
            duties[group["id"]] = group["name"]
    administrators: dict[str, str] = {}

    def name_of(actor: str) -> str:
        if actor not in administrators:
            found = None if actor in accounts else master.find(f"/users/{actor}")
            administrators[actor] = accounts.get(actor) or (found["username"] if found else actor)
        return administrators[actor]

    changes = []
    for event in events:
        parts = str(event["resourcePath"]).split("/")
        ids = dict(zip(parts[::2], parts[1::2], strict=True))
        changes.append(
            DutyChange(
                datetime.fromtimestamp(event["time"] / 1000, UTC),
                _named(agencies, ids["organizations"]),
                _named(duties, ids["groups"]),
                OPERATIONS.get(event["operationType"], event["operationType"]),
                _named(accounts, ids["members"]),
                name_of(event["authDetails"]["userId"]),
            )
        )
    return sorted(changes, key=lambda change: change.at)


def _named(names: Mapping[str, Any], id_: str) -> str:
    return str(names.get(id_, id_))
