"""The statements that the services send to their databases through SQLAlchemy, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine


@contextmanager
def recorded_statements() -> Iterator[list[str]]:
    """Yield the list to which each statement is added, once for each time that it is sent.

    The driver sends a statement with a list of parameters once for each of them.
    """
    statements: list[str] = []

    def record(
        connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
    ) -> None:
        statements.extend([statement] * (len(parameters) if isinstance(parameters, list) else 1))

    event.listen(Engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", record)
