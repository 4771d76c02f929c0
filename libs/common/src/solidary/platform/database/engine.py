"""One service's database: engine, connection pool, and the units of work opened on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from psycopg import adapters
from psycopg.adapt import AdaptersMap, PyFormat
from psycopg.types.array import BaseListDumper, ListBinaryDumper, ListDumper
from sqlalchemy import Connection, NullPool, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry

from solidary.platform.connection import CONNECTION_PARAMETERS
from solidary.platform.database.event_connection import EventConnection
from solidary.platform.database.idle import WINDOW_SECONDS, IdleConnections
from solidary.platform.database.scope import Scope, clear_left_scope, forget_left_scope, set_scope
from solidary.platform.database.unit_of_work import UnitOfWork
from solidary.platform.identity import Principal
from solidary.platform.telemetry import set_agency

STATEMENT_SECONDS = 30
POOL_SECONDS = 5
"""The longest wait for a connection from the pool; a calling service waits ten seconds for the response."""
IDLE_SECONDS = 60
"""The longest that a transaction may be idle: an open one holds locks and keeps dead rows from being vacuumed."""

LONG_RUNNING_TIMEOUTS = text(
    "SELECT set_config('statement_timeout', '1h', true), "
    "set_config('idle_in_transaction_session_timeout', '10min', true)"
)
"""For long work (`solidary.platform.jobs`) and for rebuilds."""


class _ListDumper(ListBinaryDumper):
    """Sends lists of texts, bytes and ids in binary: as text, each quotation mark in them is escaped by itself."""

    def upgrade(self, obj: list[Any], format: PyFormat) -> BaseListDumper:
        if type(self._find_list_element(obj, format)) in (str, bytes, UUID):
            return super().upgrade(obj, format)
        return ListDumper(self.cls, self._tx).upgrade(obj, format)


_ADAPTERS = AdaptersMap(adapters)
_ADAPTERS.register_dumper(list, _ListDumper)


def driver_url(url: str) -> str:
    """Return a `postgresql://` URL in SQLAlchemy's form for psycopg 3."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


NO_AGENCY = UUID(int=0)
"""The agency of a unit that reaches the rows of none."""
VISITOR = uuid5(NAMESPACE_URL, "urn:solidary:visitor")
"""The subject of everybody who has no login."""


def service_subject(service: str) -> UUID:
    """Return the subject under which a service acts where no person does."""
    return uuid5(NAMESPACE_URL, f"urn:solidary:service:{service}")


class Database:
    """A service's database, opened with a role that owns no table. `country`: ISO 3166-1 alpha-2.

    `connection_check` is a statement that each new connection runs first; where it fails, nobody gets the connection.
    A connection that nobody needed for `idle_seconds` is closed. With `is_pooled` false, each is closed after its use:
    for work every few seconds, for which a pool would keep a process of PostgreSQL.
    """

    def __init__(
        self,
        url: str,
        *,
        service: str,
        country: str,
        pool_size: int = 10,
        connection_check: str | None = None,
        idle_seconds: float = WINDOW_SECONDS,
        is_pooled: bool = True,
    ) -> None:
        self.service, self.country, self.source = service, country, f"/{country.lower()}/{service}"
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            **(_pool(pool_size) if is_pooled else {"poolclass": NullPool}),
            hide_parameters=True,
            connect_args={
                **CONNECTION_PARAMETERS,
                "application_name": service,
                "context": _ADAPTERS,
                "options": f"-c statement_timeout={STATEMENT_SECONDS}s "
                f"-c idle_in_transaction_session_timeout={IDLE_SECONDS}s",
            },
        )
        if connection_check is not None:
            event.listen(self.engine.sync_engine, "connect", _check_with(connection_check))
        event.listen(self.engine.sync_engine, "begin", forget_left_scope)
        event.listen(self.engine.sync_engine, "before_cursor_execute", clear_left_scope)
        self._idle = IdleConnections(self.engine, idle_seconds) if is_pooled else None
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    def unit(self, principal: Principal, *, long_running: bool = False) -> UnitOfWork:
        """Return a unit of work in the principal's agency: `async with database.unit(principal) as unit`.

        `long_running` raises the limits on the duration of its statements.
        """
        set_agency(principal.agency)
        session = self._sessions(info={"scope": Scope.of(principal), "long_running": long_running})
        return UnitOfWork(session, principal, self.source)

    def unit_for_service(self, principal: Principal, *, long_running: bool = False) -> UnitOfWork:
        """Return a reaction's unit of work: without scope until it sets one (`unit.act_for`)."""
        return UnitOfWork(self._sessions(info={"long_running": long_running}), principal, self.source)

    async def event_connection(self) -> EventConnection:
        """Take a connection of the pool for a consumer's units of work, one after the other; it must be closed."""
        return await EventConnection.open(self.engine, self.source)

    def unit_for_timer(self, agency: UUID) -> UnitOfWork:
        """Return a timer's unit of work in an agency: the service acts, and no person."""
        subject = service_subject(self.service)
        return self.unit(Principal(subject, agency, str(agency), frozenset(), self.service))

    def unit_for_visitor(self, agency: UUID = NO_AGENCY) -> UnitOfWork:
        """Return the unit of work of somebody without a login, who writes to an agency; they have no duty there."""
        return self.unit(Principal(VISITOR, agency, str(agency), frozenset()))

    def session_without_scope(self) -> AsyncSession:
        """Return a session that reaches `machinery` and `published` only; PostgreSQL refuses it any agency row."""
        return self._sessions()

    async def close(self) -> None:
        """Close the pool's connections."""
        if self._idle is not None:
            self._idle.stop()
        await self.engine.dispose()


def _pool(size: int) -> dict[str, Any]:
    return {"pool_size": size, "max_overflow": 0, "pool_timeout": POOL_SECONDS}


def _check_with(statement: str) -> Callable[[DBAPIConnection, ConnectionPoolEntry], None]:
    def check(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        try:
            cursor.execute(statement)
        finally:
            cursor.close()
        connection.commit()

    return check


@event.listens_for(Session, "after_begin")
def _enter_scope(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return
    scope: Scope | None = session.info.get("scope")
    if scope is not None:
        set_scope(connection, scope)
    if session.info.get("long_running"):
        connection.execute(LONG_RUNNING_TIMEOUTS)
