import asyncio
import gc
import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solidary.platform.telemetry import set_agency, span
from solidary.platform.telemetry.logs import JsonFormatter

from .conftest import CANARY, Run, Spans
from .test_exceptions import errors_with_a_name, integrity_error

AGENCY = UUID("0b1d2a5c-6a84-4a1e-9a0e-1d7b1f1f2a01")
Lines = Callable[[], list[dict[str, Any]]]

log = logging.getLogger("intake.registry.people")


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines written in this test."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter("intake", "api"))
    root = logging.getLogger()
    level, root.level = root.level, logging.DEBUG
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_line_has_message_trace_and_agency(lines: Lines, spans: Spans) -> None:
    with span("POST /households"):
        set_agency(AGENCY)
        log.info("registered %s", AGENCY, extra={"facts": {"members": 3}})
    (line,) = lines()
    current = spans()["POST /households"].context
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "intake.registry.people",
        "message": f"registered {AGENCY}",
        "service": "intake",
        "role": "api",
        "trace": f"{current.trace_id:032x}",
        "span": f"{current.span_id:016x}",
        "agency": str(AGENCY),
        "facts": {"members": 3},
    }


def test_agency_ends_with_its_span(lines: Lines) -> None:
    with span("POST /households"):
        set_agency(AGENCY)
    log.info("later")
    assert "agency" not in lines()[0]


@pytest.mark.parametrize("error", errors_with_a_name(), ids=lambda error: type(error).__name__)
def test_error_is_logged_by_its_kind_in_any_position_of_a_call(lines: Lines, error: BaseException) -> None:
    log.error("failed", exc_info=error)
    log.error("failed: %s", error)
    log.error("failed: %(error)r", {"error": error})
    log.error(error)
    log.error("failed", extra={"facts": {"error": error}})
    written = lines()
    assert "Yolanda" not in json.dumps(written)
    assert all(type(error).__name__ in json.dumps(line) for line in written)
    assert len(written) == 5


def test_extras_of_libraries_are_left_out(lines: Lines) -> None:
    log.info("job done", extra={"job": {"args": CANARY}, "call_string": CANARY})
    assert "Yolanda" not in json.dumps(lines())


def test_object_is_logged_by_its_type(lines: Lines) -> None:
    class Person:
        def __repr__(self) -> str:
            return CANARY

    log.info("%s and %r and %s", Person(), [Person()], {"name": Person()})
    assert lines()[0]["message"] == "<Person> and ['<Person>'] and <dict>"


async def test_error_of_a_task_that_was_never_awaited_is_logged_by_its_kind(lines: Lines) -> None:
    async def fail() -> None:
        raise integrity_error()

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    del task
    gc.collect()
    (line,) = [line for line in lines() if line["level"] == "ERROR"]
    assert line["message"] == "Task exception was never retrieved"
    assert line["error"]["cause"]["constraint"] == "uq_document"
    assert "Yolanda" not in json.dumps(line)


def test_message_ends_at_its_first_line(lines: Lines) -> None:
    log.warning("the server answered:\nDETAIL:  Key (document)=(%s) already exists.", CANARY)
    assert lines()[0]["message"] == "the server answered:"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text() | st.sampled_from(["%s", "%d %s", "%(a)s", "100 %", "%"]),
    arguments=st.lists(st.none() | st.integers() | st.text() | st.binary(), max_size=3),
)
def test_any_call_writes_one_line(text: str, arguments: list[object]) -> None:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, text, tuple(arguments), None)
    line = JsonFormatter("intake", "api").format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == json.loads(line)["message"].partition("\n")[0]


def test_uncaught_error_is_one_line_in_any_thread(run: Run) -> None:
    program = f"""
import threading
from solidary.platform.telemetry import start
start("intake", "worker")
def fail(): raise KeyError({CANARY!r})
thread = threading.Thread(target=fail); thread.start(); thread.join()
fail()
"""
    ended = run(program)
    assert ended.returncode == 1
    assert "Yolanda" not in ended.stderr
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [line["message"] for line in lines] == ["uncaught error in a thread", "uncaught error"]
    assert all(line["error"]["type"] == "KeyError" for line in lines)


def test_libraries_that_log_addresses_and_parameters_are_silenced(run: Run) -> None:
    program = f"""
import logging
from solidary.platform.telemetry import start
start("intake", "api")
logging.getLogger("httpx").info("HTTP Request: GET http://intake/people?name={CANARY}")
logging.getLogger("uvicorn.access").info('"GET /people?name=%s"', {CANARY!r})
logging.getLogger("sqlalchemy.engine.Engine").info("[parameters] %r", {CANARY!r})
"""
    ended = run(program)
    assert (ended.returncode, ended.stderr) == (0, "")
