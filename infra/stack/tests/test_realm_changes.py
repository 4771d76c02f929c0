"""Provisioning of a realm that somebody changed, on a stack of its own."""

from __future__ import annotations

import httpx
import pytest
from solidary.platform.identity import Duty
from stack import Run
from stack.agencies import STAFF
from stack.provision.admin_api import AdminApi
from stack.provision.realm import Realm, provision_realm
from stack.run_file import CONSOLE_CLIENT
from stack.secret_file import Secrets, load_or_create_secrets


@pytest.fixture
def secrets(own_run: Run) -> Secrets:
    return load_or_create_secrets(own_run.folder / "secrets.json", demonstration=True)


def test_provisioning_reverts_changes_and_keeps_what_operators_added(own_run: Run, secrets: Secrets) -> None:
    api = AdminApi(
        own_run.keycloak.url, own_run.keycloak.admin.username, own_run.keycloak.admin.password, "solidary"
    )
    (console,) = api.list("/clients", clientId=CONSOLE_CLIENT)
    api.replace(f"/clients/{console['id']}", {**console, "redirectUris": ["https://evil.example/*"]})
    (iom,) = [entry for entry in api.list("/organizations") if entry["alias"] == "iom"]
    groups = f"/organizations/{iom['id']}/groups"
    (checker,) = [entry for entry in api.list(groups) if entry["name"] == "cash_checker"]
    api.delete(f"{groups}/{checker['id']}")
    added = api.create(
        "/organizations", {"name": "Added", "alias": "added", "domains": [{"name": "added.org"}]}
    )

    # The console's addresses, the duty and its members, and all duties of the added agency.
    members = sum("cash_checker" in person.duties.get("iom", ()) for person in STAFF)
    assert provision(own_run, secrets).writes == 1 + 1 + members + len(Duty)
    assert provision(own_run, secrets).writes == 0
    assert api.find(f"/organizations/{added}") is not None
    api.delete(f"/organizations/{added}")


def test_realm_that_stops_being_a_demonstration_disables_its_people(own_run: Run, secrets: Secrets) -> None:
    def can_log_in() -> bool:
        form = {"grant_type": "password", "client_id": CONSOLE_CLIENT, "username": "iom.cash_maker"}
        password = own_run.users["iom.cash_maker"].password
        return httpx.post(own_run.keycloak.token_url, data={**form, "password": password}).is_success

    assert can_log_in()
    provision(own_run, secrets, demonstration=False)
    assert not can_log_in()
    api = AdminApi(
        own_run.keycloak.url, own_run.keycloak.admin.username, own_run.keycloak.admin.password, "solidary"
    )
    assert {user["enabled"] for user in api.list("/users")} == {False}
    provision(own_run, secrets)
    assert can_log_in()


def provision(run: Run, secrets: Secrets, *, demonstration: bool = True) -> Realm:
    admin = (run.keycloak.admin.username, run.keycloak.admin.password)
    return provision_realm(run.keycloak.url, admin, secrets, "PA", demonstration=demonstration)
