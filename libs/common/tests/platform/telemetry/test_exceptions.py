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
    """Return an error like psycopg's: the message has PostgreSQL's DETAIL, `diag` the fields of the response."""
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
    """Return an error like SQLAlchemy's, whose message has the statement and its parameters."""
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


def errors_with_a_name() -> list[BaseException]:
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


@pytest.mark.parametrize("error", errors_with_a_name(), ids=lambda error: type(error).__name__)
def test_description_of_an_error_has_no_message(error: BaseException) -> None:
    assert "Yolanda" in repr(error) + str(error) + "".join(getattr(error, "__notes__", ()))
    description = json.dumps(exceptions.describe(raised(error))) + exceptions.summary(error)
    assert "Yolanda" not in description
    assert type(error).__name__ in description


def raised(error: BaseException) -> BaseException:
    """Return the error with a traceback, from a frame that has the canary as a local variable."""
    name = CANARY
    with contextlib.suppress(BaseException):
        if name:
            raise error
    return error


def test_database_error_keeps_its_code_table_and_constraint() -> None:
    description = exceptions.describe(raised(integrity_error()))
    assert description["type"] == "sqlalchemy.exc.IntegrityError"
    cause = description["cause"]
    assert (cause["type"], cause["sqlstate"]) == ("psycopg.errors.UniqueViolation", "23505")
    assert (cause["table"], cause["constraint"]) == ("document", "uq_document")


def test_problem_keeps_its_slug_and_a_system_error_its_number() -> None:
    assert exceptions.describe(NotAMember("x"))["problem"] == "not-a-member"
    assert exceptions.summary(ConnectionRefusedError(111, "refused")) == "ConnectionRefusedError ECONNREFUSED"


def test_frames_are_those_of_the_platform_and_the_innermost() -> None:
    try:
        json.loads("{", object_hook=print)
    except ValueError as error:
        description = exceptions.describe(error)
    ours, innermost = description["frames"]
    assert ours.startswith("platform/telemetry/test_exceptions.py:")
    assert ours.endswith("test_frames_are_those_of_the_platform_and_the_innermost")
    assert "json/decoder.py:" in innermost


def test_endless_chain_of_causes_is_cut() -> None:
    first, second = ValueError(), ValueError()
    first.__cause__, second.__cause__ = second, first
    description = exceptions.describe(first)
    depth = 1
    while "cause" in description:
        description, depth = description["cause"], depth + 1
    assert depth == 5


def test_suppressed_cause_is_not_described() -> None:
    error = ValueError()
    error.__context__, error.__suppress_context__ = KeyError(), True
    assert "cause" not in exceptions.describe(error)
