from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter
from solidary.language.problems import Problem
from solidary.platform.clients import (
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


class Answer(BaseModel):
    size: int


ANSWER = TypeAdapter(Answer)
Handler = Callable[[httpx.Request], httpx.Response]


def clients(handler: Handler, tokens: ServiceTokens | None = None) -> ServiceClients:
    http = httpx.AsyncClient(transport=httpx.MockTransport(handler), auth=tokens)
    return ServiceClients({"intake": "http://intake.example/"}, http)


@pytest.fixture
def tokens(provider: IdentityProvider) -> ServiceTokens:
    return ServiceTokens(token_url=provider.token_url, client_id="svc-cash", client_secret="secret")


async def test_call_names_the_agency_and_carries_the_services_own_token(tokens: ServiceTokens) -> None:
    received: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        received.append(request)
        return httpx.Response(200, json={"size": 3})

    intake = clients(handler, tokens).peer("intake", agency=IOM)
    assert await intake.get("/profiles/7", ANSWER, params={"package_id": "1"}) == Answer(size=3)
    assert await intake.post("/payees", ANSWER, json=[1]) == Answer(size=3)
    assert [(request.method, str(request.url)) for request in received] == [
        ("GET", "http://intake.example/profiles/7?package_id=1"),
        ("POST", "http://intake.example/payees"),
    ]
    for request in received:
        assert request.headers["Solidary-Agency"] == str(IOM)
        assert request.headers["Authorization"] == "Bearer token-1"


def test_unknown_peer_is_refused_by_name() -> None:
    with pytest.raises(PeerNotConfigured, match=r"market.*SOLIDARY_PEERS"):
        clients(lambda _: httpx.Response(200)).peer("market", agency=IOM)


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
    intake = clients(lambda _: httpx.Response(status)).peer("intake", agency=IOM)
    with pytest.raises(error) as raised:
        await intake.get("/profiles/7", ANSWER)
    assert type(raised.value) is error


async def test_peer_that_does_not_answer_is_unavailable() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("no route", request=request)

    with pytest.raises(PeerUnavailable, match="ConnectTimeout"):
        await clients(handler).peer("intake", agency=IOM).get("/profiles/7", ANSWER)


async def test_missing_token_makes_the_peer_unavailable(
    provider: IdentityProvider, tokens: ServiceTokens
) -> None:
    provider.status = 500
    with pytest.raises(ServiceTokenUnavailable):
        await clients(lambda _: httpx.Response(200), tokens).peer("intake", agency=IOM).get("/", ANSWER)
    assert issubclass(ServiceTokenUnavailable, PeerUnavailable)


@pytest.mark.parametrize("body", ['{"size": "Rosa"}', "Rosa", ""])
async def test_unreadable_response_is_an_error_without_its_content(body: str) -> None:
    intake = clients(lambda _: httpx.Response(200, text=body)).peer("intake", agency=IOM)
    with pytest.raises(PeerResponseInvalid) as raised:
        await intake.get("/profiles/7", ANSWER)
    assert "Rosa" not in str(raised.value)
    assert raised.value.__cause__ is None
