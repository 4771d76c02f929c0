"""A column of versioned records, stored as JSON."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

R = TypeVar("R")


class RecordColumn(TypeDecorator[R], Generic[R]):
    """A JSONB column whose values are records (`solidary.language.records.Record`), or a list of them.

        account: Mapped[AccountRecord | None] = mapped_column(RecordColumn(AccountRecord))

    Records are immutable: to change a column, assign another record. `None` is stored as SQL NULL.
    """

    impl = JSONB
    cache_ok = True

    def __init__(self, record: type[R]) -> None:
        super().__init__(none_as_null=True)
        self.record = record
        self._adapter: TypeAdapter[R] = TypeAdapter(record)

    def process_bind_param(self, value: R | None, dialect: Dialect) -> Any:
        """Return the JSON values of a record."""
        return None if value is None else self._adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> R | None:
        """Return the record that JSON values describe. Raises ValidationError for what no version describes."""
        return None if value is None else self._adapter.validate_python(value)
