import asyncio

import httpx
import pytest
from solidary.platform.clients import ServiceTokens, ServiceTokenUnavailable
from solidary_testing.identity_provider import Clock, IdentityProvider


@pytest.fixture
def tokens(provider: IdentityProvider, clock: Clock) -> ServiceTokens:
    return ServiceTokens(
        token_url=provider.token_url, client_id="service-cash", client_secret="s & +é", clock=clock
    )


async def test_token_is_requested_once_and_used_until_shortly_before_it_expires(
    provider: IdentityProvider, tokens: ServiceTokens, clock: Clock
) -> None:
    assert await tokens.token() == await tokens.token() == "token-1"
    clock.now += 279
    assert await tokens.token() == "token-1"
    clock.now += 2
    assert await tokens.token() == "token-2"


async def test_credentials_are_sent_in_the_form(provider: IdentityProvider, tokens: ServiceTokens) -> None:
    await tokens.token()
    (asked,) = provider.token_requests
    assert asked == {
        "grant_type": ["client_credentials"],
        "client_id": ["service-cash"],
        "client_secret": ["s & +é"],
    }


async def test_simultaneous_callers_share_one_request(
    provider: IdentityProvider, tokens: ServiceTokens
) -> None:
    provider.answer_after = 0.05
    assert set(await asyncio.gather(*(tokens.token() for _ in range(10)))) == {"token-1"}
    assert len(provider.token_requests) == 1


@pytest.mark.parametrize("status", [401, 500])
async def test_error_of_a_refused_client_does_not_show_its_secret(
    provider: IdentityProvider, tokens: ServiceTokens, status: int
) -> None:
    provider.status = status
    with pytest.raises(ServiceTokenUnavailable, match=str(status)) as refused:
        await tokens.token()
    assert "s & +é" not in str(refused.value)
    provider.status = 200
    assert await tokens.token() == "token-2"


async def test_http_client_sends_the_token(tokens: ServiceTokens) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=request.headers["Authorization"])

    async with httpx.AsyncClient(auth=tokens, transport=httpx.MockTransport(echo)) as client:
        assert (await client.get("http://intake.example/packages")).text == "Bearer token-1"
