"""Every refusal and failure as an RFC 9457 problem: what is wrong, and where. Never a value of the database."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from solidary.language.problems import Fault, Problem, document, json_pointer
from solidary.platform.database.constraint_messages import problem_of
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
    return JSONResponse(document(status, type_, title, detail, faults), status, headers, MEDIA)


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
    return problem(error.status, error.slug, error.title, error.detail, error.faults, dict(error.headers))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [Fault(_place(fault["loc"], error.body), fault["msg"]) for fault in error.errors()]
    return problem(422, "invalid", "The input is not valid", f"{len(faults)} faults", faults)


def _place(loc: Sequence[str | int], body: object) -> str:
    """`/household/members/0/born` for the body; `query: limit` for a parameter."""
    where, *path = loc
    return json_pointer(_within(path, body)) if where == "body" else f"{where}: {'/'.join(map(str, path))}"


def _within(path: Sequence[str | int], body: object) -> Iterator[str | int]:
    """The steps that lead into the body; pydantic also names the branch of a choice, which stands nowhere in it."""
    for number, step in enumerate(path, 1):
        if isinstance(body, Mapping) and (step in body or number == len(path)):
            body = body.get(step)
        elif isinstance(body, list) and isinstance(step, int):
            body = body[step] if step < len(body) else None
        else:
            continue
        yield step


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    return problem(
        error.status_code, title.lower().replace(" ", "-"), title, headers=dict(error.headers or {})
    )


async def _database(request: Request, error: Exception) -> Response:
    """What PostgreSQL refused, or could not do now."""
    assert isinstance(error, DBAPIError)
    if refused := problem_of(error, runtime(request).constraint_messages):
        return await _refusal(request, refused)
    cause = error.orig
    if isinstance(
        cause, postgres.SerializationFailure | postgres.DeadlockDetected | postgres.LockNotAvailable
    ):
        return problem(503, "busy", "Try again", headers={"Retry-After": "1"})
    if isinstance(cause, postgres.QueryCanceled | postgres.OperationalError | postgres.InterfaceError):
        return problem(503, "database-unavailable", "Try again", headers={"Retry-After": "2"})
    return await _failure(request, error)


async def _crowded(request: Request, error: Exception) -> Response:
    """Every connection of this process was in use for as long as a request may wait for one."""
    return problem(503, "busy", "Try again", headers={"Retry-After": "2"})


async def _failure(request: Request, error: Exception) -> Response:
    log.error("a request failed: %s", type(error).__name__, exc_info=error)
    return problem(500, "internal", "The service failed", "The failure is in the service's log.")


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
