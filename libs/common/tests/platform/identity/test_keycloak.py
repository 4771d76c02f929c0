"""Tokens as the real Keycloak signs them."""

import time
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from solidary.platform.clients import Cause, HumanRequest, ServiceTokens, ServiceTokenUnavailable
from solidary.platform.identity import (
    SOFTWARE_DUTIES,
    AgencyNotChosen,
    Duty,
    KeyRing,
    TokenInvalid,
    TokenVerifier,
    bearer_token,
    principal_of,
)
from solidary_testing.tokens import Tokens
from stack.run_file import Run


@pytest.fixture(scope="module")
def verifier(run: Run) -> TokenVerifier:
    return TokenVerifier(
        issuer=run.keycloak.issuer, audience="svc-intake", keys=KeyRing(run.keycloak.jwks_url)
    )


async def test_person_has_their_duties_in_their_agency(verifier: TokenVerifier, tokens: Tokens) -> None:
    headers = tokens.of("iom", Duty.CASH_MAKER, Duty.AUDITOR)
    claims = await verifier.verify(bearer_token(headers["Authorization"]))
    principal = principal_of(claims, None)
    assert (principal.agency, principal.agency_alias) == (tokens.agency("iom"), "iom")
    assert principal.duties == {Duty.CASH_MAKER, Duty.AUDITOR}
    assert principal.service is None
    assert claims.memberships["iom"].country == "PA"


async def test_person_of_two_agencies_chooses_one(verifier: TokenVerifier, tokens: Tokens) -> None:
    duties = {"iom": (Duty.CASH_MAKER,), "unhcr": (Duty.CASH_CHECKER,)}
    headers = tokens.of_several(duties, acting_for=None)
    claims = await verifier.verify(bearer_token(headers["Authorization"]))
    assert principal_of(claims, "iom").duties == {Duty.CASH_MAKER}
    assert principal_of(claims, str(tokens.agency("unhcr"))).duties == {Duty.CASH_CHECKER}
    with pytest.raises(AgencyNotChosen, match="iom, unhcr"):
        principal_of(claims, None)


async def test_software_of_an_agency_is_its_member(run: Run, verifier: TokenVerifier, tokens: Tokens) -> None:
    form = {"grant_type": "client_credentials", "scope": "organization:* to-intake"}
    login = ("unhcr-integrator", run.clients["unhcr-integrator"].secret)
    async with httpx.AsyncClient() as client:
        granted = await client.post(run.keycloak.token_url, data=form, auth=login)
    principal = principal_of(await verifier.verify(granted.json()["access_token"]), None)
    assert (principal.agency, principal.duties) == (
        tokens.agency("unhcr"),
        SOFTWARE_DUTIES - {Duty.BANK_REPORTER},
    )
    assert principal.software == "unhcr-integrator"


async def test_service_gets_its_own_token_and_acts_for_the_agency_that_it_names(
    run: Run, verifier: TokenVerifier, tokens: Tokens
) -> None:
    source = ServiceTokens(
        token_url=run.keycloak.token_url, client_id="svc-cash", client_secret=run.clients["svc-cash"].secret
    )
    cause = Cause("referral", uuid4())
    claims = await verifier.verify(await source.token("intake", cause))
    await source.close()
    principal = principal_of(claims, str(tokens.agency("iom")), cause=str(cause))
    assert (principal.service, principal.agency, principal.duties) == (
        "cash",
        tokens.agency("iom"),
        frozenset(),
    )


@pytest.mark.parametrize("services", [("referrals",), ("cash", "planning"), ()])
async def test_token_for_other_services_is_refused(
    verifier: TokenVerifier, tokens: Tokens, services: tuple[str, ...]
) -> None:
    headers = tokens.of("iom", Duty.AUDITOR, services=services)
    with pytest.raises(TokenInvalid, match="aud"):
        await verifier.verify(bearer_token(headers["Authorization"]))


@pytest.fixture
async def referrals(run: Run) -> AsyncIterator[ServiceTokens]:
    """Return the tokens of the service referrals."""
    source = ServiceTokens(
        token_url=run.keycloak.token_url,
        client_id="svc-referrals",
        client_secret=run.clients["svc-referrals"].secret,
    )
    yield source
    await source.close()


def request_of(authorization: str) -> HumanRequest:
    return HumanRequest(bearer_token(authorization), int(time.time()) + 300)


async def test_exchanged_token_carries_the_human_to_one_service(
    run: Run, verifier: TokenVerifier, tokens: Tokens, referrals: ServiceTokens
) -> None:
    headers = tokens.of("iom", Duty.PROVIDER, services=("referrals",))
    human = await TokenVerifier(
        issuer=run.keycloak.issuer, audience="svc-referrals", keys=KeyRing(run.keycloak.jwks_url)
    ).verify(bearer_token(headers["Authorization"]))
    exchanged = await verifier.verify(await referrals.token("intake", request_of(headers["Authorization"])))
    principal = principal_of(exchanged, "iom")
    assert principal.subject == human.subject
    assert (principal.duties, principal.service, principal.caller) == ({Duty.PROVIDER}, None, "referrals")


async def test_software_of_an_agency_is_carried_like_a_human(
    run: Run, verifier: TokenVerifier, referrals: ServiceTokens
) -> None:
    form = {"grant_type": "client_credentials", "scope": "organization:* to-referrals"}
    login = ("unhcr-integrator", run.clients["unhcr-integrator"].secret)
    async with httpx.AsyncClient() as client:
        granted = await client.post(run.keycloak.token_url, data=form, auth=login)
    request = request_of(f"Bearer {granted.json()['access_token']}")
    principal = principal_of(await verifier.verify(await referrals.token("intake", request)), None)
    assert (principal.agency_alias, principal.duties) == ("unhcr", SOFTWARE_DUTIES - {Duty.BANK_REPORTER})
    assert (principal.service, principal.caller, principal.software) == (
        None,
        "referrals",
        "unhcr-integrator",
    )


async def test_service_exchanges_no_token_that_is_not_for_it(
    tokens: Tokens, referrals: ServiceTokens
) -> None:
    headers = tokens.of("iom", Duty.PROVIDER, services=("cash",))
    with pytest.raises((TokenInvalid, ServiceTokenUnavailable)):
        await referrals.token("intake", request_of(headers["Authorization"]))


async def test_service_gets_no_token_for_a_service_that_it_may_not_call(
    tokens: Tokens, referrals: ServiceTokens
) -> None:
    headers = tokens.of("iom", Duty.PROVIDER)
    for origin in (Cause("referral", uuid4()), request_of(headers["Authorization"])):
        with pytest.raises(ServiceTokenUnavailable):
            await referrals.token("cash", origin)
