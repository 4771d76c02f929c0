import asyncio
import contextlib
import json
from uuid import UUID

import psycopg.errors
import pydantic
import pytest
import sqlalchemy.exc
from psycopg.pq import DiagnosticField
from solidary.platform.identity import NotAMember
from solidary.platform.telemetry import exceptions

from .conftest import CANARY


def unique_violation() -> psycopg.errors.UniqueViolation:
    """As psycopg raises it: the message has PostgreSQL's DETAIL, `diag` the fields of the answer."""
    primary = 'duplicate key value violates unique constraint "uq_document"'
    detail = f"Key (document)=({CANARY}) already exists."
    fields = {
        DiagnosticField.SQLSTATE: "23505",
        DiagnosticField.MESSAGE_PRIMARY: primary,
        DiagnosticField.MESSAGE_DETAIL: detail,
        DiagnosticField.TABLE_NAME: "document",
        DiagnosticField.CONSTRAINT_NAME: "uq_document",
    }
    info = {field: value.encode() for field, value in fields.items()}
    return psycopg.errors.UniqueViolation(f"{primary}\nDETAIL:  {detail}", info=info)  # type: ignore[arg-type]


def integrity_error() -> sqlalchemy.exc.IntegrityError:
    """As SQLAlchemy wraps it: the statement and its parameters stand in the message."""
    cause = unique_violation()
    error = sqlalchemy.exc.DBAPIError.instance(
        "INSERT INTO data.document (number) VALUES (%(number)s)",
        {"number": CANARY},
        cause,
        psycopg.Error,
    )
    assert isinstance(error, sqlalchemy.exc.IntegrityError)
    error.__cause__ = cause
    return error


def validation_error() -> pydantic.ValidationError:
    try:
        pydantic.TypeAdapter(UUID).validate_python(CANARY)
    except pydantic.ValidationError as error:
        return error
    raise AssertionError


def noted() -> ValueError:
    error = ValueError(CANARY)
    error.add_note(CANARY)
    return error


def errors_that_speak() -> list[BaseException]:
    return [
        unique_violation(),
        integrity_error(),
        validation_error(),
        KeyError(CANARY),
        noted(),
        FileNotFoundError(2, "No such file", f"/scans/{CANARY}.pdf"),
        UnicodeEncodeError("ascii", CANARY, 0, 1, CANARY),
        ExceptionGroup(CANARY, [ValueError(CANARY), integrity_error()]),
        asyncio.CancelledError(CANARY),
        StopIteration(CANARY),
    ]


@pytest.mark.parametrize("error", errors_that_speak(), ids=lambda error: type(error).__name__)
def test_no_error_is_told_in_its_own_words(error: BaseException) -> None:
    assert "Yolanda" in repr(error) + str(error) + "".join(getattr(error, "__notes__", ()))
    told = json.dumps(exceptions.describe(raised(error))) + exceptions.summary(error)
    assert "Yolanda" not in told
    assert type(error).__name__ in told


def raised(error: BaseException) -> BaseException:
    """With a traceback, from a frame that holds the canary as a local."""
    name = CANARY
    with contextlib.suppress(BaseException):
        if name:
            raise error
    return error


def test_a_database_error_keeps_its_code_its_table_and_its_constraint() -> None:
    told = exceptions.describe(raised(integrity_error()))
    assert told["type"] == "sqlalchemy.exc.IntegrityError"
    cause = told["cause"]
    assert (cause["type"], cause["sqlstate"]) == ("psycopg.errors.UniqueViolation", "23505")
    assert (cause["table"], cause["constraint"]) == ("document", "uq_document")


def test_our_errors_keep_their_problem_and_the_systems_their_number() -> None:
    assert exceptions.describe(NotAMember("x"))["problem"] == "not-a-member"
    assert exceptions.summary(ConnectionRefusedError(111, "refused")) == "ConnectionRefusedError ECONNREFUSED"


def test_frames_are_ours_and_the_innermost() -> None:
    try:
        json.loads("{", object_hook=print)
    except ValueError as error:
        told = exceptions.describe(error)
    ours, innermost = told["frames"]
    assert ours.startswith("platform/telemetry/test_exceptions.py:")
    assert ours.endswith("test_frames_are_ours_and_the_innermost")
    assert "json/decoder.py:" in innermost


def test_a_chain_that_has_no_end_is_cut() -> None:
    first, second = ValueError(), ValueError()
    first.__cause__, second.__cause__ = second, first
    told = exceptions.describe(first)
    depth = 1
    while "cause" in told:
        told, depth = told["cause"], depth + 1
    assert depth == 5


def test_a_cause_that_was_set_aside_is_not_told() -> None:
    error = ValueError()
    error.__context__, error.__suppress_context__ = KeyError(), True
    assert "cause" not in exceptions.describe(error)
