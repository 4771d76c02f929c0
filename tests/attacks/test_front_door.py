"""Attack: be somebody else, go somewhere else or hold up everybody at the front door."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psutil
import pytest
from solidary.platform.identity import API_PAGES_CLIENT, Duty
from solidary.platform.registry import load_service, service_names

from tests.attacks.test_realm import Browser, headers_of
from tests.isolation.operations import OPERATIONS, Operation, for_each

SPOOFED = {
    "X-Forwarded-For": "198.51.100.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "198.51.100.1",
    "Forwarded": "for=198.51.100.1;host=evil.example;proto=https",
}


@pytest.fixture(scope="module")
def door(scenario_run) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=scenario_run.run.address, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def desk(tokens) -> dict[str, str]:
    return tokens.of("unhcr", Duty.FRONT_DESK)


def raw(address: str, request: bytes, *, seconds: float = 60) -> bytes:
    """Send bytes as they are, and return what arrives until the server closes the connection."""
    place = urlsplit(address)
    assert place.hostname is not None
    received = b""
    with socket.create_connection((place.hostname, place.port or 80), timeout=seconds) as connection:
        connection.sendall(request)
        while part := connection.recv(65536):
            received += part
    return received


def request_line(address: str, line: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([line, f"Host: {urlsplit(address).netloc}", *headers, "", ""]).encode() + body


def test_index_page_names_every_service_and_runs_nothing(door):
    page = door.get("/api/")
    assert page.status_code == 200
    for service in service_names():
        assert f'href="/api/{service}/v1/docs"' in page.text
        assert door.get(f"/api/{service}/v1/docs").status_code == 200
    assert 'lang="es"' in page.text
    assert 'lang="en"' in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src")


def test_events_are_a_page_that_runs_nothing_and_needs_no_other_host(door):
    page = door.get("/events/")
    language = door.get("/events/asyncapi.json").json()
    for message in language["components"]["messages"].values():
        assert f'<h3 id="{message["name"]}">' in page.text
    links = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert all(door.get(f"/events/{link}").status_code == 200 for link in links if link[0] not in "/d")
    assert not [link for link in links if "//" in link]
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src")


def test_page_of_an_api_logs_a_person_in(scenario_run, door):
    run = scenario_run.run
    back, user = f"{run.apis['referrals']}/oauth2-redirect.html", run.users["iom.provider"]
    description = door.get("/api/referrals/v1/docs/openapi.json").json()
    flow = description["components"]["securitySchemes"]["login"]["flows"]["authorizationCode"]
    assert flow["tokenUrl"] == run.keycloak.public_token_url
    assert set(flow["scopes"]) == {"openid", "organization:*", "to-referrals"}
    assert door.get(back).status_code == 200
    browser = Browser(run, API_PAGES_CLIENT, back)
    browser.open(acr="otp")
    browser.log_in(user)
    browser.send_code(user)
    headers = headers_of(browser.tokens())
    answer = door.get("/api/referrals/v1/directory/services", headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "path", ["/api/referrals/v1/docs", "/api/other/v1/oauth2-redirect.html", "/", "//evil.example/"]
)
def test_login_of_a_page_leads_back_to_it_only(scenario_run, path):
    run = scenario_run.run
    for address in (run.address, "https://evil.example", f"{run.address}@evil.example"):
        browser = Browser(run, API_PAGES_CLIENT, address + path)
        browser.open()
        assert browser.page.status_code == 400


def test_issuer_is_the_front_door_inside_and_outside(scenario_run, door):
    run = scenario_run.run
    public = door.get("/auth/realms/solidary/.well-known/openid-configuration").json()
    inside = httpx.get(f"{run.keycloak.url}/realms/solidary/.well-known/openid-configuration").json()
    assert public["issuer"] == inside["issuer"] == f"{run.address}/auth/realms/solidary"
    assert public["token_endpoint"].startswith(public["issuer"])
    assert public["authorization_endpoint"].startswith(public["issuer"])


@pytest.mark.parametrize("header", SPOOFED)
def test_spoofed_forwarding_header_changes_no_address_of_an_answer(scenario_run, door, desk, header):
    run = scenario_run.run
    spoofed = {header: SPOOFED[header]}
    description = door.get("/api/referrals/v1/", headers=spoofed).json()
    assert description["openapi_url"] == f"{run.address}/api/referrals/v1/openapi.json"
    servers = door.get("/api/referrals/v1/openapi.json", headers=spoofed).json()["servers"]
    assert servers == [{"url": "/api/referrals/v1"}]
    configuration = door.get("/auth/realms/solidary/.well-known/openid-configuration", headers=spoofed)
    assert configuration.json()["issuer"] == run.keycloak.issuer
    wanted = {"given_name": "Nadie"}
    found = door.post("/api/intake/v1/people/search", headers={**desk, **spoofed}, json=wanted)
    location = found.headers["location"]
    assert location == f"/api/intake/v1/searches/{found.json()['search_id']}"
    assert door.get(location, headers=desk).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_host_gets_nothing_and_no_link_to_itself(scenario_run, method):
    for path in ("/", "/api/referrals/v1/", "/auth/realms/solidary/account", "/api/intake/v1/people/"):
        answer = httpx.request(
            method, scenario_run.run.address + path, headers={"Host": "evil.example"}, follow_redirects=False
        )
        assert answer.status_code == 421
        assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "path", ["/api/intake/v1/people/", "//evil.example/%2f..", "/api/intake/v1//evil.example/"]
)
def test_no_path_redirects_to_another_host(scenario_run, path):
    address = scenario_run.run.address
    answer = raw(address, request_line(address, f"GET {path} HTTP/1.1", "Connection: close"))
    assert re.match(rb"HTTP/1\.1 (200|404) ", answer)  # the shortest way to write one of them is `/`
    assert b"location:" not in answer.lower()


INTERNAL = (
    "/api/{service}/v1/health/live",
    "/api/{service}/v1/health/ready",
    "/api/{service}/v1//health/ready",
    "/api/{service}/v1/%68ealth/ready",
    "/api/{service}/v1/docs/../health/ready",
    "/api/{service}/v1/docs/%2e%2e/health/ready",
    "/api/{service}/v1/docs/files/..%2f..%2fhealth/ready",
    "/api/{service}/v1/api/{service}/v1/health/ready",
    "/api/{service}/v1/metrics",
    "/api/{service}/health/ready",
    "//api/{service}/v1/health/ready",
)


@pytest.mark.parametrize("path", INTERNAL)
@pytest.mark.parametrize("service", service_names())
def test_internal_pages_of_a_service_are_not_at_the_door(scenario_run, service, path):
    line = f"GET {path.format(service=service)} HTTP/1.1"
    answer = raw(scenario_run.run.address, request_line(scenario_run.run.address, line, "Connection: close"))
    assert answer.startswith(b"HTTP/1.1 404 "), answer[:200]


ADMINISTRATION = (
    *("/auth/admin", "/auth/admin/", "/auth/admin/master/console/", "/auth/admin/realms/solidary/users"),
    *("/auth//admin/realms", "/auth/%61dmin/realms", "/AUTH/admin/realms", "/auth/admin%2frealms"),
    *("/auth/realms/../admin/realms", "/auth/realms/%2e%2e/admin/realms", "/auth/realms/..;/admin/realms"),
    *("/auth/;x/admin/realms", "/auth/realms/..%5cadmin", "/auth/metrics", "/auth/health", "/auth/"),
    *("/api/intake/v1/../../../auth/admin/realms", "/config/", "/load", "/debug/pprof/"),
)


@pytest.mark.parametrize("path", ADMINISTRATION)
def test_administration_is_not_at_the_door(scenario_run, path):
    run = scenario_run.run
    form = run.keycloak.provisioner
    token = httpx.post(
        f"{run.keycloak.url}/realms/master/protocol/openid-connect/token",
        data={
            "grant_type": "client_credentials",
            "client_id": form.username,
            "client_secret": form.password,
        },
    ).json()["access_token"]
    request = request_line(
        run.address, f"GET {path} HTTP/1.1", f"Authorization: Bearer {token}", "Connection: close"
    )
    assert raw(run.address, request).startswith(b"HTTP/1.1 404 ")


def test_door_has_no_interface_for_changes(scenario_run):
    process = scenario_run.platform.stack.processes.find("caddy")
    assert isinstance(process, psutil.Process)
    listening = {
        connection.laddr
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    place = urlsplit(scenario_run.run.address)
    assert {tuple(address) for address in listening} == {(place.hostname, place.port)}
    assert not [each for each in process.net_connections("unix") if each.laddr]


FOR_SERVICES = [operation for operation in OPERATIONS if operation.declaration.reach == "service"]


@for_each(*FOR_SERVICES)
def test_service_calls_no_other_through_the_door(scenario_run, door, tokens, operation: Operation):
    caller = min(operation.declaration.services)
    path = re.sub(r"\{\w+\}", str(uuid4()), operation.route.path)
    agency = next(iter(scenario_run.run.agencies.values()))
    headers = tokens.service(caller, acting_for=agency)
    answer = door.request(operation.method, f"/api/{operation.service}/v1{path}", headers=headers)
    assert answer.status_code in (403, 422), answer.text
    assert answer.status_code == 422 or "front door" in answer.text or operation.declaration.duties


def test_body_over_the_limit_of_all_routes_is_refused(scenario_run, desk):
    address, size = scenario_run.run.address, load_service("intake").largest_body + 1
    for method, length in (("POST", f"Content-Length: {size}"), ("PUT", f"Content-Length: {10**15}")):
        token = f"Authorization: {desk['Authorization']}"
        request = request_line(address, f"{method} /api/intake/v1/people/search HTTP/1.1", token, length)
        answer = raw(address, request + b"{")
        assert answer.startswith(b"HTTP/1.1 413 ")
    endless = request_line(address, "POST /auth/realms/solidary/x HTTP/1.1", f"Content-Length: {10**9}")
    assert raw(address, endless + b"a").startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("rest", [50, 100_000, 1_900_000])
@pytest.mark.parametrize("is_known", [True, False])
def test_stalled_body_ends_with_its_connection(scenario_run, desk, rest, is_known):
    address = scenario_run.run.address
    token = [f"Authorization: {desk['Authorization']}"] if is_known else []
    headers = [*token, "Content-Type: application/json", f"Content-Length: {rest + 1}"]
    request = request_line(address, "POST /api/intake/v1/people/search HTTP/1.1", *headers)
    answer = raw(address, request + b"{")
    assert answer.startswith(b"HTTP/1.1 408 " if is_known else b"HTTP/1.1 401 ")


def test_stalled_header_ends_with_its_connection(scenario_run):
    address = scenario_run.run.address
    for request in (b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "):
        assert b" 200 " not in raw(address, request)
    large = request_line(address, "GET / HTTP/1.1", "X-A: " + "a" * 70_000)
    assert raw(address, large).startswith(b"HTTP/1.1 431 ")


SMUGGLED = "GET /api/intake/v1/people HTTP/1.1\r\nHost: evil\r\n\r\n"
SHAPES = {
    "length and chunks": (["Content-Length: 4", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
    "two lengths": (["Content-Length: 0", "Content-Length: 44"], ""),
    "lengths in a list": (["Content-Length: 0, 44"], ""),
    "signed length": (["Content-Length: +0"], ""),
    "chunks, spelt otherwise": (["Transfer-Encoding: xchunked"], "0\r\n\r\n"),
    "chunks twice": (["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], "0\r\n\r\n"),
    "space before the colon": (["Transfer-Encoding : chunked"], "0\r\n\r\n"),
    "folded header": (["X-A: b", " Transfer-Encoding: chunked"], "0\r\n\r\n"),
    "wrong chunk size": (["Transfer-Encoding: chunked"], "0x0\r\n\r\n"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_second_request_in_the_first_is_not_served(scenario_run, door, shape):
    address = scenario_run.run.address
    headers, body = SHAPES[shape]
    first = request_line(address, "POST /api/referrals/v1/services HTTP/1.1", *headers)
    answer = raw(address, first + body.encode() + SMUGGLED.encode())
    statuses = re.findall(rb"HTTP/1\.1 (\d+) ", answer)
    assert statuses[0] in (b"400", b"405", b"501", b"502"), answer
    # Whatever is left, the front door reads as a request of its own, for a host that it does not have.
    assert set(statuses[1:]) <= {b"400", b"421"}, answer
    for _ in range(5):
        assert door.get("/api/referrals/v1/").json()["version"] == "3.1"


@pytest.mark.parametrize("name", ["a" * 10_000, "x\ty", "x\x0by" * 3, '","level":"ERROR', "ñ" * 20])
def test_name_of_a_request_is_taken_in_a_plain_form_only(scenario_run, name):
    address = scenario_run.run.address
    header = f"X-Request-Id: {name}".encode("latin-1")
    request = request_line(address, "GET /api/intake/v1/people/x HTTP/1.1", "Connection: close")
    answer = raw(address, request[:-2] + header + b"\r\n\r\n")
    assert name.encode("latin-1") not in answer
    if not answer.startswith(b"HTTP/1.1 400 "):  # the front door itself refuses control characters
        assert re.search(rb"(?i)x-request-id: [0-9a-f-]{36}\r\n", answer)


def test_foreign_page_may_not_call(door, desk):
    for origin in ("https://evil.example", "null"):
        answer = door.get("/api/intake/v1/work", headers={**desk, "Origin": origin})
        assert not [name for name in answer.headers if name.startswith("access-control")]
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        assert not door.options("/api/intake/v1/work", headers=asked).is_success


def test_door_logs_no_query_no_header_and_no_id(scenario_run, door, desk):
    word, person = f"q{uuid4().hex}", str(uuid4())
    door.get(f"/api/intake/v1/people/{person}?name={word}", headers={**desk, "Referer": word})
    door.get(f"/{word}?{word}")
    door.post("/auth/realms/solidary/protocol/openid-connect/token", params={"code": word})
    log = (scenario_run.platform.stack.folder / "logs/caddy.log").read_text()
    paths = [json.loads(line).get("request", {}).get("uri") for line in log.splitlines()]
    assert "/api/intake/v1/people" in paths
    assert person not in log
    assert f"?{word}" not in log
    assert f"={word}" not in log
    assert desk["Authorization"][7:] not in log
