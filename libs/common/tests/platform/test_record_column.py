"""Tests of JSON columns that hold versioned records."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import ValidationError
from solidary.language.records import Record
from solidary.platform.database import RecordColumn
from sqlalchemy.dialects.postgresql.base import PGDialect

DIALECT = PGDialect()


class Visit(Record):
    """A record with one value."""

    version: Literal[1] = 1
    people: int


def test_a_record_is_stored_with_its_version() -> None:
    assert RecordColumn(Visit).process_bind_param(Visit(people=3), DIALECT) == {"version": 1, "people": 3}


def test_stored_values_are_read_as_a_record() -> None:
    column = RecordColumn(list[Visit])
    assert column.process_result_value([{"version": 1, "people": 3}], DIALECT) == [Visit(people=3)]


def test_values_of_an_unknown_version_raise() -> None:
    with pytest.raises(ValidationError):
        RecordColumn(Visit).process_result_value({"version": 2, "people": 3}, DIALECT)


def test_none_is_stored_as_null() -> None:
    assert RecordColumn(Visit).process_bind_param(None, DIALECT) is None
