import asyncio
import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN_CONTEXT, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from solidary.platform.telemetry import set_agency, span, traceparent
from solidary.platform.telemetry.spans import links_to, parse
from solidary_testing.spans import is_child

from .conftest import Spans
from .test_exceptions import errors_with_a_name, integrity_error

AGENCY = UUID("0b1d2a5c-6a84-4a1e-9a0e-1d7b1f1f2a01")

TRACEPARENTS = st.builds(
    lambda trace_id, span_id, flags: f"00-{trace_id:032x}-{span_id:016x}-{flags:02x}",
    st.integers(0, 2**128 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 255),
)


@given(
    TRACEPARENTS | st.text() | st.from_regex(r"00-[0-9a-fA-F ]{32}-[0-9a-f]{16}-[0-9a-f_]{2}", fullmatch=True)
)
def test_traceparent_is_read_like_opentelemetry_reads_it(text: str) -> None:
    theirs = TraceContextTextMapPropagator().extract({"traceparent": text})
    expected = trace.get_current_span(theirs).get_span_context()
    assert (parse(text) or INVALID_SPAN_CONTEXT) == expected


def test_current_span_is_written_as_text(spans: Spans) -> None:
    assert traceparent() is None
    with span("outer") as outer:
        text = traceparent()
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier, trace.set_span_in_context(outer))
    assert text == carrier["traceparent"]


def test_span_continues_a_trace_from_text(spans: Spans) -> None:
    with span("first"):
        text = traceparent()
    with span("somebody else's"), span("second", parent=parse(text)):
        pass
    assert is_child(spans()["second"], spans()["first"])


def test_links_go_to_sampled_spans_once_each_and_not_beyond_the_limit() -> None:
    sampled = [f"00-{number:032x}-{1:016x}-01" for number in range(1, 200)]
    unsampled = [f"00-{number:032x}-{1:016x}-00" for number in range(1, 200)]
    assert links_to([None, "nonsense", *unsampled]) == []
    assert len(links_to(sampled[:3] * 5)) == 3
    assert len(links_to(sampled)) == 128


@pytest.mark.parametrize("error", errors_with_a_name(), ids=lambda error: type(error).__name__)
def test_error_passes_through_a_span_and_is_recorded_by_its_kind(error: BaseException, spans: Spans) -> None:
    with pytest.raises(type(error)), span("ours"):
        raise error
    ended = spans()["ours"]
    assert "Yolanda" not in ended.to_json()
    if isinstance(error, Exception):
        assert ended.status.status_code is StatusCode.ERROR
        (event,) = ended.events
        assert event.attributes is not None
        assert type(error).__name__ in str(event.attributes["exception.type"])
        assert "test_spans.py" in str(event.attributes["code.stacktrace"])


@pytest.mark.parametrize("error", errors_with_a_name(), ids=lambda error: type(error).__name__)
def test_span_of_a_library_has_no_error_message(error: BaseException, spans: Spans) -> None:
    library = trace.get_tracer("a library")
    with pytest.raises(type(error)), library.start_as_current_span("theirs"):
        raise error
    ended = spans()["theirs"]
    assert "Yolanda" not in ended.to_json()
    assert not ended.status.description
    for event in ended.events:
        assert event.attributes is not None
        assert set(event.attributes) == {"exception.type", "exception.escaped"}


def test_span_of_a_library_has_no_address(spans: Spans) -> None:
    recorded = {"url.query": "name=Yolanda", "url.path": "/people/Yolanda", "http.request.method": "GET"}
    with trace.get_tracer("a library").start_as_current_span("theirs", attributes=recorded):
        pass
    assert spans()["theirs"].attributes == {"http.request.method": "GET"}


def test_code_of_a_database_error_is_recorded(spans: Spans) -> None:
    with pytest.raises(Exception, match="duplicate"), span("INSERT"):
        raise integrity_error().orig  # type: ignore[misc]
    assert spans()["INSERT"].attributes == {
        "error.type": "psycopg.errors.UniqueViolation",
        "db.response.status_code": "23505",
    }


async def test_cancelled_task_is_no_failure(spans: Spans) -> None:
    async def wait() -> None:
        with span("waiting"):
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert spans()["waiting"].status.status_code is StatusCode.UNSET


def test_agency_is_recorded_in_the_span(spans: Spans) -> None:
    with span("POST /households"):
        set_agency(AGENCY)
    assert json.loads(spans()["POST /households"].to_json())["attributes"] == {"solidary.agency": str(AGENCY)}
