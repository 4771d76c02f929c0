"""Whole processes: where their telemetry goes, and what is in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from .conftest import CANARY, Run

PROGRAM = f"""
import logging
from solidary.platform.telemetry import OUTBOX_AGE, observe, span, start, traceparent
telemetry = start("intake", "worker")
assert start("intake", "worker") is telemetry
labels = {{"messaging.destination.name": "pa.intake", "solidary.agency": {CANARY!r}}}
observe(OUTBOX_AGE, lambda: [(2.5, labels)])
with span("relay"):
    logging.getLogger("intake").info("sent", extra={{"facts": {{"events": 500}}}})
    try:
        with span("INSERT"):
            raise KeyError({CANARY!r})
    except KeyError:
        logging.getLogger("intake").exception("failed")
    print(traceparent())
"""


def read(folder: Path, what: str) -> list[dict[str, Any]]:
    (file,) = folder.glob(f"{what}-intake-worker-*.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_process_writes_its_own_files(run: Run, tmp_path: Path) -> None:
    ended = run(PROGRAM)
    assert ended.returncode == 0, ended.stderr
    trace_id = ended.stdout.split("-")[1]
    (batch,) = read(tmp_path, "traces")
    insert, relay = batch["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert (relay["name"], relay["traceId"]) == ("relay", trace_id)
    assert (insert["name"], insert["traceId"], insert["parentSpanId"]) == (
        "INSERT",
        trace_id,
        relay["spanId"],
    )
    assert insert["status"] == {"code": 2}
    lines = read(tmp_path, "logs")
    assert [line["message"] for line in lines] == ["sent", "failed"]
    assert {line["trace"] for line in lines} == {trace_id}
    measured = read(tmp_path, "metrics")[-1]["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
    metric, refused = sorted(measured, key=lambda each: str(each["name"]))
    assert (metric["name"], metric["unit"]) == ("solidary.outbox.age", "s")
    assert refused["name"] == "solidary.tokens.refused"
    assert [point["asInt"] for point in refused["sum"]["dataPoints"]] == ["0"], "the first increase is seen"
    (point,) = metric["gauge"]["dataPoints"]
    assert point["asDouble"] == 2.5
    assert [each["key"] for each in point["attributes"]] == ["messaging.destination.name"], "of LABELS only"
    assert all("Yolanda" not in file.read_text() for file in tmp_path.iterdir())


def test_spans_reach_the_file_while_the_process_runs(run: Run, tmp_path: Path) -> None:
    program = f"""
import os, pathlib, signal, time
from solidary.platform.telemetry import span, start
start("intake", "worker")
with span("relay"): pass
folder, until = pathlib.Path({str(tmp_path)!r}), time.monotonic() + 20
while not any(file.stat().st_size for file in folder.glob("traces-*")) and time.monotonic() < until:
    time.sleep(0.02)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert run(program).returncode == -9
    assert len(read(tmp_path, "traces")) == 1


def test_two_processes_of_a_service_write_separate_files(run: Run, tmp_path: Path) -> None:
    run(PROGRAM)
    run(PROGRAM)
    assert len(list(tmp_path.glob("traces-intake-worker-*.jsonl"))) == 2


def test_only_log_lines_are_written_without_a_collector_and_a_folder(run: Run, tmp_path: Path) -> None:
    ended = run(PROGRAM, SOLIDARY_TELEMETRY_DIR="")
    assert (ended.returncode, ended.stdout) == (0, "None\n")
    assert [json.loads(line)["message"] for line in ended.stderr.splitlines()] == ["sent", "failed"]
    assert list(tmp_path.iterdir()) == []


def test_standard_variables_configure_sampling(run: Run, tmp_path: Path) -> None:
    ended = run(PROGRAM, OTEL_TRACES_SAMPLER="parentbased_always_off")
    assert ended.stdout.rstrip().endswith(("-00", "-02"))
    assert not list(tmp_path.glob("traces-*"))


@dataclass
class Collector:
    """A collector in miniature: keeps what it is sent, by path."""

    url: str = ""
    received: dict[str, list[bytes]] = field(default_factory=dict)


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()

    class Receive(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.received.setdefault(self.path, []).append(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receive) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield collector
        server.shutdown()


def test_unreachable_collector_is_logged_and_does_no_other_harm(run: Run) -> None:
    ended = run(PROGRAM, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert ended.returncode == 0, ended.stderr
    assert "ConnectionError encountered while exporting" in ended.stderr
    assert "Yolanda" not in ended.stderr


def test_collector_receives_traces_metrics_and_logs(run: Run, collector: Collector, tmp_path: Path) -> None:
    ended = run(PROGRAM, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_EXPORTER_OTLP_COMPRESSION="none")
    assert ended.returncode == 0, ended.stderr
    trace_id = bytes.fromhex(ended.stdout.split("-")[1])
    (traces,) = map(ExportTraceServiceRequest.FromString, collector.received["/v1/traces"])
    spans = traces.resource_spans[0].scope_spans[0].spans
    assert [(span.name, span.trace_id) for span in spans] == [("INSERT", trace_id), ("relay", trace_id)]
    (logs,) = map(ExportLogsServiceRequest.FromString, collector.received["/v1/logs"])
    records = logs.resource_logs[0].scope_logs[0].log_records
    assert [(each.body.string_value, each.severity_text, each.trace_id) for each in records] == [
        ("sent", "INFO", trace_id),
        ("failed", "ERROR", trace_id),
    ]
    assert {each.key for each in records[1].attributes} >= {"exception.type", "code.stacktrace"}
    (measured,) = map(ExportMetricsServiceRequest.FromString, collector.received["/v1/metrics"])
    names = {metric.name for metric in measured.resource_metrics[0].scope_metrics[0].metrics}
    assert names == {"solidary.outbox.age", "solidary.tokens.refused"}
    assert all(b"Yolanda" not in body for bodies in collector.received.values() for body in bodies)
    assert list(tmp_path.iterdir()) == []
