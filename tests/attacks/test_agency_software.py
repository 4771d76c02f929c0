"""Attacks with the software of an agency: valid tokens of machine clients, used for what they are not for."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest
from demonstration.people import new_family
from demonstration.place import Place
from solidary.platform.identity import AGENCY_HEADER, SOFTWARE_DUTIES, Duty
from solidary_testing.tokens import Tokens, subject_of
from stack.provision.admin_api import AdminApi
from stack.provision.machine_clients import add_machine_client, enable_machine_client
from stack.run_file import Run

from tests.conftest import ScenarioRun
from tests.isolation.operations import OPERATIONS, Operation, for_each

OF_AGENCIES = [each for each in OPERATIONS if each.declaration.reach in ("agency", "shared")]
FOR_PEOPLE = [each for each in OF_AGENCIES if not each.declaration.for_software]
FOR_SOFTWARE = [each for each in OF_AGENCIES if each.declaration.for_software]
PEOPLE_ONLY = "urn:solidary:problem:people-only"
NEVER = (
    *(
        "approve",
        "authorise",
        "release",
        "confirm",
        "validate",
        "override",
        "payout",
        "restricted",
        "erasure",
    ),
    *("access-log", "questions", "copy", "legal-holds", "flag-decisions", "shares", "agree", "partners"),
)
"""Parts of paths that no software may call, whatever its route declares."""


def admin_api(run: Run) -> AdminApi:
    account = run.keycloak.provisioner
    return AdminApi(run.keycloak.url, account.username, account.password, run.keycloak.realm)


def call(scenario_run: ScenarioRun, operation: Operation, headers: dict[str, str]) -> httpx.Response:
    """Call an operation with ids of nothing and without a body."""
    path = operation.route.path
    for name in operation.path_ids:
        path = path.replace(f"{{{name}}}", str(uuid4()))
    url = scenario_run.run.services[operation.service] + path
    headers = headers | {"Idempotency-Key": str(uuid4())}
    return httpx.request(operation.method, url, headers=headers, timeout=30)


def client_of(run: Run, agency: str, *duties: Duty) -> tuple[str, dict[str, str]]:
    """Create a machine client; return its id and the headers of a token for every service."""
    name = f"attack-{secrets.token_hex(4)}"
    secret = add_machine_client(admin_api(run), agency, name, duties)
    return f"{agency}-{name}", token_of(run, f"{agency}-{name}", secret)


def token_of(run: Run, client_id: str, secret: str | None) -> dict[str, str]:
    form = run.keycloak.machine_grant(client_id, secret or "")
    granted = httpx.post(run.keycloak.token_url, data=form).raise_for_status().json()
    return {"Authorization": f"Bearer {granted['access_token']}"}


@pytest.fixture(scope="module")
def person(scenario_run: ScenarioRun, tokens: Tokens) -> UUID:
    """Register somebody at UNHCR, whom no software knows."""
    url = f"{scenario_run.run.services['intake']}/registrations/{uuid4()}"
    body = {
        "household": {"area": "PA1104"},
        "members": [new_family(datetime.now(UTC).date(), Place.of("PA")).mother],
    }
    registered = httpx.put(url, headers=tokens.of("unhcr", Duty.FRONT_DESK), json=body, timeout=30)
    return UUID(registered.raise_for_status().json()["members"][0]["person_id"])


def test_no_route_of_software_approves_opens_to_others_or_reads_what_is_sealed() -> None:
    """Look for a route that names a duty of software although only people may do what it does."""
    assert [str(each) for each in FOR_SOFTWARE if each.declaration.second_factor] == []
    paths = {str(each) for each in FOR_SOFTWARE}
    assert sorted(path for path in paths if any(part in path for part in NEVER)) == []
    assert len(FOR_SOFTWARE) > 30, "this search finds routes"


@for_each(*FOR_PEOPLE)
def test_software_with_every_duty_of_software_calls_no_route_of_people(
    scenario_run: ScenarioRun, tokens: Tokens, operation: Operation
) -> None:
    """Call each route that people alone may call."""
    refused = call(scenario_run, operation, tokens.machine("unhcr-integrator"))
    assert refused.status_code == 403, operation
    assert refused.json()["type"] == PEOPLE_ONLY, operation


def test_duty_of_people_that_the_console_gave_to_software_is_none(scenario_run: ScenarioRun) -> None:
    """Put the account of a machine client into the group of a duty past the provisioning, as the console lets one."""
    run, api = scenario_run.run, admin_api(scenario_run.run)
    name = f"attack-{secrets.token_hex(4)}"
    secret = add_machine_client(api, "iom", name, {Duty.SOFTWARE_READ})
    subject = subject_of(token_of(run, f"iom-{name}", secret))
    groups = f"/organizations/{run.agencies['iom']}/groups"
    for group in api.list(groups):
        if Duty(group["name"]) not in SOFTWARE_DUTIES:
            api.add_member(f"{groups}/{group['id']}/members/{subject}")
    headers = token_of(run, f"iom-{name}", secret)
    for path in ("/payment-plans", "/payment-controls"):
        refused = httpx.get(run.services["cash"] + path, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (403, PEOPLE_ONLY), path
    registration = f"{run.services['intake']}/registrations/{uuid4()}"
    refused = httpx.put(registration, headers=headers, json={})
    assert refused.json()["type"] == "urn:solidary:problem:duty-missing"


def test_person_with_a_duty_of_software_has_no_right_from_it(
    scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    """Register as a person who was given the duty of software by mistake, to pass for a program."""
    headers = tokens.of("iom", Duty.SOFTWARE_REGISTER, Duty.SOFTWARE_READ)
    url = scenario_run.run.services["intake"]
    refused = httpx.put(f"{url}/registrations/{uuid4()}", headers=headers, json={})
    assert refused.json()["type"] == "urn:solidary:problem:duty-missing"


def test_software_of_one_agency_acts_for_no_other(scenario_run: ScenarioRun, person: UUID) -> None:
    """Name another agency, and read a person of another one."""
    run = scenario_run.run
    _, headers = client_of(run, "iom", Duty.SOFTWARE_READ)
    url = run.services["intake"]
    theirs = f"{url}/people/{person}"
    for other in ("unhcr", str(run.agencies["unhcr"])):
        refused = httpx.get(theirs, headers=headers | {AGENCY_HEADER: other})
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:solidary:problem:not-a-member")
    assert httpx.get(theirs, headers=headers).status_code == 404


def test_software_in_two_agencies_acts_for_neither(scenario_run: ScenarioRun) -> None:
    """Make the account of a machine client a member of a second agency, past the provisioning."""
    run, api = scenario_run.run, admin_api(scenario_run.run)
    name = f"attack-{secrets.token_hex(4)}"
    secret = add_machine_client(api, "iom", name, {Duty.SOFTWARE_READ})
    subject = subject_of(token_of(run, f"iom-{name}", secret))
    api.create(f"/organizations/{run.agencies['unhcr']}/members", str(subject))
    headers = token_of(run, f"iom-{name}", secret)
    for agency in ("iom", "unhcr"):
        refused = httpx.get(f"{run.services['intake']}/work", headers=headers | {AGENCY_HEADER: agency})
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:solidary:problem:not-a-member")


def test_software_gives_itself_no_duty_and_reads_no_account(scenario_run: ScenarioRun) -> None:
    """Use the token of a machine client on Keycloak's own interfaces."""
    run = scenario_run.run
    _, headers = client_of(run, "iom", *(SOFTWARE_DUTIES - {Duty.BANK_REPORTER}))
    realm = f"{run.keycloak.url}/admin/realms/{run.keycloak.realm}"
    groups = admin_api(run).list(f"/organizations/{run.agencies['iom']}/groups")
    (checker,) = [group["id"] for group in groups if group["name"] == Duty.CASH_CHECKER]
    holders = f"{realm}/organizations/{run.agencies['iom']}/groups/{checker}/members/{subject_of(headers)}"
    for method, url in (("PUT", holders), ("GET", f"{realm}/users"), ("GET", f"{realm}/clients")):
        assert httpx.request(method, url, headers=headers).status_code in (401, 403), url
    account = f"{run.keycloak.url}/realms/{run.keycloak.realm}/account"
    assert httpx.get(account, headers=headers | {"Accept": "application/json"}).status_code in (401, 403)


def test_disabled_software_gets_no_token_and_no_service_exchanges_the_one_it_has(
    scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    """Go on with the secret and the token of a client that was disabled."""
    run = scenario_run.run
    name = f"attack-{secrets.token_hex(4)}"
    secret = add_machine_client(admin_api(run), "unhcr", name, {Duty.SOFTWARE_REFER, Duty.SOFTWARE_READ})
    headers = token_of(run, f"unhcr-{name}", secret)
    enable_machine_client(admin_api(run), f"unhcr-{name}", enabled=False)
    form = run.keycloak.machine_grant(f"unhcr-{name}", secret or "")
    assert not httpx.post(run.keycloak.token_url, data=form).is_success
    with pytest.raises(httpx.HTTPStatusError):
        tokens.carried(headers, by="referrals", to="intake")


def test_reason_that_software_states_opens_no_needs(scenario_run: ScenarioRun, person: UUID) -> None:
    """Read the needs of everybody by a reason that a program sends with each request."""
    run = scenario_run.run
    _, headers = client_of(run, "unhcr", Duty.SOFTWARE_READ)
    url = f"{run.services['intake']}/people/{person}"
    assert httpx.get(url, headers=headers).status_code == 200
    refused = httpx.get(f"{url}/needs", headers=headers | {"Solidary-Reason": "supervision"})
    assert (refused.status_code, refused.json()["type"]) == (
        403,
        "urn:solidary:problem:need-to-know-missing",
    )


def test_log_names_the_software_that_read_a_person(
    scenario_run: ScenarioRun, tokens: Tokens, person: UUID
) -> None:
    """Read somebody by a program, so that no colleague has done it."""
    run = scenario_run.run
    client_id, headers = client_of(run, "unhcr", Duty.SOFTWARE_READ)
    url = run.services["intake"]
    httpx.get(f"{url}/people/{person}", headers=headers).raise_for_status()
    auditor = tokens.of("unhcr", Duty.AUDITOR)
    page = (
        httpx.get(f"{url}/access-log", params={"about": str(person)}, headers=auditor)
        .raise_for_status()
        .json()
    )
    newest = page["items"][0]
    assert (UUID(newest["subject"]), newest["service"]) == (subject_of(headers), client_id)
