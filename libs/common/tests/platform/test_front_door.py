"""The trust of a service in requests that a front door forwarded, and in those that only pretend it."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from solidary.platform.web.front_door import FrontDoor, is_through_front_door
from solidary.platform.web.request_state import service_path

DOOR, STRANGER = "10.0.0.2", "10.0.0.9"
FORWARDED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/api/intake/v1",
}
TRUSTED = (ip_network("10.0.0.2/32"), ip_network("fd00::/64"))

app = FastAPI(redirect_slashes=False)
app.add_middleware(FrontDoor, trusted=TRUSTED)


@app.get("/people/{person}")
async def read(person: str, request: Request, response: Response, to: str = "") -> dict[str, Any]:
    if to:
        response.headers["Location"] = to
    assert request.client is not None
    return {
        "client": request.client.host,
        "scheme": request.url.scheme,
        "path": service_path(request.scope),
        "openapi": request.url_for("openapi").path,
        "through": is_through_front_door(request),
    }


@app.get("/health/ready")
async def ready() -> str:
    return "ready"


async def get(path: str, headers: dict[str, str], *, peer: str = DOOR) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
        return await client.get(path, headers=headers)


async def test_request_of_the_front_door_is_as_its_client_sees_it():
    assert (await get("/people/7?to=/people/8", FORWARDED)).json() == {
        "client": "203.0.113.7",
        "scheme": "https",
        "path": "/people/7",
        "openapi": "/api/intake/v1/openapi.json",
        "through": True,
    }


async def test_request_of_anybody_else_is_as_it_arrives():
    answer = await get("/people/7?to=/people/8", FORWARDED, peer=STRANGER)
    assert answer.headers["location"] == "/people/8"
    assert answer.json() == {
        "client": STRANGER,
        "scheme": "http",
        "path": "/people/7",
        "openapi": "/openapi.json",
        "through": False,
    }


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("fd00::1", "fd00::1"),
        ("nonsense", DOOR),
        ("203.0.113.7, nonsense", DOOR),
        ("", DOOR),
    ],
)
async def test_client_is_whom_the_outermost_trusted_proxy_saw(forwarded_for, client):
    answer = await get("/people/7", {**FORWARDED, "X-Forwarded-For": forwarded_for})
    assert answer.json()["client"] == client


@pytest.mark.parametrize(
    "prefix", ["", "api", "//evil.example", "/api//v1", "/API", "/a b", "/a\\b", "/a/../b", "/%2e"]
)
async def test_prefix_that_is_no_plain_path_is_ignored(prefix):
    answer = await get("/people/7?to=/people/8", {**FORWARDED, "X-Forwarded-Prefix": prefix})
    assert answer.headers["location"] == "/people/8"
    assert answer.json()["openapi"] == "/openapi.json"


@pytest.mark.parametrize("scheme", ["ftp", "javascript", "https, http", ""])
async def test_other_schemes_are_ignored(scheme):
    answer = await get("/people/7", {**FORWARDED, "X-Forwarded-Proto": scheme})
    assert answer.json()["scheme"] == "http"


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/people/8", "/api/intake/v1/people/8"),
        ("//evil.example/x", "//evil.example/x"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
    ],
)
async def test_location_within_the_service_gets_the_prefix(location, shown):
    answer = await get(f"/people/7?to={location}", FORWARDED)
    assert answer.headers["location"] == shown


@pytest.mark.parametrize("path", ["/health/ready", "/health", "/%68ealth/ready", "/health%2Fready"])
async def test_health_is_not_shown_through_the_front_door(path):
    assert (await get(path, FORWARDED)).status_code == 404


async def test_health_is_shown_to_the_orchestrator():
    assert (await get("/health/ready", {})).json() == "ready"


async def test_description_names_the_server_of_its_caller():
    through = (await get("/openapi.json", FORWARDED)).json()
    assert through["servers"] == [{"url": "/api/intake/v1"}]
    assert "servers" not in (await get("/openapi.json", {})).json()


async def test_slash_at_the_end_leads_nowhere():
    assert (await get("/people/7/", FORWARDED)).status_code == 404
