"""What PostgreSQL refuses, in our own words. A scope's refusal looks like absence."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError

from solidary.problems import Conflict, NotFound, Problem


def refusal(error: DBAPIError, words: Mapping[str, str]) -> Problem | None:
    """The problem that it is; None for what may go well when tried again. `words`: constraint name → sentence."""
    cause = error.orig
    if isinstance(cause, postgres.InsufficientPrivilege):
        return NotFound("no such thing within your agency's reach")
    if isinstance(cause, postgres.IntegrityError | postgres.RaiseException):
        constraint = cause.diag.constraint_name or ""
        return Conflict(words.get(constraint, "it contradicts what is already recorded"))
    if isinstance(cause, postgres.DataError) or cause is None:
        return Problem("a value is out of the range that can be stored")
    return None
