"""The handlers that answer every error with a problem (RFC 9457). No problem quotes a value of the database."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from solidary.language.problems import (
    MAX_FAULTS,
    Busy,
    DatabaseUnavailable,
    Fault,
    InternalError,
    Invalid,
    Problem,
    count_of,
    problem_document,
)
from solidary.language.validation import faults_of, sentence
from solidary.platform.database.errors import problem_of
from solidary.platform.telemetry.spans import request_id
from solidary.platform.web.idempotency import RequestRepeated
from solidary.platform.web.runtime import runtime

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
FORWARDED_HEADERS = ("authorization", "solidary-agency", "accept-language")
"""The headers of a repeated request with which its result is read again."""


class ProblemResponse(JSONResponse):
    """A problem. What was sent may be repeated in it, in a pointer, so it need not be writable as UTF-8.

    `request_id` is the name under which the logs have it.
    """

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        named = request_id.get()
        if named is not None:
            content = {**content, "request_id": named}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(Problem, _handle_problem)
    app.add_exception_handler(RequestValidationError, _handle_invalid_request)
    app.add_exception_handler(HTTPException, _handle_http_exception)
    app.add_exception_handler(DBAPIError, _handle_database_error)
    app.add_exception_handler(PoolTimeout, _handle_pool_timeout)
    app.add_exception_handler(RequestRepeated, _handle_repeated_request)
    app.add_exception_handler(Exception, _handle_failure)


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> ProblemResponse:
    """Return a problem's response; `headers` replace those of its class."""
    return ProblemResponse(problem.document, problem.status, dict(headers or problem.headers))


async def _handle_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


async def _handle_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    faults = [_fault(each, error.body) for each in errors[:MAX_FAULTS]]
    detail = f"The request has {count_of(len(errors), 'fault')}."
    return problem_response(Invalid(detail, *faults, found=len(errors)))


def _fault(error: Mapping[str, Any], body: object) -> Fault:
    """Return a fault with its place: `/members/0/born` in the body; `query: limit` for a parameter."""
    part, *path = error["loc"]
    if part == "body":
        return faults_of([{**error, "loc": path}], body)[0]
    return Fault(f"{part}: {'/'.join(map(str, path))}", sentence(error))


async def _handle_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    slug = title.lower().replace(" ", "-")
    document = problem_document(error.status_code, slug, title)
    return ProblemResponse(document, error.status_code, dict(error.headers or {}))


async def _handle_database_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    if problem := problem_of(error, runtime(request).constraint_problems):
        return problem_response(problem)
    cause = error.orig
    if isinstance(
        cause, postgres.SerializationFailure | postgres.DeadlockDetected | postgres.LockNotAvailable
    ):
        return problem_response(Busy())
    if isinstance(cause, postgres.QueryCanceled | postgres.OperationalError | postgres.InterfaceError):
        return problem_response(DatabaseUnavailable())
    return await _handle_failure(request, error)


async def _handle_pool_timeout(request: Request, error: Exception) -> Response:
    """Answer a request for which no connection of this process became free in time."""
    return problem_response(Busy())


async def _handle_failure(request: Request, error: Exception) -> Response:
    log.error("a request failed: %s", type(error).__name__, exc_info=error)
    return problem_response(InternalError())


async def _handle_repeated_request(request: Request, error: Exception) -> Response:
    """Answer a repeated POST with its result, which is read again with the caller's own token."""
    assert isinstance(error, RequestRepeated)
    headers = {name: value for name, value in request.headers.items() if name in FORWARDED_HEADERS}
    transport = httpx.ASGITransport(request.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://self") as client:
        result = await client.get(error.location, headers=headers)
    status = error.status if result.is_success else result.status_code
    replayed = {"Location": error.location, "Idempotency-Replayed": "true"}
    return Response(result.content, status, replayed, result.headers.get("content-type"))
