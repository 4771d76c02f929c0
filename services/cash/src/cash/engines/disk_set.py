"""A set of strings that is kept on disk, for files of any length."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


class DiskSet:
    """A set of strings whose memory use does not grow with its size."""

    def __init__(self, database: sqlite3.Connection):
        self._database = database

    def add(self, value: str) -> bool:
        """Add a value. Return False where the set already contains it."""
        inserted = self._database.execute("insert or ignore into element values (?)", (value,))
        return inserted.rowcount == 1


@contextmanager
def disk_set() -> Iterator[DiskSet]:
    """Open an empty set. SQLite keeps a database without a name on disk when it grows, and deletes it when closed."""
    database = sqlite3.connect("", isolation_level=None)
    try:
        database.execute("create table element (value text primary key) without rowid")
        database.execute("begin")
        yield DiskSet(database)
    finally:
        database.close()
