"""The client against a server of a few lines: tokens, retries, keys, pages, the feed and changes, in both forms."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from solidary_client import AsyncSolidary, Refused, Retries, Solidary
from solidary_client import login as login_module

ADDRESS = "https://solidary.example"
AT_ONCE = Retries(first=0.0)
Handler = Callable[[httpx.Request], httpx.Response]


class Server:
    """Records each request, gives tokens, and answers the rest by a function."""

    def __init__(self, answer: Handler, *, expires_in: int = 60) -> None:
        self.answer, self.expires_in = answer, expires_in
        self.requests: list[httpx.Request] = []
        self.tokens = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            self.tokens += 1
            granted = {"access_token": f"token-{self.tokens}", "expires_in": self.expires_in}
            return httpx.Response(200, json=granted)
        self.requests.append(request)
        return self.answer(request)


class Either:
    """The client in one of its forms, called in the same way."""

    def __init__(self, kind: type[Solidary | AsyncSolidary], server: Server, **kwargs: Any) -> None:
        transport: Any = httpx.MockTransport(server)
        self.client = kind(
            ADDRESS, "unhcr-records", "s", transport=transport, **{"retries": AT_ONCE, **kwargs}
        )

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            if inspect.isasyncgen(result):
                return asyncio.run(_listed(result))
            return asyncio.run(_awaited(result)) if inspect.isawaitable(result) else result

        return call


async def _listed(items: Any) -> list[Any]:
    return [each async for each in items]


async def _awaited(result: Any) -> Any:
    return await result


@pytest.fixture(params=[Solidary, AsyncSolidary])
def client(request: pytest.FixtureRequest) -> Callable[..., Either]:
    """A function that makes a client of one of both forms."""
    return lambda server, **kwargs: Either(request.param, server, **kwargs)


def problem(status: int, **members: Any) -> httpx.Response:
    document = {"type": "urn:solidary:problem:x", "title": "No", "status": status, **members}
    return httpx.Response(status, json=document, headers={"content-type": "application/problem+json"})


def in_turn(*answers: httpx.Response | Exception) -> Handler:
    remaining = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        found = next(remaining)
        if isinstance(found, Exception):
            raise found
        return found

    return answer


def test_one_token_serves_many_requests_and_goes_to_the_instance_alone(client):
    server = Server(lambda request: httpx.Response(200, json={}))
    solidary = client(server, agency="a-1")
    for path in ("/people/1", "/people/2"):
        solidary.call("intake", "GET", path)
    solidary.call("intake", "GET", "https://elsewhere.example/people/3")
    assert server.tokens == 1
    assert [str(each.url) for each in server.requests[:1]] == [f"{ADDRESS}/api/intake/v1/people/1"]
    assert [each.headers.get("authorization") for each in server.requests] == ["Bearer token-1"] * 2 + [None]
    assert server.requests[0].headers["solidary-agency"] == "a-1"


def test_token_is_renewed_before_it_ends_and_once_when_it_is_refused(client, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(login_module.time, "monotonic", lambda: now[0])
    statuses = iter((200, 200, 401, 200, 401, 401))
    server = Server(
        lambda request: httpx.Response(200, json={}) if (s := next(statuses)) == 200 else problem(s)
    )
    solidary = client(server)
    solidary.call("intake", "GET", "/")
    now[0] += 51
    solidary.call("intake", "GET", "/")
    assert server.tokens == 2
    solidary.call("intake", "GET", "/")  # 401, and accepted with the third token
    assert server.tokens == 3
    with pytest.raises(Refused) as refused:
        solidary.call("intake", "GET", "/")
    assert (refused.value.status, server.tokens) == (401, 4)


def test_refused_login_is_raised_and_not_repeated(client):
    solidary = client(lambda request: httpx.Response(401, json={"error": "unauthorized_client"}))
    with pytest.raises(Refused) as refused:
        solidary.call("intake", "GET", "/")
    assert refused.value.status == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "PATCH", "DELETE"])
def test_request_is_sent_again_with_the_same_key_and_body(client, method):
    failures = (problem(503), httpx.ConnectError("no"), httpx.ReadTimeout("late"), problem(429))
    server = Server(in_turn(*failures, httpx.Response(201, json={"id": "1"})))
    assert client(server).call("intake", method, "/visits", json={"a": 1}) == {"id": "1"}
    assert {each.content for each in server.requests} == {b'{"a":1}'}
    keys = [each.headers.get("idempotency-key") for each in server.requests]
    assert (len(set(keys)), keys[0] is None) == (1, method != "POST")
    own = Server(lambda request: httpx.Response(200, json={}))
    client(own).call("intake", "POST", "/visits", headers={"Idempotency-Key": "mine"})
    assert own.requests[0].headers["idempotency-key"] == "mine"


@pytest.mark.parametrize(
    ("status", "headers", "sent"),
    [
        (500, {}, 1),
        (409, {}, 1),
        (302, {"location": "https://elsewhere.example"}, 1),
        (503, {}, AT_ONCE.attempts),
        (503, {"retry-after": "86400"}, 1),
    ],
)
def test_client_gives_up_where_repeating_does_not_help_or_would_not_end(client, status, headers, sent):
    server = Server(lambda request: httpx.Response(status, headers=headers))
    with pytest.raises(Refused):
        client(server).call("intake", "GET", "/")
    assert len(server.requests) == sent


def test_wait_that_the_service_asks_for_is_kept_and_others_grow_to_a_bound():
    retries = Retries(attempts=20, first=0.5, longest=60)
    asked = httpx.Response(429, headers={"retry-after": "7"})
    assert 7 <= (retries.pause(1, asked) or 0) <= 7.5
    for header in ("soon", "", "-1", "1e9", "²"):
        pause = retries.pause(1, httpx.Response(503, headers={"retry-after": header.encode()}))
        assert pause is not None
        assert 0.25 <= pause <= 0.5, header
    assert (
        retries.pause(1, httpx.Response(503, headers={"retry-after": "Mon, 30 Nov 2020 00:00:00 GMT"})) or 0
    ) < 1
    assert all(0 < (retries.pause(attempt) or 0) <= 60 for attempt in range(1, 20))
    assert retries.pause(20) is None


def test_refusal_has_what_the_problem_states(client):
    fault = {"pointer": "/born", "detail": "This day is in the future."}
    server = Server(in_turn(problem(422, detail="It is not valid.", errors=[fault], request_id="r-12345678")))
    with pytest.raises(Refused, match="It is not valid") as refused:
        client(server).call("intake", "PUT", "/registrations/1", json={})
    assert (refused.value.errors, refused.value.request_id) == ([fault], "r-12345678")


def test_list_is_read_to_its_end(client):
    pages = {
        None: {"items": [1, 2], "next": "b"},
        "b": {"items": [], "next": "c"},
        "c": {"items": [3], "next": None},
    }
    server = Server(lambda request: httpx.Response(200, json=pages[request.url.params.get("after")]))
    assert list(client(server).items("intake", "/visits", limit=2)) == [1, 2, 3]
    assert {each.url.params["limit"] for each in server.requests} == {"2"}


def test_feed_goes_on_from_the_position_that_the_caller_kept(client):
    answers = {
        None: {"items": [{"id": "1"}], "next": "p1", "has_more": True},
        "p1": {"items": [], "next": "p2", "has_more": True},
        "p2": {"items": [{"id": "2"}], "next": "p3", "has_more": False},
        "p3": {"items": [], "next": "p3", "has_more": False},
    }
    server = Server(lambda request: httpx.Response(200, json=answers[request.url.params.get("after")]))
    batches = list(client(server).feed(types=["a", "b"], wait=0))
    assert [(batch.events[0]["id"], batch.position) for batch in batches] == [("1", "p1"), ("2", "p3")]
    assert server.requests[0].url.params.get_list("type") == ["a", "b"]
    assert list(client(server).feed("p3", wait=0)) == []


def test_change_is_made_anew_on_what_somebody_else_wrote(client):
    stored = {"count": 0, "theirs": 0}

    def answer(request: httpx.Request) -> httpx.Response:
        version = f'"{stored["count"]}-{stored["theirs"]}"'
        if request.method == "GET":
            shown = httpx.Response(200, json=dict(stored), headers={"etag": version})
            if stored["theirs"] < 2:
                stored["theirs"] += 1
            return shown
        if request.headers["if-match"] != version:
            return problem(412)
        stored.update(json.loads(request.content))
        return httpx.Response(200, json=stored)

    server = Server(answer)
    changed = client(server).change("intake", "/x", lambda read: {**read, "count": read["count"] + 1})
    assert changed == {"count": 1, "theirs": 2}
    never = Server(
        lambda request: (
            problem(412) if request.method == "PUT" else httpx.Response(200, json={}, headers={"etag": '"a"'})
        )
    )
    with pytest.raises(Refused):
        client(never).change("intake", "/x", dict)


@pytest.mark.parametrize("kind", [Solidary, AsyncSolidary])
def test_secret_is_sent_by_https_only_unless_it_stays_on_this_machine(kind):
    for address in (
        "http://solidary.example",
        "http://10.0.0.1",
        "http://localhost.example",
        "ftp://127.0.0.1",
    ):
        if address.startswith("http:"):
            with pytest.raises(ValueError, match="https"):
                kind(address, "c", "s")
    for address in ("http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:8080"):
        assert not str(kind(address, "c", "s").address).endswith("/")
    assert kind("http://intake.internal", "c", "s", allow_http=True)
