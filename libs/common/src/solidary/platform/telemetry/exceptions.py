"""Descriptions of errors for logs and traces: their kind and where they arose, never their message.

A message quotes the values that caused it: PostgreSQL's DETAIL has the row, SQLAlchemy appends the parameters,
`KeyError` is the key. No program can know which of them is a person's name, so no message leaves the process in a log
or a trace; the class, the SQLSTATE, the constraint and the platform's frames do.
"""

from __future__ import annotations

import errno
import sysconfig
import traceback
from types import TracebackType
from typing import Any

from solidary.language.problems import Problem

_CHAIN = 5
"""The most causes, and the most errors of a group, that are described."""
_FRAMES = 30
_FOREIGN = ("site-packages", "<frozen", sysconfig.get_paths()["stdlib"], "/solidary/platform/telemetry/")


def describe(error: BaseException, depth: int = _CHAIN) -> dict[str, Any]:
    """Return the error as plain values: `type`, codes of its kind, `frames`, `cause`, `among` (of a group).

    Frames have the form `package/module.py:line function`, outermost first; source lines and locals are left out.
    """
    description: dict[str, Any] = {
        "type": kind(error),
        **_facts(error),
        "frames": frames(error.__traceback__),
    }
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth > 1:
        description["cause"] = describe(cause, depth - 1)
    if isinstance(error, BaseExceptionGroup) and depth > 1:
        description["among"] = [describe(each, depth - 1) for each in error.exceptions[:_CHAIN]]
    return description


def summary(error: BaseException) -> str:
    """Return one line in place of the error's message: `psycopg.errors.UniqueViolation 23505 uq_x`."""
    return " ".join([kind(error), *map(str, _facts(error).values())])


def kind(error: BaseException) -> str:
    """Return the qualified name of the error's class."""
    of = type(error)
    return of.__qualname__ if of.__module__ == "builtins" else f"{of.__module__}.{of.__qualname__}"


def frames(trace: TracebackType | None) -> list[str]:
    """Return the platform's frames and the innermost one; all frames where none is the platform's."""
    walked = [
        (frame.f_code.co_filename, line, frame.f_code.co_name) for frame, line in traceback.walk_tb(trace)
    ]
    own = [step for step in walked[:-1] if not any(part in step[0] for part in _FOREIGN)]
    kept = (own or walked[:-1]) + walked[-1:]
    return [f"{_short(file)}:{line} {function}" for file, line, function in kept[-_FRAMES:]]


def _short(file: str) -> str:
    for root in ("/site-packages/", "/src/"):
        if root in file:
            return file.rpartition(root)[2]
    return "/".join(file.split("/")[-3:])


def _facts(error: BaseException) -> dict[str, str | int]:
    """Return the names and codes that an error has apart from its message."""
    diagnosis = getattr(error, "diag", None)
    facts = {
        "sqlstate": getattr(error, "sqlstate", None),
        "table": getattr(diagnosis, "table_name", None),
        "constraint": getattr(diagnosis, "constraint_name", None),
        "errno": errno.errorcode.get(getattr(error, "errno", None) or 0),
        "problem": error.slug if isinstance(error, Problem) else None,
    }
    return {name: value for name, value in facts.items() if isinstance(value, str) and value}
