import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode
from solidary.platform.telemetry import NATIVE_OFF, TraceRequests, carry_trace, set_agency, span, traceparent
from solidary.platform.telemetry.spans import agency
from solidary_testing.spans import Recorded, is_child

PERSON = UUID("5f0c1f0e-53d1-4a6c-8f3b-0d7c5a0f8f11")


def application() -> FastAPI:
    app, nested, router = (
        FastAPI(telemetry=NATIVE_OFF),
        APIRouter(prefix="/notes"),
        APIRouter(prefix="/people"),
    )

    @nested.get("/{note}")
    async def read_note(person: UUID, note: int) -> int:
        return note

    @router.get("/{person}")
    async def read(person: UUID) -> dict[str, str | None]:
        set_agency(PERSON)
        return {"traceparent": traceparent()}

    @router.post("/{person}/refused")
    async def refuse(person: UUID) -> None:
        raise HTTPException(409, "Yolanda")

    @router.post("/{person}/broken")
    async def fail(person: UUID) -> None:
        raise KeyError("Yolanda")

    router.include_router(nested, prefix="/{person}")
    app.include_router(router)
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(TraceRequests(application()), raise_app_exceptions=False)
    hooks = {"request": [carry_trace]}
    async with httpx.AsyncClient(transport=transport, base_url="http://intake", event_hooks=hooks) as client:
        yield client


async def server_span(client: httpx.AsyncClient, recorded: Recorded, method: str, path: str) -> ReadableSpan:
    await client.request(method, path)
    (server,) = [ended for ended in recorded() if ended.kind is SpanKind.SERVER]
    return server


@pytest.mark.parametrize(
    ("method", "path", "name", "status"),
    [
        ("GET", f"/people/{PERSON}?name=Yolanda", "GET /people/{person}", 200),
        ("GET", f"/people/{PERSON}/notes/7", "GET /people/{person}/notes/{note}", 200),
        ("GET", "/people/Yolanda", "GET /people/{person}", 422),
        ("POST", f"/people/{PERSON}/refused", "POST /people/{person}/refused", 409),
        ("POST", f"/people/{PERSON}/broken", "POST /people/{person}/broken", 500),
        ("GET", "/Yolanda", "GET", 404),
        ("YOLANDA", "/people", "_OTHER", 404),
    ],
)
async def test_request_is_named_by_its_route_without_its_path(
    client: httpx.AsyncClient, recorded: Recorded, method: str, path: str, name: str, status: int
) -> None:
    server = await server_span(client, recorded, method, path)
    assert server.name == name
    assert server.attributes is not None
    assert server.attributes["http.response.status_code"] == status
    assert "yolanda" not in server.to_json().lower()
    assert (server.status.status_code is StatusCode.ERROR) == (status >= 500)


async def test_request_continues_the_callers_trace(client: httpx.AsyncClient, recorded: Recorded) -> None:
    with span("caller"):
        answer = await client.get(f"/people/{PERSON}")
    server, caller = recorded()
    assert is_child(server, caller)
    assert answer.json()["traceparent"].split("-")[2] == f"{server.context.span_id:016x}"


@pytest.mark.parametrize("header", ["", "Yolanda", "00-0-0-01", "\xff"])
async def test_invalid_traceparent_starts_a_new_trace(
    client: httpx.AsyncClient, recorded: Recorded, header: str
) -> None:
    await client.get(f"/people/{PERSON}", headers=[(b"traceparent", header.encode("latin-1"))])
    (server,) = recorded()
    assert server.parent is None


async def test_request_cancelled_by_its_caller_is_no_failure(recorded: Recorded) -> None:
    async def never(scope: object, receive: object, send: object) -> None:
        await asyncio.Event().wait()

    scope = {"type": "http", "method": "GET", "headers": []}
    request = asyncio.create_task(TraceRequests(never)(scope, _nothing, _nothing))
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    (server,) = recorded()
    assert server.status.status_code is StatusCode.UNSET
    assert server.attributes == {"http.request.method": "GET"}


async def _nothing(*_: object) -> Any:
    return {}


async def test_no_traceparent_is_sent_outside_a_trace(recorded: Recorded) -> None:
    request = httpx.Request("GET", "http://intake/people")
    await carry_trace(request)
    assert "traceparent" not in request.headers


async def test_agency_of_a_request_ends_with_it(client: httpx.AsyncClient, recorded: Recorded) -> None:
    await client.get(f"/people/{PERSON}")
    assert agency.get() is None
    assert (recorded()[0].attributes or {})["solidary.agency"] == str(PERSON)
