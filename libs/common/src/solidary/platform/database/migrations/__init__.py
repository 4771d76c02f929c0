"""Alembic migrations: the platform's revisions, which every database has, and each service's revisions after them.

A service's revisions are in `services/<name>/migrations/`; its first one has `depends_on = "machinery_0001"`. All
functions here but `migrate` are called within a revision (docs/extending/migrations.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import text

from solidary.platform.database import scope
from solidary.platform.database.scope import ShareLevel

HERE = Path(__file__).parent

LOCK_TIMEOUT = "3s"
"""The longest wait for a lock on a table: every other statement on the table queues behind a waiting revision."""


def migrate(url: str, service: str, *revisions: Path, to: str = "heads") -> None:
    """Migrate a service's database to its newest revisions, or to one with those that it needs.

    `url` is that of the role `<service>_migrate`.
    """
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, (HERE / "versions", *revisions))))
    config.attributes.update(url=url, service=service)
    command.upgrade(config, to)


def service() -> str:
    """Return the name of the service whose database is migrated."""
    return str(context.config.attributes["service"])


def guard(
    table: str,
    *,
    root: bool = False,
    append_only: bool = False,
    write: tuple[ShareLevel, ...] = (ShareLevel.ACT,),
    duties: Iterable[str] = (),
    writer: bool = True,
    schema: str = "data",
) -> None:
    """Put a table under row-level security by agency (`solidary.platform.database.scope`)."""
    app = f"{service()}_app"
    for statement in scope.guard(
        table,
        app=app,
        root=root,
        append_only=append_only,
        write=write,
        duties=duties,
        writer=writer,
        schema=schema,
    ):
        op.execute(statement)


def record_writer(table: str) -> None:
    """Give a table of `data` that has policies of its own the writer of each row."""
    for statement in scope.record_writer(table):
        op.execute(statement)


def record_updates(*tables: str) -> None:
    """Give tables of `data` the time of the last change of each row (`Updated`); rows keep None until they change."""
    for table in tables:
        op.execute(f"ALTER TABLE data.{table} ADD COLUMN IF NOT EXISTS updated timestamptz")
        op.execute(
            f"CREATE OR REPLACE TRIGGER record_update BEFORE UPDATE ON data.{table} "
            "FOR EACH ROW EXECUTE FUNCTION machinery.record_update()"
        )


def open_to_service(table: str) -> None:
    """Grant the service reading and writing of a table of `published` or `machinery`."""
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {service()}_app")


def create_index_concurrently(name: str, on: str, *, unique: bool = False) -> None:
    """Build an index while the table is read and written.

    `on` is what follows ON in SQL, with the schema: `data.referral (agency, due)`. Earlier statements of the revision
    are committed first, so this should be the only one. An index that an interrupted attempt left invalid is replaced.
    """
    with op.get_context().autocommit_block():
        # It waits for the transactions that are open now, but nobody waits for it.
        op.execute("SET lock_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {on.partition('.')[0]}.{name}")
        op.execute(f"CREATE {'UNIQUE ' if unique else ''}INDEX CONCURRENTLY {name} ON {on}")
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def record_transitions(machine: str, pairs: Iterable[tuple[str | None, str]]) -> None:
    """Record a state machine's pairs (state before, state after) for `machinery.check_transition`.

    A revision writes the pairs out, as it writes out everything: what it records must not change with the code.
    """
    statement = text("INSERT INTO machinery.transition VALUES (:machine, :source, :target)")
    for source, target in pairs:
        op.execute(statement.bindparams(machine=machine, source=source, target=target))
