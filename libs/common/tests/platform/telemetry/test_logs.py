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
from .test_exceptions import errors_that_speak, integrity_error

AGENCY = UUID("0b1d2a5c-6a84-4a1e-9a0e-1d7b1f1f2a01")
Said = Callable[[], list[dict[str, Any]]]

log = logging.getLogger("intake.registry.people")


@pytest.fixture
def said() -> Iterator[Said]:
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


def test_a_line_says_what_where_and_for_whom(said: Said, spans: Spans) -> None:
    with span("POST /households"):
        set_agency(AGENCY)
        log.info("registered %s", AGENCY, extra={"facts": {"members": 3}})
    (line,) = said()
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


def test_the_agency_ends_with_its_span(said: Said) -> None:
    with span("POST /households"):
        set_agency(AGENCY)
    log.info("later")
    assert "agency" not in said()[0]


@pytest.mark.parametrize("error", errors_that_speak(), ids=lambda error: type(error).__name__)
def test_an_error_is_told_by_its_kind_wherever_it_stands_in_a_call(said: Said, error: BaseException) -> None:
    log.error("failed", exc_info=error)
    log.error("failed: %s", error)
    log.error("failed: %(error)r", {"error": error})
    log.error(error)
    log.error("failed", extra={"facts": {"error": error}})
    lines = said()
    assert "Yolanda" not in json.dumps(lines)
    assert all(type(error).__name__ in json.dumps(line) for line in lines)
    assert len(lines) == 5


def test_what_libraries_add_to_a_record_is_left_out(said: Said) -> None:
    log.info("job done", extra={"job": {"args": CANARY}, "call_string": CANARY})
    assert "Yolanda" not in json.dumps(said())


def test_an_object_is_told_by_its_type(said: Said) -> None:
    class Person:
        def __repr__(self) -> str:
            return CANARY

    log.info("%s and %r and %s", Person(), [Person()], {"name": Person()})
    assert said()[0]["message"] == "<Person> and ['<Person>'] and <dict>"


async def test_an_error_that_nobody_awaited_is_told_by_its_kind(said: Said) -> None:
    async def fail() -> None:
        raise integrity_error()

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    del task
    gc.collect()
    (line,) = [line for line in said() if line["level"] == "ERROR"]
    assert line["message"] == "Task exception was never retrieved"
    assert line["error"]["cause"]["constraint"] == "uq_document"
    assert "Yolanda" not in json.dumps(line)


def test_a_message_ends_at_its_first_line(said: Said) -> None:
    log.warning("the server said:\nDETAIL:  Key (document)=(%s) already exists.", CANARY)
    assert said()[0]["message"] == "the server said:"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text() | st.sampled_from(["%s", "%d %s", "%(a)s", "100 %", "%"]),
    arguments=st.lists(st.none() | st.integers() | st.text() | st.binary(), max_size=3),
)
def test_any_call_gives_one_line(text: str, arguments: list[object]) -> None:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, text, tuple(arguments), None)
    line = JsonFormatter("intake", "api").format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == json.loads(line)["message"].partition("\n")[0]


def test_an_error_that_nobody_caught_is_a_line_in_any_thread(run: Run) -> None:
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


def test_libraries_that_say_addresses_and_parameters_are_quiet(run: Run) -> None:
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
