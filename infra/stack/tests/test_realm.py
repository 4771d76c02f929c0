"""Tokens of the real Keycloak, verified as services do."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from solidary.platform.identity import Claims, Duty, KeyRing, TokenVerifier
from stack import Run
from stack.agencies import AGENCIES, AGENCY_CLIENTS, STAFF, StaffMember
from stack.errors import StackError
from stack.one_time_code import one_time_code
from stack.provision.realm import Realm, provision_realm, require_separate_duties
from stack.provision.realm_settings import client_specifications
from stack.run_file import CONSOLE_CLIENT
from stack.secret_file import Secrets, load_or_create_secrets
from stack.services import SERVICES, called_services


@pytest.fixture
def secrets(run: Run) -> Secrets:
    return load_or_create_secrets(run.folder / "secrets.json", demonstration=True)


def token(run: Run, **form: str) -> str:
    answer = httpx.post(run.keycloak.token_url, data=form)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


async def claims(run: Run, audience: str = "svc-intake", **form: str) -> Claims:
    verifier = TokenVerifier(
        issuer=run.keycloak.issuer, audience=audience, keys=KeyRing(run.keycloak.jwks_url)
    )
    return await verifier.verify(token(run, **form))


async def log_in(run: Run, username: str) -> Claims:
    user = run.users[username]
    code = one_time_code(user.code_secret)
    return await claims(run, **run.keycloak.password_grant(username, user.password, code))


@pytest.mark.parametrize("person", STAFF, ids=lambda person: person.username)
async def test_staff_log_in_with_their_duties_in_each_of_their_agencies(
    run: Run, person: StaffMember
) -> None:
    memberships = (await log_in(run, person.username)).memberships
    assert {alias: membership.duties for alias, membership in memberships.items()} == {
        alias: {Duty(duty) for duty in duties} for alias, duties in person.duties.items()
    }
    for alias, membership in memberships.items():
        assert membership.agency == run.agencies[alias]
        assert membership.country == "PA"


async def test_every_person_has_a_subject_of_their_own(run: Run) -> None:
    subjects = {(await log_in(run, person.username)).subject for person in STAFF[:5]}
    assert len(subjects) == 5


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.alias)
@pytest.mark.parametrize(("kind", "duties"), AGENCY_CLIENTS.items())
async def test_machine_clients_of_an_agency_have_their_duties(
    run: Run, agency: object, kind: str, duties: tuple[Duty, ...]
) -> None:
    alias = agency.alias
    client = run.clients[f"{alias}-{kind}"]
    token_claims = await claims(
        run,
        grant_type="client_credentials",
        client_id=f"{alias}-{kind}",
        client_secret=client.secret,
        scope="organization:* to-intake",
    )
    assert {name: membership.duties for name, membership in token_claims.memberships.items()} == {
        alias: set(duties)
    }
    assert (token_claims.service, token_claims.software) == (None, f"{alias}-{kind}")


@pytest.mark.parametrize("service", SERVICES)
def test_service_gets_its_own_token_for_the_services_that_it_may_call_only(run: Run, service: str) -> None:
    for called in SERVICES:
        form = {
            "grant_type": "client_credentials",
            "client_id": f"svc-{service}",
            "client_secret": run.clients[f"svc-{service}"].secret,
            "scope": f"to-{called}",
        }
        if called not in called_services(service):
            assert httpx.post(run.keycloak.token_url, data=form).json()["error"] == "invalid_scope"
            continue
        token_claims = asyncio.run(claims(run, audience=f"svc-{called}", **form))
        assert (token_claims.service, token_claims.caller) == (service, service)
        assert token_claims.memberships == {}


def test_referrals_and_cash_are_the_only_callers() -> None:
    assert {service: called_services(service) for service in SERVICES if called_services(service)} == {
        "cash": ("intake", "referrals"),
        "referrals": ("intake",),
    }


def test_console_logs_in_on_loopback_addresses_only(run: Run) -> None:
    def status_for(redirect: str) -> int:
        query = {
            "client_id": CONSOLE_CLIENT,
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": redirect,
            "code_challenge": "a" * 43,
            "code_challenge_method": "S256",
        }
        return httpx.get(f"{run.keycloak.issuer}/protocol/openid-connect/auth", params=query).status_code

    assert status_for("http://127.0.0.1:23456/login/done") == 200
    assert status_for("https://evil.example/") == 400


def test_second_provisioning_writes_nothing(run: Run, secrets: Secrets) -> None:
    assert provision(run, secrets).writes == 0


def test_realm_without_demonstration_has_no_password_grant_and_no_agency_client(secrets: Secrets) -> None:
    specifications = client_specifications(secrets, console=None, demonstration=False)
    assert not [client for client in specifications if client.settings["directAccessGrantsEnabled"]]
    assert {client.client_id for client in specifications} == {
        CONSOLE_CLIENT,
        "admin-cli",
        *(f"svc-{name}" for name in SERVICES),
    }


def provision(run: Run, secrets: Secrets, *, demonstration: bool = True) -> Realm:
    admin = (run.keycloak.provisioner.username, run.keycloak.provisioner.password)
    return provision_realm(
        run.keycloak.url, admin, secrets, "PA", demonstration=demonstration, public=run.address
    )


def test_duties_that_exclude_each_other_are_not_given_to_one_person() -> None:
    require_separate_duties(STAFF)
    both = StaffMember("x", "Test", "Person", {"iom": ("cash_maker", "cash_checker")})
    with pytest.raises(
        StackError, match="cannot have the duties cash_checker and cash_maker together in iom"
    ):
        require_separate_duties([both])
