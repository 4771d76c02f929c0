"""Attacks on the realm: guessed and stolen passwords, stolen tokens, leftovers of a demonstration, unseen changes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from solidary.platform.identity import Duty
from solidary_testing.browser import Browser
from solidary_testing.tokens import Tokens, subject_of
from stack.agencies import STAFF
from stack.provision.admin_api import AdminApi
from stack.provision.duties_log import duty_changes
from stack.provision.duty_conflicts import DutyConflict, duty_conflicts
from stack.run_file import CONSOLE_CLIENT, DemonstrationUser, Run

from tests.conftest import ScenarioRun
from tests.isolation.operations import OPERATIONS, Operation, for_each

NEEDING_CODE = [operation for operation in OPERATIONS if operation.declaration.second_factor]
WITHOUT_CODE = {
    "a desk's daily work: each access is logged, and others check what leads to a payment or to another agency": (
        "intake POST /people/search",
        "intake GET /searches/.*",
        "intake (POST|GET) /questions(/{question_id})?",
        "intake PUT /registrations/.*",
        "intake GET /(people|needs|procedures|provisional-people)",
        "intake (GET|PUT) /households/.*",
        "intake (GET|PUT|POST) /people/{person_id}(/(identity|payout|state|timeline|pathways|consents|external-ids))?",
        "intake PUT /people/{person_id}/(same-as|statements)",
        "intake (GET|POST) /imports.*",
        "intake (GET|POST) /complaints.*",
        "intake (GET|POST) /(centres/{centre_id}/queue|queue-tickets/).*",
        "intake (GET|POST) /people/{person_id}/(assignments|guidance|needs|procedures|visits).*",
        "intake (GET|POST) /consents.*",
        "referrals (GET|POST|PUT) /referrals.*",
        "(intake|referrals) POST /external-ids/find",
        "referrals GET /decisions.*",
        "referrals POST /suggestions",
    ),
    "the preparation of a payment, which others approve and release": (
        "cash POST /payment-plans(/{plan_id}/(populate|lock|unlock|entitle|submit|cancel))?",
        "cash POST /programmes(/{programme_id}/(debtor|enrolments))?",
        "cash PUT /programmes/{programme_id}/external-ids",
        "cash POST /external-ids/find",
        "cash (GET|POST) /imports.*",
    ),
    "reads of pseudonyms, sums and states": (
        "cash GET /(budget-lines|contradictions|enrolments|instructions|payment-controls|payment-plans|payments).*",
        "cash GET /(programmes|referred-households|status-reports).*",
        "[a-z]+ GET /work.*",
    ),
    "counts and studies without people; the municipality validates the plan with a code": (
        "intake (GET|POST) /(demand|complaint)-reports.*",
        "market (GET|POST) /assessments(/{assessment_id}(/(advance|barriers|sectors|findings|plan-lines))?)?",
        "market GET /plan-lines/.*",
        "planning (GET|POST) /(actions|tius).*",
        "planning GET /(plans|ballot-entries|stations).*",
        "planning POST /plans(/{plan_id}/(actions|advance|allocation|diagnosis|needs))?",
    ),
    "a queue of people stands there, and two people share the work: one issues cards, another casts": (
        "planning POST /plans/{plan_id}/stations",
        "planning POST /stations/{station_id}/(ballots|cards|spoiled-cards|reconciliation)",
    ),
    "the own directory; opening an entry to others needs the code": (
        "referrals (GET|POST|PUT) /directory/services(/{service_id}(/capacity|/publication-requests)?)?",
        "referrals GET /directory/publication-requests/{publication_request_id}",
        "referrals (GET|POST) /imports.*",
        "intake (GET|POST|PUT) /centres(/{centre_id})?",
    ),
    "what the agencies that take part show of themselves": ("referrals GET /agencies",),
    "access that ends": (
        "referrals DELETE /directory/services/{service_id}/shares/{agency_id}",
        "planning DELETE /plans/{plan_id}/polling-agencies/{agency}",
    ),
    "an agency's software, which has no telephone": (
        "[a-z]+ GET /events",
        "subscriptions GET /webhooks.*",
        "cash POST /status-reports",
        "planning POST /cities/import",
    ),
}
"""The routes of agencies that ask for no code, by the reason. All others ask for one."""


def test_every_route_that_approves_opens_or_administers_asks_for_the_code() -> None:
    """Find a route that does so without: one asks for the code unless a reason why not stands above."""
    patterns = [pattern for reason in WITHOUT_CODE.values() for pattern in reason]
    of_agencies = {
        str(operation): operation.declaration.second_factor
        for operation in OPERATIONS
        if operation.declaration.reach in ("agency", "shared")
    }
    without_code = {name for name, needs_code in of_agencies.items() if not needs_code}
    listed = {name for name in without_code if any(re.fullmatch(pattern, name) for pattern in patterns)}
    assert without_code == listed
    unused = [pattern for pattern in patterns if not any(re.fullmatch(pattern, name) for name in listed)]
    assert not unused, "These reasons are of no route."


def admin_api(run: Run, realm: str = "solidary") -> AdminApi:
    account = run.keycloak.provisioner
    return AdminApi(run.keycloak.url, account.username, account.password, realm)


@pytest.fixture
def browser(run: Run) -> Iterator[Browser]:
    opened = Browser(run)
    yield opened
    opened.http.close()


def headers_of(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def call(scenario_run: ScenarioRun, operation: Operation, headers: dict[str, str]) -> httpx.Response:
    """Call an operation with ids of nothing and without a body: a caller who is admitted gets 404 or 422."""
    path = operation.route.path
    for name in operation.path_ids:
        path = path.replace(f"{{{name}}}", str(uuid4()))
    headers = {**headers, "Idempotency-Key": str(uuid4())}
    url = scenario_run.run.services[operation.service] + path
    return httpx.request(operation.method, url, headers=headers, timeout=30)


def test_password_alone_opens_no_privileged_route(scenario_run: ScenarioRun, browser: Browser) -> None:
    """Log in at the console with a stolen password, and without the telephone that shows the codes."""
    for username in (
        "iom.cash_checker1",
        "iom.cash_releaser",
        "unhcr.protection_officer",
        "chorrera.authority",
    ):
        browser.http.cookies.clear()
        browser.open()
        browser.log_in(scenario_run.run.users[username])
        headers = headers_of(browser.tokens())
        (agency, (duty,)) = next(iter(scenario_run.run.users[username].duties.items()))
        permitted = [each for each in NEEDING_CODE if duty in each.declaration.duties]
        assert permitted, agency
        for operation in permitted:
            refused = call(scenario_run, operation, headers)
            assert refused.status_code == 403, operation
            assert refused.json()["type"] == "urn:solidary:problem:second-factor-required", operation
            challenge = refused.headers["WWW-Authenticate"]
            assert 'error="insufficient_user_authentication"' in challenge
            assert 'acr_values="otp"' in challenge


@for_each(*NEEDING_CODE)
def test_privileged_route_is_open_with_a_code(
    scenario_run: ScenarioRun, tokens: Tokens, operation: Operation
) -> None:
    """Call with a code what the password alone does not open."""
    headers = tokens.of("unhcr", sorted(operation.declaration.duties)[0])
    assert call(scenario_run, operation, headers).status_code in (200, 404, 409, 422)


def test_step_up_asks_for_the_code_and_nothing_else(scenario_run: ScenarioRun, browser: Browser) -> None:
    """Give the code in the session of a person who is logged in by password."""
    user = scenario_run.run.users["iom.cash_releaser"]
    browser.open()
    browser.log_in(user)
    browser.tokens()
    browser.open(acr="otp")
    assert 'name="otp"' in browser.page.text
    assert 'name="password"' not in browser.page.text
    browser.send(otp="000000")
    assert 'name="otp"' in browser.page.text
    browser.send_code(user)
    headers = headers_of(browser.tokens())
    (operation, *_) = [each for each in NEEDING_CODE if Duty.CASH_RELEASER in each.declaration.duties]
    assert call(scenario_run, operation, headers).status_code in (200, 404, 409, 422)


def test_guessing_a_password_locks_the_account(run: Run, tokens: Tokens) -> None:
    """Try passwords quickly; then even the right one waits."""
    subject = subject_of(tokens.of("unhcr", Duty.FRONT_DESK, number=99))
    account = admin_api(run).find(f"/users/{subject}")
    assert account is not None
    form = run.keycloak.password_grant(account["username"], "wrong password", "000000")
    for _ in range(12):
        assert not httpx.post(run.keycloak.token_url, data=form).is_success
    status = admin_api(run).find(f"/attack-detection/brute-force/users/{account['id']}")
    assert status is not None
    assert status["disabled"] is True


def test_every_realm_protects_against_guessing_keeps_events_and_limits_sessions(run: Run) -> None:
    """Look for the realm that was forgotten, such as that of the administrators."""
    for name in ("master", "solidary"):
        realm = admin_api(run, name).find()
        assert realm is not None
        assert realm["bruteForceProtected"] is True
        assert (realm["eventsEnabled"], realm["adminEventsEnabled"]) == (True, True)
        assert realm["adminEventsDetailsEnabled"] is False
        assert realm["eventsExpiration"] > 0
        assert int(realm["attributes"]["adminEventsExpiration"]) > 0
        assert (realm["revokeRefreshToken"], realm["refreshTokenMaxReuse"]) == (True, 0)
        assert 0 < realm["ssoSessionIdleTimeout"] <= realm["ssoSessionMaxLifespan"] <= 36000
        assert realm["registrationAllowed"] is False


@pytest.mark.parametrize("client", ["admin-cli", CONSOLE_CLIENT])
def test_no_client_takes_a_password_outside_of_the_demonstration(run: Run, client: str) -> None:
    """Use a stolen password without the browser and its second factor, an administrator's too."""
    admin, user = run.keycloak.admin, run.users["iom.cash_releaser"]
    realms = {"solidary": (user.username, user.password)}
    if client == "admin-cli":
        realms["master"] = (admin.username, admin.password)
    for realm, (username, password) in realms.items():
        form = {"grant_type": "password", "client_id": client, "username": username, "password": password}
        url = f"{run.keycloak.url}/realms/{realm}/protocol/openid-connect/token"
        refused = httpx.post(url, data=form)
        assert refused.json()["error"] == "unauthorized_client", realm


def test_stolen_refresh_token_ends_the_session(run: Run, browser: Browser) -> None:
    """Use a refresh token that its owner has used; the owner's newer one ends as well."""
    browser.open()
    browser.log_in(run.users["unhcr.front_desk"])
    first = browser.tokens()["refresh_token"]
    second = browser.refresh(first).raise_for_status().json()["refresh_token"]
    assert browser.refresh(first).status_code == 400
    assert browser.refresh(second).status_code == 400


def test_failed_login_is_kept_as_an_event(run: Run, browser: Browser) -> None:
    """Try a password of somebody."""
    browser.open()
    username = f"nobody-{uuid4()}"
    browser.log_in(DemonstrationUser(username=username, password="wrong", code_secret="", name="", duties={}))
    events = admin_api(run).list("/events", type="LOGIN_ERROR")
    assert username in {event.get("details", {}).get("username") for event in events}


def test_log_shows_who_gave_a_duty_to_whom(run: Run, tokens: Tokens) -> None:
    """Give somebody a duty and take it away again, as an administrator may for a minute."""
    subject = subject_of(tokens.of("iom", Duty.CASH_RELEASER, number=77))
    api = admin_api(run)
    account = api.find(f"/users/{subject}")
    assert account is not None
    groups = api.list(f"/organizations/{run.agencies['iom']}/groups")
    (group,) = [entry["id"] for entry in groups if entry["name"] == Duty.CASH_RELEASER]
    api.delete(f"/organizations/{run.agencies['iom']}/groups/{group}/members/{account['id']}")
    changes = duty_changes(api, admin_api(run, "master"))
    about = [change for change in changes if change.account == account["username"]]
    assert [(change.agency, change.duty, change.operation) for change in about] == [
        ("iom", "cash_releaser", "given to"),
        ("iom", "cash_releaser", "taken from"),
    ]
    assert {change.by for change in about} == {"service-account-provisioner"}
    assert all(time.time() - change.at.timestamp() < 600 for change in about)
    for event in api.list("/admin-events", resourceTypes="ORGANIZATION_GROUP_MEMBERSHIP"):
        assert "representation" not in event


def test_duties_that_exclude_each_other_are_found_where_the_console_gave_them(
    run: Run, tokens: Tokens
) -> None:
    """Write who is paid and check it with one account, whose duties were given past the provisioning."""
    subject = subject_of(tokens.of("iom", Duty.FRONT_DESK, Duty.CASH_CHECKER, number=78))
    api = admin_api(run)
    account = api.find(f"/users/{subject}")
    assert account is not None
    conflict = DutyConflict("iom", account["username"], (Duty.CASH_CHECKER, Duty.FRONT_DESK))
    found = duty_conflicts(api)
    assert conflict in found
    assert {each.account for each in found}.isdisjoint(person.username for person in STAFF)
    groups = api.list(f"/organizations/{run.agencies['iom']}/groups")
    (group,) = [entry["id"] for entry in groups if entry["name"] == Duty.CASH_CHECKER]
    api.delete(f"/organizations/{run.agencies['iom']}/groups/{group}/members/{subject}")
    assert conflict not in duty_conflicts(api)


def test_new_account_gets_a_second_factor_at_its_first_login(run: Run) -> None:
    """Look for an account without a second factor, for which a stolen password could enrol one."""
    api = admin_api(run)
    created = api.create("/users", {"username": f"new-{uuid4()}", "enabled": True})
    account = api.find(f"/users/{created}")
    api.delete(f"/users/{created}")
    assert account is not None
    assert "CONFIGURE_TOTP" in account["requiredActions"]
