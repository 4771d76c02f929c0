"""The name of a request, the notice of a route's end, and calls from other origins."""

from __future__ import annotations

import logging
from datetime import date
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from solidary.language.problems import NotFound
from solidary.platform.settings import Settings
from solidary.platform.telemetry.logs import JsonFormatter
from solidary.platform.web import error_handlers, public
from solidary.platform.web.cors import cors
from solidary.platform.web.deprecation import deprecated
from solidary.platform.web.request_id import RequestId
from solidary.platform.web.response_headers import ResponseHeaders
from starlette.middleware.cors import CORSMiddleware

ORIGIN = "https://agency.example"
app = FastAPI()
error_handlers.install(app)
app.add_middleware(ResponseHeaders)
app.add_middleware(RequestId)
app.add_middleware(CORSMiddleware, **cors([ORIGIN]))


@app.get("/missing")
@public
async def missing() -> None:
    raise NotFound


@app.get("/line")
@public
async def line() -> str:
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "a line", None, None)
    return JsonFormatter("intake", "api").format(record)


@app.get("/old")
@deprecated(since=date(2027, 1, 15), sunset=date(2027, 7, 15))
@public
async def old() -> None: ...


async def send(method: str, path: str, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.request(method, path, headers=names)


async def test_name_that_a_caller_chose_is_in_response_problem_and_log_line():
    problem = await send("GET", "/missing", X_Request_Id="agency-2027.0001_a")
    assert problem.headers["x-request-id"] == problem.json()["request_id"] == "agency-2027.0001_a"
    logged = await send("GET", "/line", X_Request_Id="agency-2027.0001_a")
    assert '"request": "agency-2027.0001_a"' in logged.json()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "short",
        "a" * 65,
        "a" * 10_000,
        "a b c d e f",
        "line\tline",
        "ñandú-ñandú",
        '{"a":"bcdef"}',
        "--------",
    ],
)
async def test_name_in_another_form_is_replaced(name):
    problem = await send("GET", "/missing", X_Request_Id=name.encode("latin-1"))
    made = problem.headers["x-request-id"]
    assert UUID(made).version == 4
    assert problem.json()["request_id"] == made


async def test_each_request_without_a_name_gets_its_own():
    names = {(await send("GET", "/line")).headers["x-request-id"] for _ in range(3)}
    assert len(names) == 3


async def test_route_that_ends_announces_it():
    answer = await send("GET", "/old")
    assert answer.headers["deprecation"] == "@1799971200"
    assert answer.headers["sunset"] == "Thu, 15 Jul 2027 00:00:00 GMT"
    assert "deprecation" not in (await send("GET", "/line")).headers


def test_route_ends_half_a_year_after_its_announcement_at_the_earliest():
    with pytest.raises(ValueError, match="180 days"):
        deprecated(since=date(2027, 1, 15), sunset=date(2027, 2, 15))


async def test_listed_origin_may_call_without_its_visitors_cookies():
    preflight = await send(
        "OPTIONS",
        "/line",
        Origin=ORIGIN,
        Access_Control_Request_Method="PUT",
        Access_Control_Request_Headers="authorization,if-match",
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    answer = await send("GET", "/line", Origin=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["vary"] == "Origin"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in {*preflight.headers, *answer.headers}


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://agency.example", "https://agency.example.evil.example", "null"]
)
async def test_other_origin_is_not_admitted(origin):
    answer = await send("GET", "/line", Origin=origin)
    assert "access-control-allow-origin" not in answer.headers
    preflight = await send("OPTIONS", "/line", Origin=origin, Access_Control_Request_Method="GET")
    assert preflight.status_code == 400


@pytest.mark.parametrize(
    "origins", ["*", "https://*.example", "agency.example", "https://a.example/", "null"]
)
def test_origins_are_listed_one_by_one(origins):
    with pytest.raises(ValidationError, match="is no origin"):
        Settings(country="PA", issuer="http://i", jwks_url="http://i", cors_origins=origins)  # type: ignore[arg-type]
