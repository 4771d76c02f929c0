"""Every refusal and failure as an RFC 9457 problem: what is wrong, and where. Never a value of the database."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from solidary.language.problems import (
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
from solidary.platform.web.idempotency import Repeated
from solidary.platform.web.runtime import runtime

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"


def problem(
    status: int,
    type_: str,
    title: str,
    detail: str = "",
    faults: Sequence[Fault] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    return JSONResponse(problem_document(status, type_, title, detail, faults), status, headers, MEDIA)


def install(app: FastAPI) -> None:
    """Registers the handlers."""
    app.add_exception_handler(Problem, _refusal)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolExhausted, _crowded)
    app.add_exception_handler(Repeated, _again)
    app.add_exception_handler(Exception, _failure)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _problem_response(error)


def _problem_response(error: Problem) -> JSONResponse:
    return JSONResponse(error.document, error.status, dict(error.headers), MEDIA)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(fault, error.body) for fault in error.errors()]
    return _problem_response(Invalid(f"The request has {count_of(len(faults), 'fault')}.", *faults))


def _fault(error: Mapping[str, Any], body: object) -> Fault:
    """Return a fault with its place: `/members/0/born` in the body; `query: limit` for a parameter."""
    where, *path = error["loc"]
    if where == "body":
        return faults_of([{**error, "loc": path}], body)[0]
    return Fault(f"{where}: {'/'.join(map(str, path))}", sentence(error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    return problem(
        error.status_code, title.lower().replace(" ", "-"), title, headers=dict(error.headers or {})
    )


async def _database(request: Request, error: Exception) -> Response:
    """What PostgreSQL refused, or could not do now."""
    assert isinstance(error, DBAPIError)
    if refused := problem_of(error, runtime(request).constraint_problems):
        return await _refusal(request, refused)
    cause = error.orig
    if isinstance(
        cause, postgres.SerializationFailure | postgres.DeadlockDetected | postgres.LockNotAvailable
    ):
        return _problem_response(Busy())
    if isinstance(cause, postgres.QueryCanceled | postgres.OperationalError | postgres.InterfaceError):
        return _problem_response(DatabaseUnavailable())
    return await _failure(request, error)


async def _crowded(request: Request, error: Exception) -> Response:
    """Every connection of this process was in use for as long as a request may wait for one."""
    return _problem_response(Busy())


async def _failure(request: Request, error: Exception) -> Response:
    log.error("a request failed: %s", type(error).__name__, exc_info=error)
    return _problem_response(InternalError())


async def _again(request: Request, error: Exception) -> Response:
    """A repeated POST: its result, read anew with the caller's own token."""
    assert isinstance(error, Repeated)
    kept = {
        name: value
        for name, value in request.headers.items()
        if name in ("authorization", "solidary-agency", "accept-language")
    }
    transport = httpx.ASGITransport(request.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://self") as client:
        answer = await client.get(error.location, headers=kept)
    status = error.status if answer.is_success else answer.status_code
    headers = {"Location": error.location, "Idempotency-Replayed": "true"}
    return Response(answer.content, status, headers, answer.headers.get("content-type"))
