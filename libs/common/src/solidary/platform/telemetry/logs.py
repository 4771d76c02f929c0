"""Log lines: one JSON object each, with the trace, the service and the agency; with ids, without errors' messages.

A call gives a message with ids, but none of a person: `log.info("expired %s", work)`, or, for counting and searching,
`log.info("relay sent", extra={"facts": {"lane": 3, "events": 500}})`. Content of a request (a body, a search, a name)
is never logged. This module cannot distinguish it from an id, so each call must obey that rule. For all calls, also
those of libraries, this module describes an error by its kind (`exceptions.describe`), an argument that is no plain
value by its type, and ends a message at its first line.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from logging import LogRecord
from pathlib import PurePath
from types import TracebackType
from typing import Any
from uuid import UUID

from opentelemetry import trace
from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry._logs import LogRecord as ExportedRecord

from solidary.platform.telemetry import exceptions
from solidary.platform.telemetry.spans import agency, request_id

log = logging.getLogger(__name__)

_PLAIN = (str, int, float, Decimal, UUID, date, timedelta, Enum, PurePath, type(None))
_LONGEST = 1000

QUIET = {
    "httpx": logging.WARNING,  # logs every URL with its query
    "httpx2": logging.WARNING,
    "httpcore": logging.WARNING,
    "sqlalchemy.engine": logging.WARNING,  # logs statements with their parameters
    "uvicorn.access": logging.CRITICAL,  # logs paths with their queries; `TraceRequests` records the route
}
"""Loggers of libraries that would log the content of requests, and the level from which they may log."""


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object: `time` (UTC), `level`, `logger`, `message`, process, trace, `error`."""

    def __init__(self, service: str, role: str) -> None:
        super().__init__()
        self._process = {"service": service, "role": role}

    def format(self, record: LogRecord) -> str:
        """Return the line of a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message(record),
            **self._process,
            **_trace_and_agency(),
        }
        given = facts(record)
        if given:
            line["facts"] = given
        return json.dumps(line | _error(record), ensure_ascii=False, default=str)


class OtlpHandler(logging.Handler):
    """Exports records by OpenTelemetry, with the same content as the lines."""

    def __init__(self, logger: Logger) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: LogRecord) -> None:
        """Export a record."""
        if record.name.startswith("opentelemetry"):
            return  # a failed export would cause the next one, without end
        attributes: dict[str, Any] = {"logger": record.name, **facts(record)}
        acting = agency.get()
        if acting is not None:
            attributes["solidary.agency"] = str(acting)
        if (request := request_id.get()) is not None:
            attributes["solidary.request_id"] = request
        error = _error(record).get("error")
        if error is not None:
            attributes["exception.type"] = error["type"]
            attributes["code.stacktrace"] = "\n".join(error["frames"])
        self._logger.emit(
            ExportedRecord(
                timestamp=int(record.created * 1e9),
                severity_text=record.levelname,
                severity_number=_severity(record.levelno),
                body=message(record),
                attributes=attributes,
            )
        )


def message(record: LogRecord) -> str:
    """Return the first line of the message, with errors described by their kind and objects by their type."""
    if not isinstance(record.msg, str):
        return str(_plain(record.msg))
    try:
        text = record.msg % _safe_arguments(record.args) if record.args else record.msg
    except (TypeError, ValueError, KeyError):
        text = record.msg
    return text.partition("\n")[0][:_LONGEST]


def facts(record: LogRecord) -> Mapping[str, Any]:
    """Return the `extra={"facts": …}` of the call; the extras of libraries are left out."""
    given = getattr(record, "facts", None)
    return {name: _plain(value) for name, value in given.items()} if isinstance(given, Mapping) else {}


def report_uncaught() -> None:
    """Log uncaught errors of any thread as lines, instead of Python's own traceback."""

    def uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("uncaught error", exc_info=error)

    def uncaught_in_thread(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None:
            log.critical("uncaught error in a thread", exc_info=failed.exc_value)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread


def _safe_arguments(arguments: Any) -> Any:
    if isinstance(arguments, Mapping):
        return {name: _plain(value) for name, value in arguments.items()}
    return tuple(_plain(value) for value in arguments)


def _plain(value: object) -> object:
    if isinstance(value, BaseException):
        return exceptions.summary(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value if isinstance(value, _PLAIN) else f"<{type(value).__name__}>"


def _trace_and_agency() -> dict[str, str]:
    fields = {}
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        fields = {"trace": f"{span.trace_id:032x}", "span": f"{span.span_id:016x}"}
    acting, request = agency.get(), request_id.get()
    if request is not None:
        fields["request"] = request
    return fields if acting is None else fields | {"agency": str(acting)}


def _error(record: LogRecord) -> dict[str, dict[str, Any]]:
    error = record.exc_info[1] if record.exc_info else None
    return {} if error is None else {"error": exceptions.describe(error)}


def _severity(level: int) -> SeverityNumber:
    """Return a Python level on OpenTelemetry's scale (Logs Data Model, appendix B)."""
    return SeverityNumber(max(1, min(21, 1 + 4 * (level // 10))))
