"""Attack: stop the service for a whole city with one request, or with ten that never end."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psutil
import pytest
from solidary.language.problems import json_pointer
from solidary.platform.identity import Duty
from solidary.platform.registry import service_names

from tests.conftest import ScenarioRun
from tests.contract.test_bad_input import changed, paths
from tests.isolation.examples import document_of, example
from tests.isolation.operations import OPERATIONS, Operation, for_each

SLOW_SECONDS = 15.0
"""The time of an answer on a very busy machine; it takes a tenth of a second on an idle one."""
STALLED = 40
"""More than all connections to the database of one process."""
TAKES_JSON = [operation for operation in OPERATIONS if operation.body]
TYPES = {"Content-Type": "application/json"}

WRONG_TEXTS = {
    "half of a character": "\ud83d",
    "U+0000": "Ana\0",
    "no visible character": "\u200b\u200d",
    "a braille blank": "\u2800",
    "5,000 digits": "9" * 5000,
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def headers(scenario_run, agency_headers, headers_for):
    def of(operation: Operation) -> dict[str, str]:
        return headers_for(operation, next(iter(agency_headers))) | {"Idempotency-Key": str(uuid4())}

    return of


def path_of(operation: Operation) -> str:
    path = operation.route.path
    for name in operation.path_ids:
        path = path.replace(f"{{{name}}}", str(uuid4()))
    return path


@contextmanager
def stalled(
    url: str, method: str, path: str, headers: dict[str, str], *, length: int
) -> Iterator[socket.socket]:
    """Send a request whose body never arrives."""
    host = urlsplit(url)
    assert host.hostname is not None
    sent = {"Host": "x", **headers, **TYPES, "Content-Length": str(length)}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
    with socket.create_connection((host.hostname, host.port or 80), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"{")
        yield connection


def wait_until_read(base: str) -> None:
    """Wait until a service has read whatever was sent to it: the queues of all its connections are empty."""
    port, deadline = f"{urlsplit(base).port:04X}", time.monotonic() + 90
    while any(_is_unread(line.split(), port) for line in Path("/proc/net/tcp").read_text().splitlines()[1:]):
        assert time.monotonic() < deadline, "The service does not read its connections."
        time.sleep(0.01)


def _is_unread(connection: list[str], port: str) -> bool:
    is_open = connection[3] == "01"
    return is_open and connection[1].endswith(f":{port}") and not connection[4].endswith(":00000000")


@pytest.mark.parametrize("service", service_names())
def test_bodies_that_never_arrive_stop_nobody(scenario_run, tokens, headers, service):
    # On every route, also on those that take no body, all at once.
    base = scenario_run.run.services[service]
    attacked = [
        operation
        for operation in OPERATIONS
        if operation.service == service and operation.declaration.reach != "public"
    ]
    with ExitStack() as stack:
        for operation in attacked * (STALLED // len(attacked) + 1):
            stack.enter_context(
                stalled(base, operation.method, path_of(operation), headers(operation), length=50)
            )
        wait_until_read(base)
        # Without a free connection to the database it would be 503.
        answer = httpx.get(f"{base}/work", headers=tokens.of("unhcr", Duty.AUDITOR), timeout=20)
        assert answer.status_code == 200


def test_body_that_does_not_arrive_in_time_is_refused(scenario_run, tokens):
    base, desk = scenario_run.run.services["intake"], tokens.of("unhcr", Duty.FRONT_DESK)
    with stalled(base, "POST", "/people/search", desk, length=50) as connection:
        assert b" 408 " in connection.recv(200)


def test_body_of_a_stranger_is_not_read_at_all(scenario_run):
    base = scenario_run.run.services["intake"]
    with stalled(base, "POST", "/people/search", {}, length=1_000_000) as connection:
        assert b" 401 " in connection.recv(200)


def test_connections_without_a_complete_header_are_ended(scenario_run):
    url = urlsplit(scenario_run.run.services["intake"])
    address = (url.hostname, url.port)
    with ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(address, timeout=30)) for _ in range(300)]
        for number, connection in enumerate(idle):
            connection.sendall(b"GET /work HTTP/1.1\r\nHost: x\r\n" if number % 2 else b"")
        assert httpx.get(f"{scenario_run.run.services['intake']}/docs", timeout=20).status_code == 200
        assert [connection.recv(1) for connection in idle] == [b""] * len(idle)
        endless = stack.enter_context(socket.create_connection(address, timeout=30))
        with pytest.raises(OSError):
            for part in range(20):
                endless.sendall(b"GET /" if part == 0 else b"a" * 10_000)
                wait_until_read(scenario_run.run.services["intake"])


def memory(scenario_run: ScenarioRun, service: str) -> int:
    process = scenario_run.platform.stack.processes.find(service)
    assert isinstance(process, psutil.Process)
    return process.memory_info().rss


FLOODS = {
    "a list of zeros": lambda: b"[" + b",".join([b"0"] * 900_000) + b"]",
    "an object of many members": lambda: (
        b"{" + b",".join(b'"%x":0' % number for number in range(150_000)) + b"}"
    ),
    "brackets in brackets": lambda: b"[" * 900_000,
    "one long name": lambda: b'{"' + b"n" * 1_900_000 + b'": 0}',
}


@pytest.mark.parametrize("flood", FLOODS)
@for_each(*(operation for operation in TAKES_JSON if operation.route.status_code != 202))
def test_body_of_two_megabytes_costs_no_more_than_its_size(
    scenario_run, client, headers, operation: Operation, flood
):
    body = FLOODS[flood]()
    before = memory(scenario_run, operation.service)
    started = time.monotonic()
    answer = client.request(
        operation.method,
        scenario_run.run.services[operation.service] + path_of(operation),
        content=body,
        headers=headers(operation) | TYPES,
    )
    assert 400 <= answer.status_code < 500
    assert time.monotonic() - started < SLOW_SECONDS
    assert len(answer.content) < 100_000
    assert memory(scenario_run, operation.service) - before < 100 * 2**20


@for_each(*TAKES_JSON)
def test_every_list_of_a_body_is_bounded(scenario_run, client, headers, operation: Operation):
    # 50,000 wrong entries: the problem counts them and lists some.
    document = document_of(operation.service)
    valid = example(operation.body, document)
    for path in paths(valid):
        body = deepcopy(valid)
        inside = body
        for step in path[:-1]:
            inside = inside[step]
        if not isinstance(inside[path[-1]], list):
            continue
        inside[path[-1]] = [{"a": 0}] * 50_000
        started = time.monotonic()
        answer = client.request(
            operation.method,
            scenario_run.run.services[operation.service] + path_of(operation),
            json=body,
            headers=headers(operation),
        )
        if operation.route.status_code != 202:
            assert answer.status_code == 422, answer.text[:300]
            # The list is refused before any of its entries is looked at.
            (fault,) = answer.json()["errors"]
            assert json_pointer(path).startswith(fault["pointer"])
        assert len(answer.content) < 100_000
        assert time.monotonic() - started < SLOW_SECONDS


@pytest.mark.parametrize("wrong", WRONG_TEXTS)
@for_each(*(operation for operation in TAKES_JSON if operation.route.status_code != 202))
def test_text_that_nobody_means_is_refused_by_a_pointer(
    scenario_run, client, headers, operation: Operation, wrong
):
    valid = example(operation.body, document_of(operation.service))
    for path in paths(valid):
        body = changed(valid, path, WRONG_TEXTS[wrong])
        answer = client.request(
            operation.method,
            scenario_run.run.services[operation.service] + path_of(operation),
            content=json.dumps(body).encode(),
            headers=headers(operation) | TYPES,
        )
        assert answer.status_code == 422, (path, answer.text)
        pointers = [error["pointer"] for error in answer.json()["errors"]]
        assert any(pointer.startswith(f"/{path[0]}") for pointer in pointers), (path, pointers)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": ' + b"9" * 5000 + b"}", "This number has too many digits."),
        (b'{"a": NaN}', "NaN is not part of JSON."),
        (
            b'{"a": 1, "a": 2}',
            "An object has the member «a» twice: at line 1, column 2 and at line 1, column 10.",
        ),
        (b'{"\\ud83d": 1}', "This member's name has half of a character"),
        (b'{"a": 1e999}', "This number has too many digits."),
        ('{"a": "é"}'.encode("latin-1"), "The body is not UTF-8"),
        ('{"a": "é"}'.encode("utf-16"), "The body is not UTF-8"),
        (b"\x00", "This is not valid JSON"),
        (b'{"cut": ', "This is not valid JSON"),
    ],
)
@for_each(*(operation for operation in TAKES_JSON if operation.route.status_code != 202))
def test_body_that_is_no_sound_json_is_refused_by_a_pointer(
    scenario_run, client, headers, operation: Operation, body, reason
):
    # The reason shows that this check refuses it, and not a schema that knows no member «a».
    answer = client.request(
        operation.method,
        scenario_run.run.services[operation.service] + path_of(operation),
        content=body,
        headers=headers(operation) | TYPES,
    )
    assert answer.status_code == 422, answer.text
    assert any(fault["detail"].startswith(reason) for fault in answer.json()["errors"]), answer.text


@for_each(*(operation for operation in OPERATIONS if operation.queries or operation.path_ids))
def test_nul_in_an_address_is_refused(scenario_run, client, headers, operation: Operation):
    path = path_of(operation)
    tried = [f"{path}?{query['name']}=%00" for query in operation.queries]
    tried += [f"{operation.route.path.split('{')[0]}%00"] if operation.path_ids else []
    for target in tried:
        for sent in (headers(operation), {}):
            answer = client.request(
                operation.method,
                scenario_run.run.services[operation.service] + target,
                headers=sent,
            )
            assert 400 <= answer.status_code < 500, (target, answer.text)


def test_city_of_zeros_is_a_failed_import_and_not_the_end_of_the_worker(scenario_run, tokens):
    planner = tokens.of("chorrera", Duty.PLANNER)
    feature = {
        "type": "Feature",
        "id": "a",
        "properties": {"area": "PA990101", "indicators": {}},
        "geometry": {"type": "Polygon", "coordinates": "ZEROS"},
    }
    city = {
        "code": f"city-{uuid4().hex[:8]}",
        "name": "Ciudad de ceros",
        "pcode": "PA9901",
        "dataset": {"title": "x", "publisher": "x", "licence": "x", "period": "2026"},
        "areas": {"features": [{"properties": {"pcode": "PA990101", "name": "Centro"}}]},
        "cells": {"features": [feature]},
    }
    zeros = "[" + ",".join(["[0,0]"] * 10_000_000) + "]"
    body = json.dumps(city).replace('"ZEROS"', zeros).encode()
    assert len(body) > 50 * 2**20
    base = scenario_run.run.services["planning"]
    before, peak = memory(scenario_run, "planning"), 0
    started = httpx.post(f"{base}/cities/import", content=body, headers=planner | TYPES, timeout=120)
    assert started.status_code == 202, started.text
    for _ in range(600):
        work = httpx.get(base + started.headers["location"], headers=planner, timeout=20).json()
        peak = max(peak, memory(scenario_run, "planning"))
        if work["state"] != "running":
            break
        time.sleep(0.1)
    assert work["state"] == "failed"
    assert work["failure"]["status"] == 422
    assert peak - before < 300 * 2**20
