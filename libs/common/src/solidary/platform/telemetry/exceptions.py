"""What may be said of an error: its kind and where it arose, never its words.

A message quotes what it stumbled over: PostgreSQL's DETAIL has the row, SQLAlchemy appends the
parameters, `KeyError` is the key. Which of them is a person's name nobody can tell, so no message leaves
the process in a log or a trace; the class, the SQLSTATE, the constraint and our frames do.
"""

from __future__ import annotations

import errno
import sysconfig
import traceback
from types import TracebackType
from typing import Any

from solidary.language.problems import Problem

_CHAIN = 5
"""How many causes, and how many errors of a group, are told."""
_FRAMES = 30
_FOREIGN = ("site-packages", "<frozen", sysconfig.get_paths()["stdlib"], "/solidary/platform/telemetry/")


def describe(error: BaseException, depth: int = _CHAIN) -> dict[str, Any]:
    """The error as plain values: `type`, what is known of its kind, `frames`, `cause`, `among` (a group).

    Frames read `package/module.py:line function`, outermost first; there are no source lines or locals.
    """
    told: dict[str, Any] = {"type": kind(error), **_facts(error), "frames": frames(error.__traceback__)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth > 1:
        told["cause"] = describe(cause, depth - 1)
    if isinstance(error, BaseExceptionGroup) and depth > 1:
        told["among"] = [describe(each, depth - 1) for each in error.exceptions[:_CHAIN]]
    return told


def summary(error: BaseException) -> str:
    """What stands where a message would quote the error: `psycopg.errors.UniqueViolation 23505 uq_x`."""
    return " ".join([kind(error), *map(str, _facts(error).values())])


def kind(error: BaseException) -> str:
    """The qualified name of the error's class."""
    of = type(error)
    return of.__qualname__ if of.__module__ == "builtins" else f"{of.__module__}.{of.__qualname__}"


def frames(trace: TracebackType | None) -> list[str]:
    """Our own frames and the innermost one; all of them where none is ours."""
    walked = [
        (frame.f_code.co_filename, line, frame.f_code.co_name) for frame, line in traceback.walk_tb(trace)
    ]
    ours = [step for step in walked[:-1] if not any(part in step[0] for part in _FOREIGN)]
    kept = (ours or walked[:-1]) + walked[-1:]
    return [f"{_short(file)}:{line} {function}" for file, line, function in kept[-_FRAMES:]]


def _short(file: str) -> str:
    for root in ("/site-packages/", "/src/"):
        if root in file:
            return file.rpartition(root)[2]
    return "/".join(file.split("/")[-3:])


def _facts(error: BaseException) -> dict[str, str | int]:
    """Names and codes that an error carries apart from its message."""
    diagnosis = getattr(error, "diag", None)
    facts = {
        "sqlstate": getattr(error, "sqlstate", None),
        "table": getattr(diagnosis, "table_name", None),
        "constraint": getattr(diagnosis, "constraint_name", None),
        "errno": errno.errorcode.get(getattr(error, "errno", None) or 0),
        "problem": error.slug if isinstance(error, Problem) else None,
    }
    return {name: value for name, value in facts.items() if isinstance(value, str) and value}
