"""One moment for all databases of an instance.

PostgreSQL has no snapshot over several databases, so the outboxes are closed for the moment in which the snapshots are
taken: while all of them are closed no event is committed, handled or relayed. Thus no snapshot has handled an event
that the snapshot of its publisher lacks. Services also call each other; a caller's snapshot is taken before that of a
service it calls, so whatever the caller knows by an answer is in the other's snapshot too (docs/operating/backup.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from stack.provision.databases import KEYCLOAK
from stack.run_file import Run
from stack.services import called_services

from operations.backup.errors import BackupError

ATTEMPTS = 20
LOCK_TIMEOUT = "500ms"
"""The longest wait for one outbox, because writers wait behind it; then all are opened again for a moment."""
PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Snapshot:
    """A database as it was at one moment: an open transaction, whose snapshot other programs take over by its name."""

    database: str
    url: str
    connection: psycopg.Connection
    name: str


def snapshot_order(services: Sequence[str], called: Callable[[str], Sequence[str]]) -> list[str]:
    """Return the services so that each comes before those that it calls. Raises BackupError for a circle."""
    ordered: list[str] = []
    left = sorted(services)
    while left:
        free = [name for name in left if not any(name in called(other) for other in left if other != name)]
        if not free:
            raise BackupError(f"These services call each other in a circle: {', '.join(left)}.")
        ordered += free
        left = [name for name in left if name not in free]
    return ordered


@contextmanager
def one_moment(
    run: Run, keycloak_password: str, at_that_moment: Callable[[], None]
) -> Iterator[dict[str, Snapshot]]:
    """Yield a snapshot of each database, all of one moment, and call `at_that_moment` while nothing is relayed.

    Raises BackupError where the outboxes cannot be closed, because transactions are too long.
    """
    services = snapshot_order(list(run.databases), called_services)
    urls: Mapping[str, str] = {name: run.databases[name]["backup"] for name in services} | {
        KEYCLOAK: keycloak_url(run, keycloak_password)
    }
    with ExitStack() as opened:
        connections = {name: opened.enter_context(_open(url)) for name, url in urls.items()}
        with _closed_outboxes([run.databases[name]["migrate"] for name in services]):
            at_that_moment()
            # In this order, Keycloak's last: the services call it too.
            snapshots = {
                name: Snapshot(name, urls[name], connection, _export(connection))
                for name, connection in connections.items()
            }
        yield snapshots


def keycloak_url(run: Run, password: str) -> str:
    """Return the URL of Keycloak's database for the role that owns it."""
    return f"postgresql://{KEYCLOAK}:{password}@{run.postgres.host}:{run.postgres.port}/{KEYCLOAK}"


@contextmanager
def _open(url: str) -> Iterator[psycopg.Connection]:
    options = "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0 -c TimeZone=UTC"
    with psycopg.connect(make_conninfo(url, options=options)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection
        connection.rollback()


def _export(connection: psycopg.Connection) -> str:
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    return str(row[0])


@contextmanager
def _closed_outboxes(urls: Sequence[str]) -> Iterator[None]:
    """Keep the outbox of each database closed to writers and to its relay, for the block."""
    for attempt in range(1, ATTEMPTS + 1):
        with ExitStack() as locks:
            try:
                for url in urls:
                    _close_outbox(locks.enter_context(psycopg.connect(url)))
            except psycopg.errors.LockNotAvailable as error:
                if attempt == ATTEMPTS:
                    raise BackupError(
                        f"A transaction that publishes events did not end in {ATTEMPTS} attempts. "
                        "Find it in pg_stat_activity, or repeat the backup later."
                    ) from error
            else:
                yield
                return
        time.sleep(PAUSE_SECONDS)


def _close_outbox(connection: psycopg.Connection) -> None:
    connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(LOCK_TIMEOUT))
    connection.execute("LOCK TABLE machinery.outbox IN SHARE MODE")
