"""Telemetry as files, for instances without a collector: OTLP as JSON lines in one folder of bounded size.

The format is OpenTelemetry's own for files (OTLP/JSON, one message a line), so a collector's
`otlpjsonfile` receiver reads them too. Names: `traces-<service>-<role>-<pid>.jsonl`, with `.1`, `.2` … for the older
parts. Every process writes its own files.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from google.protobuf.message import Message  # type: ignore[import-untyped]
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from solidary.platform.telemetry import exceptions

PART_BYTES = 16 * 2**20
PARTS = 3
"""A process keeps up to `PARTS` older parts of `PART_BYTES` of each kind."""
FOLDER_BYTES = 512 * 2**20
"""The size of the folder when a process starts; beyond it the files of ended processes are deleted, oldest first."""

_IDS = ("traceId", "spanId", "parentSpanId")


class JsonLines(RotatingFileHandler):
    """A file of lines, of bounded size. A line that cannot be written is lost, but raises no error."""

    def __init__(self, path: Path, part_bytes: int = PART_BYTES, parts: int = PARTS) -> None:
        super().__init__(path, maxBytes=part_bytes, backupCount=parts, encoding="utf-8", delay=True)

    def _open(self) -> Any:
        """Open the file so that only its owner reads it: ids and times of cases are in it."""
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=_open_private)

    def write(self, content: object) -> None:
        """Append one line of JSON."""
        line = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        self.handle(logging.makeLogRecord({"msg": line}))

    def handleError(self, record: logging.LogRecord) -> None:
        """Report on standard error that a line could not be written."""
        error = sys.exception()
        if error is not None:
            reason = exceptions.summary(error)
            print(f"telemetry: {self.baseFilename} cannot be written: {reason}", file=sys.stderr)


class SpanFile(SpanExporter):
    """Writes each batch of spans as one line."""

    def __init__(self, lines: JsonLines) -> None:
        self._lines = lines

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._lines.write(otlp_json(encode_spans(spans)))
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self._lines.close()


class MetricFile(MetricExporter):
    """Writes each collection as one line."""

    def __init__(self, lines: JsonLines) -> None:
        super().__init__()
        self._lines = lines

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        self._lines.write(otlp_json(encode_metrics(metrics_data)))
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        self._lines.close()


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def otlp_json(message: Message) -> Any:
    """Return a message in OTLP's JSON: protobuf's mapping, but ids in hex and enumerations as numbers (OTLP 1.x)."""
    return _hex_ids(MessageToDict(message, use_integers_for_enums=True))


def sweep(folder: Path, most: int = FOLDER_BYTES) -> None:
    """Delete the oldest files of ended processes until the folder holds at most `most` bytes."""
    total = 0
    for _, size, file in sorted(_files(folder), reverse=True):
        total += size
        if total > most and not _is_running(file):
            file.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Yield each file's time, size and path; a file that another process has just moved or deleted is skipped."""
    for file in folder.glob("*.jsonl*"):
        with contextlib.suppress(FileNotFoundError):
            status = file.stat()
            yield status.st_mtime, status.st_size, file


def _is_running(file: Path) -> bool:
    pid = file.name.partition(".")[0].rpartition("-")[2]
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _hex_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_hex_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64decode(inner).hex() if name in _IDS else _hex_ids(inner)
        for name, inner in value.items()
    }
