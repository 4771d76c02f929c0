"""A realm that somebody changed is brought back, on a stack of its own."""

from __future__ import annotations

import httpx
import pytest
from solidary.platform.identity import Duty
from stack import Run
from stack.agencies import PEOPLE
from stack.provision.admin_api import AdminApi
from stack.provision.realm import Realm, provision_realm
from stack.run_file import CONSOLE_CLIENT
from stack.secret_file import Secrets, keep_secrets


@pytest.fixture
def secrets(own_run: Run) -> Secrets:
    return keep_secrets(own_run.folder / "secrets.json", demonstration=True)


def test_what_somebody_changed_is_brought_back_and_what_operators_added_stays(
    own_run: Run, secrets: Secrets
) -> None:
    api = AdminApi(
        own_run.keycloak.url, own_run.keycloak.admin.username, own_run.keycloak.admin.password, "solidary"
    )
    (console,) = api.list("/clients", clientId=CONSOLE_CLIENT)
    api.replace(f"/clients/{console['id']}", {**console, "redirectUris": ["https://evil.example/*"]})
    (iom,) = [entry for entry in api.list("/organizations") if entry["alias"] == "iom"]
    groups = f"/organizations/{iom['id']}/groups"
    (checker,) = [entry for entry in api.list(groups) if entry["name"] == "cash_checker"]
    api.leave(f"{groups}/{checker['id']}")
    added = api.create(
        "/organizations", {"name": "Added", "alias": "added", "domains": [{"name": "added.org"}]}
    )

    # The console's addresses, the duty and its holders; and every duty in the operator's agency.
    holders = sum("cash_checker" in person.duties.get("iom", ()) for person in PEOPLE)
    assert provision(own_run, secrets).writes == 1 + 1 + holders + len(Duty)
    assert provision(own_run, secrets).writes == 0
    assert api.find(f"/organizations/{added}") is not None
    api.leave(f"/organizations/{added}")


def test_a_realm_that_stops_being_a_demonstration_shuts_its_people_out(
    own_run: Run, secrets: Secrets
) -> None:
    def anybody() -> bool:
        form = {"grant_type": "password", "client_id": CONSOLE_CLIENT, "username": "iom.cash_maker"}
        password = own_run.users["iom.cash_maker"].password
        return httpx.post(own_run.keycloak.token_url, data={**form, "password": password}).is_success

    assert anybody()
    provision(own_run, secrets, demonstration=False)
    assert not anybody()
    api = AdminApi(
        own_run.keycloak.url, own_run.keycloak.admin.username, own_run.keycloak.admin.password, "solidary"
    )
    assert {user["enabled"] for user in api.list("/users")} == {False}
    provision(own_run, secrets)
    assert anybody()


def provision(run: Run, secrets: Secrets, *, demonstration: bool = True) -> Realm:
    admin = (run.keycloak.admin.username, run.keycloak.admin.password)
    return provision_realm(run.keycloak.url, admin, secrets, "PA", demonstration=demonstration)
