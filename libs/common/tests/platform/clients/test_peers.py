import time
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter
from solidary.language.problems import Problem
from solidary.platform.clients import (
    Cause,
    HumanRequest,
    Origin,
    Peer,
    PeerNotConfigured,
    PeerNotFound,
    PeerRefused,
    PeerResponseInvalid,
    PeerUnavailable,
    ServiceClients,
    ServiceTokens,
    ServiceTokenUnavailable,
)
from solidary_testing.identity_provider import IdentityProvider

IOM = UUID("4a2362a7-0000-4000-8000-000000000001")
CAUSE = Cause("referral", UUID(int=7), on_behalf_of=UUID(int=8))


class Answer(BaseModel):
    size: int


ANSWER = TypeAdapter(Answer)
Handler = Callable[[httpx.Request], httpx.Response]


def peer(handler: Handler, tokens: ServiceTokens | None = None, origin: Origin = CAUSE) -> Peer:
    http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    clients = ServiceClients({"intake": "http://intake.example/"}, http, tokens)
    return clients.peer("intake", agency=IOM, origin=origin)


@pytest.fixture
async def tokens(provider: IdentityProvider) -> AsyncIterator[ServiceTokens]:
    tokens = ServiceTokens(token_url=provider.token_url, client_id="svc-cash", client_secret="secret")
    yield tokens
    await tokens.close()


async def test_call_without_a_human_has_a_cause_and_carries_the_services_own_token(
    provider: IdentityProvider, tokens: ServiceTokens
) -> None:
    received: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        received.append(request)
        return httpx.Response(200, json={"size": 3})

    intake = peer(handler, tokens)
    assert await intake.get("/profiles/7", ANSWER, params={"package_id": "1"}) == Answer(size=3)
    assert await intake.post("/payees", ANSWER, json=[1]) == Answer(size=3)
    assert [(request.method, str(request.url)) for request in received] == [
        ("GET", "http://intake.example/profiles/7?package_id=1"),
        ("POST", "http://intake.example/payees"),
    ]
    for request in received:
        assert request.headers["Solidary-Agency"] == str(IOM)
        assert request.headers["Authorization"] == "Bearer token-1"
        assert request.headers["Solidary-Cause"] == f"referral:{UUID(int=7)}"
        assert request.headers["Solidary-On-Behalf-Of"] == str(UUID(int=8))
    assert provider.token_requests[0]["grant_type"] == ["client_credentials"]


async def test_call_in_a_request_carries_its_human_and_no_cause(
    provider: IdentityProvider, tokens: ServiceTokens
) -> None:
    received: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        received.append(request)
        return httpx.Response(200, json={"size": 3})

    human = HumanRequest("rosa", int(time.time()) + 300)
    await peer(handler, tokens, human).get("/packages/7", ANSWER)
    (request,) = received
    assert request.headers["Authorization"] == "Bearer token-1"
    assert not {"solidary-cause", "solidary-on-behalf-of"} & set(request.headers)
    assert provider.token_requests[0]["subject_token"] == ["rosa"]


def test_unknown_peer_is_refused_by_name() -> None:
    clients = ServiceClients({"intake": "http://intake.example/"}, httpx.AsyncClient())
    with pytest.raises(PeerNotConfigured, match=r"market.*SOLIDARY_PEERS"):
        clients.peer("market", agency=IOM, origin=CAUSE)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, PeerNotFound),
        (410, PeerNotFound),
        (429, PeerUnavailable),
        (500, PeerUnavailable),
        (503, PeerUnavailable),
        (302, PeerRefused),
        (401, PeerRefused),
        (403, PeerRefused),
        (422, PeerRefused),
    ],
)
async def test_each_status_is_one_error(status: int, error: type[Problem]) -> None:
    with pytest.raises(error) as raised:
        await peer(lambda _: httpx.Response(status)).get("/profiles/7", ANSWER)
    assert type(raised.value) is error


async def test_peer_that_does_not_answer_is_unavailable() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("no route", request=request)

    with pytest.raises(PeerUnavailable, match="ConnectTimeout"):
        await peer(handler).get("/profiles/7", ANSWER)


async def test_missing_token_makes_the_peer_unavailable(
    provider: IdentityProvider, tokens: ServiceTokens
) -> None:
    provider.status = 500
    with pytest.raises(ServiceTokenUnavailable):
        await peer(lambda _: httpx.Response(200), tokens).get("/", ANSWER)
    assert issubclass(ServiceTokenUnavailable, PeerUnavailable)


@pytest.mark.parametrize("body", ['{"size": "Rosa"}', "Rosa", ""])
async def test_unreadable_response_is_an_error_without_its_content(body: str) -> None:
    with pytest.raises(PeerResponseInvalid) as raised:
        await peer(lambda _: httpx.Response(200, text=body)).get("/profiles/7", ANSWER)
    assert "Rosa" not in str(raised.value)
    assert raised.value.__cause__ is None
