"""Tokens from the real Keycloak, read by the verifier that services use."""

from __future__ import annotations

import httpx
import pytest
from solidary.platform.identity import Claims, Duty, KeyRing, TokenVerifier
from stack import Run
from stack.agencies import AGENCIES, PEOPLE, Person
from stack.provision.realm import Realm, clients, provision_realm
from stack.run_file import CONSOLE_CLIENT
from stack.secret_file import Secrets, keep_secrets
from stack.services import SERVICES


@pytest.fixture
def secrets(run: Run) -> Secrets:
    return keep_secrets(run.folder / "secrets.json", demonstration=True)


def token(run: Run, **form: str) -> str:
    answer = httpx.post(run.keycloak.token_url, data=form)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


async def claims(run: Run, **form: str) -> Claims:
    verifier = TokenVerifier(
        issuer=run.keycloak.issuer, audience=run.keycloak.audience, keys=KeyRing(run.keycloak.jwks_url)
    )
    return await verifier.verify(token(run, **form))


async def log_in(run: Run, username: str) -> Claims:
    return await claims(
        run,
        grant_type="password",
        client_id=CONSOLE_CLIENT,
        username=username,
        password=run.users[username].password,
        scope="openid organization:*",
    )


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.username)
async def test_everybody_logs_in_with_their_duties_in_each_of_their_agencies(
    run: Run, person: Person
) -> None:
    memberships = (await log_in(run, person.username)).memberships
    assert {alias: membership.duties for alias, membership in memberships.items()} == {
        alias: {Duty(duty) for duty in duties} for alias, duties in person.duties.items()
    }
    for alias, membership in memberships.items():
        assert membership.agency == run.agencies[alias]
        assert membership.country == "PA"


async def test_one_human_has_one_subject_and_no_two_share_one(run: Run) -> None:
    subjects = {(await log_in(run, person.username)).subject for person in PEOPLE[:5]}
    assert len(subjects) == 5


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.alias)
async def test_an_agencys_own_software_acts_for_it_as_an_integrator(run: Run, agency: object) -> None:
    alias = agency.alias
    client = run.clients[f"{alias}-integrator"]
    said = await claims(
        run,
        grant_type="client_credentials",
        client_id=f"{alias}-integrator",
        client_secret=client.secret,
        scope="organization:*",
    )
    assert {name: membership.duties for name, membership in said.memberships.items()} == {
        alias: {Duty.INTEGRATOR}
    }
    assert said.service is None


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_is_known_by_its_name_and_belongs_to_no_agency(run: Run, service: str) -> None:
    secret = run.clients[f"svc-{service}"].secret
    said = await claims(
        run, grant_type="client_credentials", client_id=f"svc-{service}", client_secret=secret
    )
    assert said.service == service
    assert said.memberships == {}


def test_the_console_logs_in_on_any_loopback_port_and_nowhere_else(run: Run) -> None:
    def ask(redirect: str) -> int:
        query = {
            "client_id": CONSOLE_CLIENT,
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": redirect,
            "code_challenge": "a" * 43,
            "code_challenge_method": "S256",
        }
        return httpx.get(f"{run.keycloak.issuer}/protocol/openid-connect/auth", params=query).status_code

    assert ask("http://127.0.0.1:23456/login/done") == 200
    assert ask("https://evil.example/") == 400


def test_a_second_run_writes_nothing(run: Run, secrets: Secrets) -> None:
    assert provision(run, secrets).writes == 0


def test_without_the_demonstration_there_is_no_password_grant_and_no_agencys_client(secrets: Secrets) -> None:
    wishes = clients(secrets, console=None, demonstration=False)
    assert not [wish for wish in wishes if wish.settings["directAccessGrantsEnabled"]]
    assert {wish.client_id for wish in wishes} == {CONSOLE_CLIENT, *(f"svc-{name}" for name in SERVICES)}


def provision(run: Run, secrets: Secrets, *, demonstration: bool = True) -> Realm:
    admin = (run.keycloak.admin.username, run.keycloak.admin.password)
    return provision_realm(run.keycloak.url, admin, secrets, "PA", demonstration=demonstration)
