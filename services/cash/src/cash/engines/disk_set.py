"""What may stand once in a long file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


class Once:
    """Remembers names on disk, so that memory does not grow with their number."""

    def __init__(self, database: sqlite3.Connection):
        self._database = database

    def again(self, name: str) -> bool:
        """Whether the name has been said before."""
        said = self._database.execute("insert or ignore into said values (?)", (name,))
        return said.rowcount == 0


@contextmanager
def once() -> Iterator[Once]:
    """A database without a name is SQLite's temporary one: on disk when it grows, gone when it is closed."""
    database = sqlite3.connect("", isolation_level=None)
    try:
        database.execute("create table said (name text primary key) without rowid")
        database.execute("begin")
        yield Once(database)
    finally:
        database.close()
