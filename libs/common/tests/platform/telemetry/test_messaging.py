"""Each is_child of a story over an outbox, a relay and a reader, simulated in one process."""

from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.semconv._incubating.attributes import cloudevents_attributes, messaging_attributes
from opentelemetry.trace import SpanKind, StatusCode
from solidary.platform.telemetry import (
    batch_span,
    event_span,
    job_span,
    send_span,
    set_agency,
    span,
    traceparent,
)
from solidary.platform.telemetry.spans import agency, parse
from solidary_testing.spans import Recorded, has_link, is_child

from .conftest import Spans

TOPIC = "pa.intake"
AGENCY = UUID("0b1d2a5c-6a84-4a1e-9a0e-1d7b1f1f2a01")
UNSAMPLED = f"00-{7:032x}-{7:016x}-00"


def handling(event: str | None) -> AbstractContextManager[None]:
    return event_span(
        TOPIC,
        event,
        "referrals",
        event="0190-e1",
        type="org.solidary.intake.consent.withdrawn.v1",
    )


@pytest.fixture
def story(recorded: Recorded) -> dict[str, ReadableSpan]:
    """Publish in intake and send by its relay; referrals reads, reacts, and publishes in its turn."""
    with span("request", kind=SpanKind.SERVER):
        stored = traceparent()
    with send_span(TOPIC, [stored, UNSAMPLED, None], count=3):
        pass
    with batch_span(TOPIC, [stored, UNSAMPLED, None], count=3, group="referrals"):
        with handling(stored):
            published_by_reaction = traceparent()
            with span("reaction"):
                pass
        with handling(UNSAMPLED), span("unsampled reaction"):
            pass
        with handling(None), span("reaction without story"):
            pass
    with span("next service", parent=parse(published_by_reaction)):
        pass
    roles = {"messaging.message.id": "event", "messaging.consumer.group.name": "batch"}
    named = {}
    for ended in recorded():
        role = next((role for mark, role in roles.items() if mark in (ended.attributes or {})), ended.name)
        named[role] = ended
    return named


def test_relays_batch_links_to_the_request(story: dict[str, ReadableSpan]) -> None:
    send = story[f"send {TOPIC}"]
    assert send.parent is None
    assert has_link(send, story["request"])
    assert len(send.links) == 1
    assert send.kind is SpanKind.CLIENT


def test_consumers_transaction_links_to_the_request(story: dict[str, ReadableSpan]) -> None:
    batch = story["batch"]
    assert batch.parent is None
    assert has_link(batch, story["request"])
    assert (batch.name, batch.kind) == (f"process {TOPIC}", SpanKind.CONSUMER)


def test_handling_an_event_is_a_child_of_the_request_that_published_it(
    story: dict[str, ReadableSpan],
) -> None:
    assert is_child(story["event"], story["request"])
    assert (story["event"].name, story["event"].kind) == (f"process {TOPIC}", SpanKind.CONSUMER)


def test_spans_of_a_reaction_are_children_of_its_event(story: dict[str, ReadableSpan]) -> None:
    assert is_child(story["reaction"], story["event"])


def test_events_published_by_a_reaction_continue_the_trace(story: dict[str, ReadableSpan]) -> None:
    assert is_child(story["next service"], story["event"])


def test_job_continues_the_trace_that_deferred_it(spans: Spans) -> None:
    with span("request"):
        stored = traceparent()
    with job_span("fetch_profile", stored):
        pass
    with job_span("expire_consents", None):
        pass
    assert is_child(spans()["job fetch_profile"], spans()["request"])
    assert spans()["job expire_consents"].parent is None


def test_event_without_a_trace_belongs_to_the_consumers_transaction(
    story: dict[str, ReadableSpan],
) -> None:
    assert is_child(story["reaction without story"], story["batch"])


def test_unsampled_event_has_no_span_and_stays_unsampled(story: dict[str, ReadableSpan]) -> None:
    assert "unsampled reaction" not in story
    with handling(UNSAMPLED):
        assert traceparent() == UNSAMPLED


def test_context_is_restored_after_an_event(recorded: Recorded) -> None:
    for event in (UNSAMPLED, None, f"00-{8:032x}-{8:016x}-01"):
        with handling(event):
            set_agency(AGENCY)
        assert not trace.get_current_span().get_span_context().is_valid
        assert agency.get() is None


def test_batch_of_unsampled_events_costs_one_span(recorded: Recorded) -> None:
    with batch_span(TOPIC, [UNSAMPLED] * 500, count=500, group="referrals"):
        for _ in range(500):
            with handling(UNSAMPLED):
                pass
    (batch,) = recorded()
    assert not batch.links


def test_failing_handler_marks_its_event_and_its_batch(recorded: Recorded, spans: Spans) -> None:
    event = f"00-{9:032x}-{9:016x}-01"
    with pytest.raises(KeyError), batch_span(TOPIC, [event], count=1, group="referrals"), handling(event):
        raise KeyError("Yolanda")
    assert [ended.status.status_code for ended in recorded()] == [StatusCode.ERROR] * 2
    assert all("Yolanda" not in ended.to_json() for ended in recorded())


def test_names_and_attributes_are_those_of_the_conventions(story: dict[str, ReadableSpan]) -> None:
    conventions = {
        value
        for module in (messaging_attributes, cloudevents_attributes)
        for value in vars(module).values()
        if isinstance(value, str)
    }
    used = {name for role in (f"send {TOPIC}", "batch", "event") for name in story[role].attributes or ()}
    assert len(used) >= 8
    assert used <= conventions
