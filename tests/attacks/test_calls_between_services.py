"""Attacks on calls between services, with valid tokens of people, of services, and of services that carry people."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from solidary.platform.identity import AGENCY_HEADER, CAUSE_HEADER, ON_BEHALF_OF_HEADER, Duty
from solidary.platform.registry import service_names
from solidary_testing.tokens import Tokens, subject_of
from stack.services import called_services

from tests.conftest import ScenarioRun
from tests.isolation.operations import OPERATIONS, Operation, for_each

CALLS = [(caller, called) for caller in service_names() for called in called_services(caller)]
FOR_MEMBERS = [operation for operation in OPERATIONS if operation.declaration.reach in ("agency", "shared")]
LISTS = {each.service: each for each in FOR_MEMBERS if each.method == "GET" and not each.path_ids}
"""A list of each service."""
FOR_SERVICES = [operation for operation in OPERATIONS if operation.declaration.reach == "service"]


def call(scenario_run: ScenarioRun, operation: Operation, headers: dict[str, str]) -> httpx.Response:
    """Call an operation with ids of nothing: a caller who is not refused finds nothing."""
    path = operation.route.path
    for name in operation.path_ids:
        path = path.replace(f"{{{name}}}", str(uuid4()))
    url = scenario_run.run.services[operation.service] + path
    headers = {**headers, "Idempotency-Key": str(uuid4())}
    return httpx.request(operation.method, url, headers=headers, timeout=30)


@pytest.mark.parametrize("service", service_names())
def test_token_for_one_service_opens_no_other(
    scenario_run: ScenarioRun, tokens: Tokens, service: str
) -> None:
    """Send the tokens that a service receives to all the others, as one that was taken over may."""
    headers = tokens.of("iom", Duty.INTEGRATOR, services=(service,))
    refused = {other for other, each in LISTS.items() if call(scenario_run, each, headers).status_code == 401}
    assert refused == set(service_names()) - {service}


@for_each(*FOR_MEMBERS)
def test_service_reads_and_writes_nothing_of_a_member_whose_token_it_exchanged(
    scenario_run: ScenarioRun, tokens: Tokens, operation: Operation
) -> None:
    """Exchange a person's token and do what that person may do elsewhere, as a service that was taken over may."""
    for caller, called in CALLS:
        if called == operation.service:
            carried = tokens.carried(tokens.of("unhcr", *Duty), by=caller, to=called)
            assert call(scenario_run, operation, carried).status_code == 403, caller


@for_each(*FOR_MEMBERS)
def test_service_by_itself_reads_and_writes_nothing_that_is_for_members(
    scenario_run: ScenarioRun, tokens: Tokens, operation: Operation
) -> None:
    """Call the routes of people with a service's stolen secret, for any agency."""
    for caller in service_names():
        headers = tokens.service(caller, acting_for=tokens.agency("unhcr"))
        expected = 403 if operation.service in called_services(caller) else 401
        assert call(scenario_run, operation, headers).status_code == expected, caller


@for_each(*FOR_SERVICES)
def test_service_calls_the_routes_of_its_purpose_only(
    scenario_run: ScenarioRun, tokens: Tokens, operation: Operation
) -> None:
    """Ask as cash for the package of a referral, and as referrals for a payee, also in a member's name."""
    member = tokens.of("iom", *Duty)
    for caller in service_names():
        if caller in operation.declaration.services:
            continue
        alone = call(scenario_run, operation, tokens.service(caller, acting_for=tokens.agency("iom")))
        assert alone.status_code in (401, 403), caller
        if operation.service in called_services(caller):
            carried = tokens.carried(member, by=caller, to=operation.service)
            assert call(scenario_run, operation, carried).status_code == 403, caller
    assert call(scenario_run, operation, member).status_code == 403


@for_each(*(operation for operation in FOR_SERVICES if operation.declaration.duties))
def test_secret_of_a_service_alone_opens_nobody(
    scenario_run: ScenarioRun, tokens: Tokens, operation: Operation
) -> None:
    """Ask with a stolen secret for packages and payees by their ids, for the right agency."""
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as connection:
        packages = connection.execute("SELECT id, household_id, recipient FROM data.package").fetchall()
    assert packages
    for caller in operation.declaration.services:
        for package, household, recipient in packages:
            headers = tokens.service(caller, acting_for=recipient)
            path = operation.route.path.replace("{package_id}", str(package))
            path = path.replace("{household_id}", str(household))
            url = scenario_run.run.services[operation.service] + path
            payments = [{"payment_id": str(uuid4()), "package_id": str(package)}]
            body = {"payments": payments} if operation.method == "POST" else None
            answer = httpx.request(operation.method, url, headers=headers, json=body)
            assert answer.status_code == 403
            without_duty = tokens.carried(tokens.of("iom"), by=caller, to=operation.service)
            answer = httpx.request(operation.method, url, headers=without_duty, json=body)
            assert answer.status_code == 403


def test_service_gets_no_token_for_a_service_that_it_may_not_call(
    scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    """Ask the identity provider for tokens for all other services, as one that was taken over may."""
    human = tokens.of("iom", *Duty)
    for caller in service_names():
        for called in service_names():
            if (caller, called) not in CALLS:
                with pytest.raises(httpx.HTTPStatusError):
                    tokens.carried(human, by=caller, to=called)


def test_reading_a_package_or_payee_is_logged_under_the_human(
    scenario_run: ScenarioRun, tokens: Tokens
) -> None:
    """Staff read people through another service, so that the log of the people's agency would not name them."""
    agency = tokens.agency("unhcr")
    services = {subject_of(tokens.service(name, acting_for=agency)) for name in service_names()}
    query = """SELECT DISTINCT recorded_by, on_behalf_of, split_part(cause, ':', 1) FROM data.access_entry
        WHERE action = %s"""
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as connection:
        packages = {subject for subject, _, _ in connection.execute(query, ("package_fetched",))}
        payees = connection.execute(query, ("payee_fetched",)).fetchall()
    assert subject_of(tokens.demonstration("chorrera.provider")) in packages
    assert not packages & services
    cash = subject_of(tokens.service("cash", acting_for=agency))
    assert (cash, subject_of(tokens.demonstration("iom.cash_releaser")), "payment_order") in payees
    assert {(writer, cause) for writer, _, cause in payees} == {(cash, "payment_order")}
    assert not {human for _, human, _ in payees} & {None, *services}


def test_service_alone_reads_payees_by_no_permit_but_once(scenario_run: ScenarioRun, tokens: Tokens) -> None:
    """Ask with a stolen secret for every payee: without a permit, by a used one, and by one of another order."""
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="cash") as connection:
        ordered = connection.execute(
            """SELECT i.id, i.agency, p.id, p.account_reference FROM data.instruction i
            JOIN data.payment p USING (root) ORDER BY p.id"""
        ).fetchall()
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as connection:
        permits = dict(connection.execute("SELECT reference, id FROM data.payee_permit").fetchall())
    assert ordered
    url = f"{scenario_run.run.services['intake']}/payees"

    def read(permit: UUID, agency: UUID, payment: UUID, package: UUID) -> tuple[int, str]:
        asked = [{"payment_id": str(payment), "package_id": str(package)}]
        body = {"permit_id": str(permit), "batch": 1, "payments": asked}
        answer = httpx.post(url, json=body, headers=tokens.service("cash", acting_for=agency))
        return answer.status_code, str(answer.json()["type"]).rsplit(":", 1)[1]

    for order, agency, payment, package in ordered:
        assert read(uuid4(), agency, payment, package) == (404, "not-found")
        assert read(permits[order], tokens.agency("chorrera"), payment, package) == (404, "not-found")
        used = read(permits[order], agency, payment, package)
        assert used in {(409, "permit-used"), (409, "permit-over")}
        redirected = read(permits[order], agency, uuid4(), package)
        assert redirected in {(409, "permit-mismatch"), (409, "permit-over")}


def test_reading_without_a_human_is_logged_with_its_cause(scenario_run: ScenarioRun, tokens: Tokens) -> None:
    """Read people as a timer or a reaction: the entry names the service, and because of what it read."""
    services = [subject_of(tokens.service(name, acting_for=tokens.agency("iom"))) for name in service_names()]
    query = "SELECT service, cause FROM data.access_entry WHERE recorded_by = ANY (%s)"
    with psycopg.connect(scenario_run.run.postgres.admin, dbname="intake") as connection:
        entries = connection.execute(query, (services,)).fetchall()
    assert entries
    assert not [entry for entry in entries if None in entry]


def test_service_without_a_human_must_say_why(scenario_run: ScenarioRun, tokens: Tokens) -> None:
    """Read about a household without a reason, or with an unreadable one."""
    url = f"{scenario_run.run.services['intake']}/profiles/{uuid4()}?package_id={uuid4()}"
    headers = tokens.service("cash", acting_for=tokens.agency("iom"))
    assert httpx.get(url, headers=headers).status_code == 404
    for cause in ("", "because", f"referral:{uuid4()} and more"):
        refused = httpx.get(url, headers={**headers, CAUSE_HEADER: cause})
        assert (refused.status_code, refused.json()["type"]) == (400, "urn:solidary:problem:cause-invalid")
    refused = httpx.get(url, headers={**headers, ON_BEHALF_OF_HEADER: "Rosa"})
    assert refused.status_code == 400


def test_member_cannot_read_as_somebody_else(scenario_run: ScenarioRun, tokens: Tokens) -> None:
    """Name another account as the one on whose behalf a member reads."""
    desk = tokens.of("unhcr", Duty.FRONT_DESK)
    me, other = subject_of(desk), subject_of(tokens.of("unhcr", Duty.FRONT_DESK, number=2))
    headers = {**desk, ON_BEHALF_OF_HEADER: str(other), CAUSE_HEADER: f"referral:{uuid4()}"}
    run = scenario_run.run
    with psycopg.connect(run.postgres.admin, dbname="intake", autocommit=True) as connection:

        def entries(of: UUID) -> int:
            query = "SELECT id FROM data.access_entry WHERE recorded_by = %s"
            return len(connection.execute(query, (of,)).fetchall())

        people = "SELECT id FROM data.person WHERE agency = %s LIMIT 1"
        ((person,),) = connection.execute(people, (tokens.agency("unhcr"),)).fetchall()
        mine, theirs = entries(me), entries(other)
        answer = httpx.get(f"{run.services['intake']}/people/{person}", headers=headers)
        assert answer.is_success, answer.text
        assert (entries(me), entries(other)) == (mine + 1, theirs)
    agency = {AGENCY_HEADER: str(tokens.agency("iom"))}
    refused = httpx.get(f"{run.services['intake']}/people/{person}", headers={**headers, **agency})
    assert refused.status_code == 403
