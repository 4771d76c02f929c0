"""The reading of an uploaded file: CSV, XLSX or JSON lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from solidary.files.command_line import InvalidInput
from solidary.files.tables import Row, read_rows
from solidary.files.workbooks import read_sheet
from solidary.language.problems import Fault, Invalid
from solidary.language.validation import faults_of
from solidary.platform.bulk.rules import RowReport, RowState
from solidary.platform.web import MB
from solidary.platform.web.json_text import read_body

MAX_BYTES = 32 * MB
MAX_ROWS = 20_000
MAX_LINE = 1 * MB
MAX_FAULTS = 20
"""The reasons that are reported against one row."""

M = TypeVar("M", bound=BaseModel)


class FileFormat(StrEnum):
    """The media types of files with many rows."""

    CSV = "text/csv"
    JSON_LINES = "application/x-ndjson"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_body(table: str, json_lines: str) -> dict[str, Any]:
    """Return the `openapi_extra` of a route that takes such a file, with an example of a table and of JSON lines."""
    examples = {FileFormat.CSV: {"examples": [table]}, FileFormat.JSON_LINES: {"examples": [json_lines]}}
    schema = {"type": "string", "format": "binary", "maxLength": MAX_BYTES}
    content = {format_: {"schema": {**schema, **examples.get(format_, {})}} for format_ in FileFormat}
    return {"requestBody": {"required": True, "content": content}}


@asynccontextmanager
async def received_file(request: Request) -> AsyncIterator[tuple[Path, FileFormat]]:
    """Yield the path of a request's body and its format. Raises Invalid for another media type."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        format_ = FileFormat(media_type)
    except ValueError:
        fault = Fault("header: Content-Type", f"This must be one of {', '.join(FileFormat)}.")
        raise Invalid("The file has no format that can be read.", fault) from None
    with NamedTemporaryFile() as file:
        async for chunk in request.stream():
            await asyncio.to_thread(file.write, chunk)
        file.flush()
        yield Path(file.name), format_


def read_table(path: Path, format_: FileFormat, required: Sequence[str], known: Sequence[str]) -> list[Row]:
    """Return the rows of a CSV file or a workbook. Raises Invalid with the line where the whole file is wrong."""
    try:
        rows = (
            read_sheet(path, required, most_rows=MAX_ROWS)
            if format_ is FileFormat.XLSX
            else read_rows(path, required)
        )
        found: list[Row] = []
        for row in rows:
            if not found and (unknown := sorted(row.cells.keys() - set(known))):
                raise InvalidInput(
                    f"The column {unknown[0][:60]} is not known. Columns: {', '.join(known)}.", place="line 1"
                )
            if len(found) == MAX_ROWS:
                raise InvalidInput(
                    f"The file has more than {MAX_ROWS:,} rows. Split it.", place=f"line {row.line}"
                )
            found.append(row)
    except InvalidInput as error:
        raise Invalid("The file cannot be read.", Fault(error.place or "line 1", error.reason)) from error
    if not found:
        raise _without_rows()
    return found


class FileLine(NamedTuple):
    """A line, or a row, of a file: its number, the body of a request that it makes, and what is wrong with it."""

    number: int
    body: object
    faults: Sequence[Fault] = ()


def validate_line(line: FileLine, model: type[M], place: Callable[[str], str] = str) -> M | RowReport:
    """Return the body of a line, or the report that refuses it.

    `place` returns the column that is shown for a pointer into the body.
    """
    faults = list(line.faults)
    if not faults:
        try:
            return model.model_validate(line.body)
        except ValidationError as error:
            found = faults_of(error.errors(include_input=False), line.body)
            faults = [Fault(place(fault.pointer), fault.detail) for fault in found]
    return refuse_line(line.number, faults)


def refuse_line(number: int, faults: Sequence[Fault]) -> RowReport:
    """Return the report that refuses a row, with the first of the reasons against it."""
    return RowReport(number, RowState.REFUSED, faults[:MAX_FAULTS])


def read_json_lines(path: Path) -> Iterator[FileLine]:
    """Yield the lines that are not blank. Raises Invalid for a file without any, or with too many or too long ones."""
    count = 0
    with open(path, "rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), 1):
            if len(line) > MAX_LINE:
                raise _unreadable(number, "The line is longer than 1 MB.")
            if not line.strip():
                continue
            count += 1
            if count > MAX_ROWS:
                raise _unreadable(number, f"The file has more than {MAX_ROWS:,} lines. Split it.")
            body, faults = read_body(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            yield FileLine(number, None, faults) if faults else FileLine(number, json.loads(body))
    if not count:
        raise _without_rows()


def _without_rows() -> Invalid:
    return _unreadable(1, "The file has no row.")


def _unreadable(line: int, reason: str) -> Invalid:
    return Invalid("The file cannot be read.", Fault(f"line {line}", reason))
