"""Machine clients of agencies in the real Keycloak: what they may have, how they log in, and how their access ends."""

from __future__ import annotations

import json
import secrets as random
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from solidary.platform.identity import (
    SOFTWARE_DUTIES,
    Duty,
    KeyRing,
    TokenInvalid,
    TokenVerifier,
    principal_of,
)
from solidary.platform.identity.principal import Principal
from stack import Run
from stack.errors import StackError
from stack.provision.admin_api import AdminApi
from stack.provision.machine_clients import (
    add_machine_client,
    enable_machine_client,
    find_machine_client,
    give_duty,
    list_machine_clients,
    renew_proof,
    require_software_duties,
    take_duty,
)
from stack.provision.realm_settings import SOFTWARE_TOKEN_SECONDS

READ, REGISTER = Duty.SOFTWARE_READ, Duty.SOFTWARE_REGISTER


@pytest.fixture
def api(run: Run) -> AdminApi:
    account = run.keycloak.provisioner
    return AdminApi(run.keycloak.url, account.username, account.password, run.keycloak.realm)


def new_name() -> str:
    return f"test-{random.token_hex(4)}"


def by_secret(run: Run, client_id: str, secret: str | None) -> httpx.Response:
    return httpx.post(run.keycloak.token_url, data=run.keycloak.machine_grant(client_id, secret or ""))


def by_key(run: Run, client_id: str, key: RSAKey | ECKey) -> httpx.Response:
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": run.keycloak.issuer,
        "jti": random.token_hex(8),
        "iat": now,
        "exp": now + 60,
    }
    algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
    form = run.keycloak.machine_grant(client_id, "") | {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": algorithm, "kid": key.thumbprint()}, claims, key),
    }
    del form["client_secret"]
    return httpx.post(run.keycloak.token_url, data=form)


async def principal(run: Run, granted: httpx.Response) -> Principal:
    verifier = TokenVerifier(
        issuer=run.keycloak.issuer, audience="svc-intake", keys=KeyRing(run.keycloak.jwks_url)
    )
    return principal_of(await verifier.verify(granted.raise_for_status().json()["access_token"]), None)


async def test_client_acts_for_its_agency_with_its_duties_and_its_secret_is_shown_once(
    run: Run, api: AdminApi
) -> None:
    name = new_name()
    secret = add_machine_client(api, "iom", name, {READ, REGISTER}, secret_days=30)
    (listed,) = [client for client in list_machine_clients(api, "iom") if client.client_id == f"iom-{name}"]
    assert listed == find_machine_client(api, f"iom-{name}")
    assert (listed.duties, listed.enabled, listed.has_key) == ((READ, REGISTER), True, False)
    assert listed.secret_ends is not None
    assert timedelta(days=29) < listed.secret_ends - datetime.now(UTC) < timedelta(days=31)
    assert secret is not None
    assert secret not in str(listed)
    granted = by_secret(run, f"iom-{name}", secret)
    assert granted.json()["expires_in"] == SOFTWARE_TOKEN_SECONDS
    assert "refresh_token" not in granted.json()
    software = await principal(run, granted)
    assert (software.agency_alias, software.duties, software.software) == (
        "iom",
        {READ, REGISTER},
        f"iom-{name}",
    )
    assert software.subject == UUID(listed.subject)


@pytest.mark.parametrize("as_jwk", [True, False], ids=["JWK of P-256", "PEM of RSA"])
async def test_client_logs_in_with_a_private_key_that_keycloak_never_sees(
    run: Run, api: AdminApi, as_jwk: bool
) -> None:
    name = new_name()
    key: RSAKey | ECKey = ECKey.generate_key("P-256") if as_jwk else RSAKey.generate_key(2048)
    public = json.dumps(key.as_dict(private=False)) if as_jwk else key.as_pem(private=False).decode()
    assert add_machine_client(api, "iom", name, {READ}, public_key=public) is None
    assert find_machine_client(api, f"iom-{name}").has_key
    assert (await principal(run, by_key(run, f"iom-{name}", key))).duties == {READ}
    assert not by_key(run, f"iom-{name}", type(key).generate_key("P-256" if as_jwk else 2048)).is_success
    assert not by_secret(run, f"iom-{name}", "").is_success


async def test_old_secret_ends_with_the_new_one_and_a_secret_that_has_expired_opens_nothing(
    run: Run, api: AdminApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id = f"iom-{(name := new_name())}"
    first = add_machine_client(api, "iom", name, {READ})
    second = renew_proof(api, client_id)
    assert first != second
    assert not by_secret(run, client_id, first).is_success
    assert (await principal(run, by_secret(run, client_id, second))).duties == {READ}
    with monkeypatch.context() as patch:
        patch.setattr("stack.provision.machine_clients.time.time", lambda: 1_700_000_000.0)
        third = renew_proof(api, client_id, secret_days=1)
    with pytest.raises(TokenInvalid, match="secret"):
        await principal(run, by_secret(run, client_id, third))
    key = ECKey.generate_key("P-256")
    renew_proof(api, client_id, public_key=json.dumps(key.as_dict(private=False)))
    assert (await principal(run, by_key(run, client_id, key))).duties == {READ}


def test_disabled_client_gets_no_token_until_it_is_enabled(run: Run, api: AdminApi) -> None:
    client_id = f"iom-{(name := new_name())}"
    secret = add_machine_client(api, "iom", name, {READ})
    enable_machine_client(api, client_id, enabled=False)
    assert not find_machine_client(api, client_id).enabled
    assert not by_secret(run, client_id, secret).is_success
    enable_machine_client(api, client_id, enabled=True)
    assert by_secret(run, client_id, secret).is_success


def test_duties_are_given_and_taken_one_by_one(api: AdminApi) -> None:
    client_id = f"iom-{(name := new_name())}"
    add_machine_client(api, "iom", name, ())
    assert find_machine_client(api, client_id).duties == ()
    give_duty(api, client_id, READ)
    give_duty(api, client_id, REGISTER)
    take_duty(api, client_id, READ)
    take_duty(api, client_id, READ)
    assert find_machine_client(api, client_id).duties == (REGISTER,)
    for duty in (Duty.CASH_CHECKER, Duty.BANK_REPORTER):
        with pytest.raises(StackError):
            give_duty(api, client_id, duty)


@pytest.mark.parametrize("duty", sorted(set(Duty) - SOFTWARE_DUTIES))
def test_no_duty_of_people_is_given_to_software(duty: Duty) -> None:
    with pytest.raises(StackError, match=f"Software cannot have the duty {duty}"):
        require_software_duties({READ, duty})


@pytest.mark.parametrize("duty", sorted(SOFTWARE_DUTIES - {Duty.BANK_REPORTER, Duty.SOFTWARE_READ}))
def test_the_banks_channel_writes_no_facts(duty: Duty) -> None:
    with pytest.raises(StackError, match="together"):
        require_software_duties({Duty.BANK_REPORTER, duty})


@pytest.mark.parametrize(
    ("agency", "name", "more"),
    [
        ("nobody", "records", {}),
        ("iom", "Records", {}),
        ("iom", "", {}),
        ("iom", "x" * 41, {}),
        ("iom", "integrator", {}),
        ("iom", "records", {"secret_days": 0}),
        ("iom", "records", {"secret_days": 5000}),
        ("iom", "records", {"public_key": "no key"}),
        ("iom", "records", {"public_key": RSAKey.generate_key(2048).as_pem(private=True).decode()}),
        ("iom", "records", {"public_key": RSAKey.generate_key(1024).as_pem(private=False).decode()}),
    ],
)
def test_client_that_could_not_work_safely_is_refused(
    api: AdminApi, agency: str, name: str, more: dict[str, object]
) -> None:
    with pytest.raises(StackError):
        add_machine_client(api, agency, name, {READ}, **more)
    assert not [entry for entry in api.list("/clients") if entry["clientId"] == f"{agency}-records"]
