"""Errors of PostgreSQL: the problem that each one means, and which of them are transient.

A row outside the caller's scope is refused as if it did not exist.
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from solidary.language.problems import Conflict, NotFound, Problem, ValueOutOfRange

LOCK_CONFLICTS = ("40001", "40P01", "55P03")
"""The SQLSTATEs of a conflict with another transaction: serialization, deadlock, lock not available."""
SHUTDOWN_STATES = ("57P01", "57P02", "57P03")
"""The SQLSTATEs of a server that is shutting down or starting up."""


def problem_of(error: DBAPIError, problems: Mapping[str, type[Problem]]) -> Problem | None:
    """Return the problem that a database error means; None for what may succeed when it is tried again.

    `problems`: the problem that each constraint of the service's database means, by the constraint's name.
    """
    cause = error.orig
    if isinstance(cause, postgres.InsufficientPrivilege):
        return NotFound("Nothing with this identifier is within your agency's reach.")
    if isinstance(cause, postgres.IntegrityError | postgres.RaiseException):
        return problems.get(cause.diag.constraint_name or "", Conflict)()
    if isinstance(cause, postgres.InvalidTextRepresentation):
        return None  # input was validated before: this is a mistake of the service, such as a scope not set
    if isinstance(cause, postgres.DataError) or cause is None:
        return ValueOutOfRange()
    return None


def is_transient(error: BaseException) -> bool:
    """Return whether the database or the network caused the failure, so that a later attempt may succeed."""
    state = _state(error)
    if state is not None:
        return state.startswith("08") or state in LOCK_CONFLICTS + SHUTDOWN_STATES
    return isinstance(
        _cause(error),
        PoolTimeout
        | InterfaceError
        | OperationalError
        | psycopg.OperationalError
        | psycopg.InterfaceError
        | ConnectionError,
    )


def is_lock_conflict(error: BaseException) -> bool:
    """Return whether the same transaction may succeed when it is tried again at once."""
    return _state(error) in LOCK_CONFLICTS


def _state(error: BaseException) -> str | None:
    return getattr(_cause(error), "sqlstate", None)


def _cause(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
