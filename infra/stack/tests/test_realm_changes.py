"""Provisioning of a realm that somebody changed, on a stack of its own."""

from __future__ import annotations

import json

import httpx
import pytest
from solidary.platform.identity import Duty
from stack import Run, Stack
from stack.agencies import STAFF, agency_client_ids
from stack.one_time_code import one_time_code
from stack.provision.admin_api import AdminApi
from stack.provision.flows import BROWSER
from stack.provision.realm import Realm, provision_realm
from stack.run_file import CONSOLE_CLIENT, DEMONSTRATION_CLIENT
from stack.secret_file import Secrets, load_or_create_secrets


@pytest.fixture
def secrets(own_run: Run) -> Secrets:
    return load_or_create_secrets(own_run.folder / "secrets.json", demonstration=True)


def test_provisioning_reverts_changes_and_keeps_what_operators_added(own_run: Run, secrets: Secrets) -> None:
    api = AdminApi(
        own_run.keycloak.url,
        own_run.keycloak.provisioner.username,
        own_run.keycloak.provisioner.password,
        "solidary",
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


def test_flow_that_somebody_changed_is_made_again(own_run: Run, secrets: Secrets) -> None:
    provisioner = own_run.keycloak.provisioner
    api = AdminApi(own_run.keycloak.url, provisioner.username, provisioner.password, "solidary")
    steps = api.list(f"/authentication/flows/{BROWSER.alias}/executions")
    (code,) = [step for step in steps if step.get("providerId") == "auth-otp-form"]
    api.delete(f"/authentication/executions/{code['id']}")
    provision(own_run, secrets)
    again = api.list(f"/authentication/flows/{BROWSER.alias}/executions")
    assert [step.get("providerId") for step in again] == [step.get("providerId") for step in steps]
    realm = api.find()
    assert realm is not None
    assert realm["browserFlow"] == BROWSER.alias
    assert provision(own_run, secrets).writes == 0


def test_realm_that_stops_being_a_demonstration_has_none_of_its_people_and_clients(
    own_run: Run, secrets: Secrets
) -> None:
    user = own_run.users["iom.cash_maker"]

    def can_log_in() -> bool:
        form = own_run.keycloak.password_grant(user.username, user.password, one_time_code(user.code_secret))
        return httpx.post(own_run.keycloak.token_url, data=form).is_success

    assert can_log_in()
    provision(own_run, secrets, demonstration=False)
    assert not can_log_in()
    assert provision(own_run, secrets, demonstration=False).writes == 0
    api = AdminApi(
        own_run.keycloak.url,
        own_run.keycloak.provisioner.username,
        own_run.keycloak.provisioner.password,
        "solidary",
    )
    assert api.list("/users") == []
    clients = {entry["clientId"] for entry in api.list("/clients")}
    assert not {DEMONSTRATION_CLIENT, *agency_client_ids()} & clients
    provision(own_run, secrets)
    assert can_log_in()


def test_bootstrap_administrator_goes_when_another_one_has_a_second_factor(
    own_stack: Stack, own_run: Run, secrets: Secrets
) -> None:
    provisioner = own_run.keycloak.provisioner
    api = AdminApi(own_run.keycloak.url, provisioner.username, provisioner.password, "master")

    def administrators() -> set[str]:
        return {entry["username"] for entry in api.list("/roles/admin/users")}

    of_first_start = {own_run.keycloak.admin.username, "service-account-provisioner"}
    person = {"username": "maria", "enabled": True, "credentials": [{"type": "password", "value": "x" * 20}]}
    account = api.create("/users", person)
    role = api.find("/roles/admin")
    assert role is not None
    api.create(f"/users/{account}/role-mappings/realm", [role])
    provision(own_run, secrets, demonstration=False)
    assert administrators() == of_first_start | {"maria"}, "a password alone is not enough"
    code = {
        "type": "otp",
        "secretData": json.dumps({"value": "a secret of codes"}),
        "credentialData": json.dumps(
            {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
        ),
    }
    api.replace(f"/users/{account}", {"credentials": [code]})
    provision(own_run, secrets, demonstration=False)
    assert administrators() == {"service-account-provisioner", "maria"}
    assert provision(own_run, secrets, demonstration=False).writes == 0
    own_stack.down()
    own_stack.up()
    assert administrators() == {"service-account-provisioner", "maria"}, "also after the next start"


def provision(run: Run, secrets: Secrets, *, demonstration: bool = True) -> Realm:
    admin = (run.keycloak.provisioner.username, run.keycloak.provisioner.password)
    return provision_realm(
        run.keycloak.url, admin, secrets, "PA", demonstration=demonstration, public=run.address
    )
