import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from solidary.platform.clients import Cause, HumanRequest, ServiceTokens, ServiceTokenUnavailable
from solidary.platform.identity import TokenExpired, TokenInvalid
from solidary_testing.identity_provider import Clock, IdentityProvider
from solidary_testing.waiting import eventually

CAUSE = Cause("referral", UUID(int=7))


@pytest.fixture
async def tokens(provider: IdentityProvider, clock: Clock) -> AsyncIterator[ServiceTokens]:
    tokens = ServiceTokens(
        token_url=provider.token_url, client_id="svc-cash", client_secret="s & +é", clock=clock
    )
    yield tokens
    await tokens.close()


def request(clock: Clock, *, seconds: int = 900) -> HumanRequest:
    return HumanRequest("rosa", int(clock()) + seconds)


async def test_own_token_is_requested_once_and_used_until_shortly_before_it_expires(
    provider: IdentityProvider, tokens: ServiceTokens, clock: Clock
) -> None:
    assert await tokens.token("intake", CAUSE) == await tokens.token("intake", CAUSE) == "token-1"
    clock.now += 279
    assert await tokens.token("intake", CAUSE) == "token-1"
    clock.now += 2
    assert await tokens.token("intake", CAUSE) == "token-2"


async def test_own_token_is_for_one_service(provider: IdentityProvider, tokens: ServiceTokens) -> None:
    assert await tokens.token("intake", CAUSE) == "token-1"
    assert await tokens.token("market", CAUSE) == "token-2"
    assert provider.token_requests[0] == {
        "grant_type": ["client_credentials"],
        "scope": ["to-intake"],
        "client_id": ["svc-cash"],
        "client_secret": ["s & +é"],
    }


async def test_token_of_a_human_is_exchanged_for_one_of_the_called_service(
    provider: IdentityProvider, tokens: ServiceTokens, clock: Clock
) -> None:
    assert await tokens.token("intake", request(clock)) == "token-1"
    (asked,) = provider.token_requests
    assert asked["grant_type"] == ["urn:ietf:params:oauth:grant-type:token-exchange"]
    assert (asked["subject_token"], asked["audience"]) == (["rosa"], ["svc-intake"])
    assert asked["scope"] == ["to-intake organization:*"]


async def test_exchanged_token_is_cached_for_its_human_only(
    provider: IdentityProvider, tokens: ServiceTokens, clock: Clock
) -> None:
    assert await tokens.token("intake", request(clock)) == await tokens.token("intake", request(clock))
    other = HumanRequest("samira", int(clock()) + 900)
    assert await tokens.token("intake", other) == "token-2"
    assert await tokens.token("intake", CAUSE) == "token-3"
    clock.now += 281
    assert await tokens.token("intake", request(clock)) == "token-4"


async def test_exchanged_token_is_not_cached_longer_than_the_human_token_lives(
    provider: IdentityProvider, tokens: ServiceTokens, clock: Clock
) -> None:
    human = request(clock, seconds=100)
    assert await tokens.token("intake", human) == "token-1"
    clock.now += 101
    with pytest.raises(TokenExpired):
        await tokens.token("intake", human)
    assert len(provider.token_requests) == 1


async def test_exchanged_token_is_renewed_while_it_still_serves(
    provider: IdentityProvider, tokens: ServiceTokens, clock: Clock
) -> None:
    human = request(clock)
    assert await tokens.token("intake", human) == "token-1"
    clock.now += 139
    assert await tokens.token("intake", human) == "token-1"
    clock.now += 2
    assert {await tokens.token("intake", human) for _ in range(3)} == {"token-1"}

    async def is_renewed() -> bool:
        return await tokens.token("intake", human) == "token-2"

    await eventually(is_renewed)
    assert len(provider.token_requests) == 2


async def test_renewal_that_fails_leaves_the_token_and_one_of_an_ended_session_does_not(
    provider: IdentityProvider, tokens: ServiceTokens, clock: Clock
) -> None:
    human = request(clock)
    await tokens.token("intake", human)
    clock.now += 141
    provider.status = 500
    assert await tokens.token("intake", human) == "token-1"

    async def is_asked_again() -> bool:
        return len(provider.token_requests) == 2

    await eventually(is_asked_again)
    provider.status, provider.error = 400, "invalid_token"

    async def is_refused() -> bool:
        try:
            return not await tokens.token("intake", human)
        except TokenInvalid:
            return True

    await eventually(is_refused)


async def test_cache_of_exchanged_tokens_is_bounded(provider: IdentityProvider, clock: Clock) -> None:
    tokens = ServiceTokens(
        token_url=provider.token_url, client_id="svc-cash", client_secret="s", remember=2, clock=clock
    )
    for name in ("rosa", "samira", "iván", "rosa"):
        await tokens.token("intake", HumanRequest(name, int(clock()) + 900))
    await tokens.close()
    assert len(provider.token_requests) == 4


async def test_simultaneous_callers_share_one_request(
    provider: IdentityProvider, tokens: ServiceTokens
) -> None:
    provider.answer_after = 0.05
    assert set(await asyncio.gather(*(tokens.token("intake", CAUSE) for _ in range(10)))) == {"token-1"}
    assert len(provider.token_requests) == 1


@pytest.mark.parametrize("status", [401, 500])
async def test_error_of_a_refused_client_does_not_show_its_secret(
    provider: IdentityProvider, tokens: ServiceTokens, clock: Clock, status: int
) -> None:
    provider.status = status
    for origin in (CAUSE, request(clock)):
        with pytest.raises(ServiceTokenUnavailable, match=str(status)) as refused:
            await tokens.token("intake", origin)
        assert "s & +é" not in str(refused.value)
    provider.status = 200
    assert await tokens.token("intake", CAUSE) == "token-3"


async def test_human_whose_session_has_ended_is_refused(
    provider: IdentityProvider, tokens: ServiceTokens, clock: Clock
) -> None:
    provider.status, provider.error = 400, "invalid_token"
    with pytest.raises(TokenInvalid, match="session"):
        await tokens.token("intake", request(clock))


def test_token_of_a_human_is_not_shown(clock: Clock) -> None:
    assert "rosa" not in repr(request(clock))
