"""What PostgreSQL refuses: what it means in our own words, and what will pass. A scope's refusal looks like absence."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from solidary.language.problems import Conflict, NotFound, Problem

LOCK_CONFLICTS = ("40001", "40P01", "55P03")
"""SQLSTATEs of a transaction that was in another's way: serialization, deadlock, lock not available."""
SHUTDOWN_STATES = ("57P01", "57P02", "57P03")
"""The server goes, or comes."""


def problem_of(error: DBAPIError, words: Mapping[str, str]) -> Problem | None:
    """The problem that it is; None for what may go well when tried again. `words`: constraint name → sentence."""
    cause = error.orig
    if isinstance(cause, postgres.InsufficientPrivilege):
        return NotFound("no such thing within your agency's reach")
    if isinstance(cause, postgres.IntegrityError | postgres.RaiseException):
        constraint = cause.diag.constraint_name or ""
        return Conflict(words.get(constraint, "it contradicts what is already recorded"))
    if isinstance(cause, postgres.InvalidTextRepresentation):
        return None  # input was read before: this is our own mistake, such as a scope that was never set
    if isinstance(cause, postgres.DataError) or cause is None:
        return Problem("a value is out of the range that can be stored")
    return None


def is_transient(error: BaseException) -> bool:
    """Whether the failure is the database's or the network's and will pass, rather than the fault of what was asked."""
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
    """Whether the same transaction will do when it is tried again at once."""
    return _state(error) in LOCK_CONFLICTS


def _state(error: BaseException) -> str | None:
    return getattr(_cause(error), "sqlstate", None)


def _cause(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
