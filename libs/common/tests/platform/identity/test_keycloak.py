"""Tokens as the real Keycloak signs them."""

import httpx
import pytest
from solidary.platform.clients import ServiceTokens
from solidary.platform.identity import (
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
        issuer=run.keycloak.issuer, audience=run.keycloak.audience, keys=KeyRing(run.keycloak.jwks_url)
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
    form = {"grant_type": "client_credentials", "scope": "organization:*"}
    login = ("unhcr-integrator", run.clients["unhcr-integrator"].secret)
    async with httpx.AsyncClient() as client:
        granted = await client.post(run.keycloak.token_url, data=form, auth=login)
    principal = principal_of(await verifier.verify(granted.json()["access_token"]), None)
    assert (principal.agency, principal.duties) == (
        tokens.agency("unhcr"),
        frozenset({Duty.INTEGRATOR}),
    )


async def test_service_gets_its_own_token_and_acts_for_the_agency_that_it_names(
    run: Run, verifier: TokenVerifier, tokens: Tokens
) -> None:
    source = ServiceTokens(
        token_url=run.keycloak.token_url, client_id="svc-cash", client_secret=run.clients["svc-cash"].secret
    )
    claims = await verifier.verify(await source.token())
    principal = principal_of(claims, str(tokens.agency("iom")))
    assert (principal.service, principal.agency, principal.duties) == (
        "cash",
        tokens.agency("iom"),
        frozenset(),
    )


async def test_token_for_another_audience_is_refused(run: Run, tokens: Tokens) -> None:
    elsewhere = TokenVerifier(
        issuer=run.keycloak.issuer, audience="another", keys=KeyRing(run.keycloak.jwks_url)
    )
    headers = tokens.of("iom", Duty.AUDITOR)
    with pytest.raises(TokenInvalid, match="aud"):
        await elsewhere.verify(bearer_token(headers["Authorization"]))
