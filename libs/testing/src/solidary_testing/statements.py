"""The statements that the services send to their databases, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from solidary.platform.database.event_connection import EventUnit
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
    stop = record_event_units(lambda unit, statement, values: statements.append(statement))
    try:
        yield statements
    finally:
        stop()
        event.remove(Engine, "before_cursor_execute", record)


def record_event_units(record: Callable[[EventUnit, str, Any], None]) -> Callable[[], None]:
    """Call `record` for each statement that a consumer sends without SQLAlchemy; return what ends that."""
    send = EventUnit._send

    @wraps(send)
    async def recorded(self: EventUnit, statement: str, values: Any) -> Any:
        record(self, statement, values)
        return await send(self, statement, values)

    def stop() -> None:
        EventUnit._send = send  # type: ignore[method-assign]

    EventUnit._send = recorded  # type: ignore[method-assign]
    return stop
