"""The connection of a consumer, and the units of work that follow one another on it.

The statements of the machinery itself (begin, inbox, scope, outbox, commit) go to the connection without SQLAlchemy,
and those whose result nobody awaits before the next one go with it: what costs a reaction most is round trips and
SQLAlchemy's work for each statement. A session of SQLAlchemy joins the transaction where a handler first uses one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, cast
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from solidary.platform.database.scope import CLEAR_SCOPE, LEFT_SCOPE, SET_SCOPE, Scope, settings_of
from solidary.platform.database.unit_of_work import Job, UnitOfWork
from solidary.platform.identity import Principal

Raw = psycopg.AsyncConnection[Any]


class EventConnection:
    """A connection that a consumer keeps while events wait."""

    def __init__(self, connection: AsyncConnection, raw: Raw, source: str) -> None:
        self._connection, self._raw, self._source = connection, raw, source

    @classmethod
    async def open(cls, engine: AsyncEngine, source: str) -> Self:
        """Take a connection from the pool."""
        connection = await engine.connect()
        raw = cast(Raw, (await connection.get_raw_connection()).driver_connection)
        await raw.set_autocommit(True)  # a unit begins by itself: psycopg would wait for the answer to BEGIN
        return cls(connection, raw, source)

    def unit(self, principal: Principal, *, goes_on: bool = False) -> EventUnit:
        """Return a unit of work without scope until it sets one (`unit.act_for`).

        `goes_on`: its commit begins the next unit's transaction too, which so is no statement of its own. That one is
        open, without a lock or a snapshot, until the next unit or `close`.
        """
        return EventUnit(self._connection, self._raw, principal, self._source, goes_on=goes_on)

    async def close(self) -> None:
        """Return the connection to the pool; the pool is emptied where its server has gone."""
        try:
            if self._raw.closed:
                # SQLAlchemy finds out by a statement, and then trusts no older connection of the pool either.
                await self._connection.exec_driver_sql("SELECT")
            else:
                await self._raw.rollback()
                await self._raw.set_autocommit(False)
        except DBAPIError:
            pass
        finally:
            await self._connection.close()


class EventUnit(UnitOfWork):
    """A unit of work of a consumer: the service's own, without scope until a handler sets one.

    `_in_force` is the scope that PostgreSQL has in this transaction. It is set together with the statement that first
    needs it, or with the first statement of all where it is expected.
    """

    def __init__(
        self, connection: AsyncConnection, raw: Raw, principal: Principal, source: str, *, goes_on: bool
    ) -> None:
        super().__init__(None, principal, source)
        self._connection, self._raw, self._goes_on = connection, raw, goes_on
        self._wanted: Scope | None = None
        self._in_force: Scope | None = None
        self._expected: Scope | None = None

    def expect(self, agency: UUID) -> None:
        """Let the first statement, that of the inbox, set an agency's scope by `settings_ahead`; it must need none.

        Most handlers act for the owner of their event, which then costs no statement. Until one does, the unit is in
        no scope, and this one is cleared before any other statement.
        """
        self._expected = Scope(agency, self.principal.subject)

    @property
    def settings_ahead(self) -> Mapping[str, str]:
        """The scope's settings that the next statement must set; none where no agency is expected."""
        return {} if self._expected is None else settings_of(self._expected)

    async def execute(self, statement: str, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        """Run a statement and return its rows. It begins the transaction and sets the scope in the same round trip."""
        if self._session is not None:
            return await super().execute(statement, values)
        if self._is_begun and self._wanted is self._in_force:
            cursor = await self._send(statement, values)
        else:
            async with self._raw.pipeline():
                if not self._is_begun:
                    await self._send("BEGIN", None)
                await self._send_scope()
                cursor = await self._send(statement, values)
        if self._expected is not None:
            self._in_force, self._expected = self._expected, None
        return await cursor.fetchall() if cursor.description is not None else ()

    async def defer(self, job: Job, **arguments: Any) -> int:
        """Defer a job in this transaction and return its id: it runs if and only if the unit commits."""
        if self._session is None:
            await self._send_scope()  # its unit has begun: the inbox comes first
        return await super().defer(job, **arguments)

    async def leave_scope(self) -> None:
        """End a handler's scope, so that the next one must set its own."""
        if self._session is not None:
            await super().leave_scope()
        elif self._wanted is not None:
            self.principal, self._wanted = self._opened_by, None

    async def flush(self) -> None:
        """Write the rows added so far, so that the database refuses them here rather than at the commit."""
        if self._session is not None:
            await super().flush()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        is_committed = False
        try:
            if error is None:
                await self.write_outbox()
                await self._commit()
                is_committed = True
        finally:
            if self._session is not None:
                await self._session.close()
            if not (is_committed or self._raw.closed):
                await self._raw.rollback()

    async def _commit(self) -> None:
        if self._session is not None:
            await self._session.commit()
        if not self._is_begun:
            return
        # The session, if any, sent nothing and so ended no transaction.
        if self._goes_on:
            await self._send("COMMIT AND CHAIN", None)
        else:
            await self._raw.commit()

    @property
    def _is_begun(self) -> bool:
        return self._raw.pgconn.transaction_status != TransactionStatus.IDLE

    @property
    def _scope(self) -> Scope | None:
        return self._wanted if self._session is None else super()._scope

    async def _raw_connection(self) -> Raw:
        return self._raw

    async def _enter(self, scope: Scope) -> None:
        if self._session is not None:
            await super()._enter(scope)
        else:
            self._wanted = self._in_force if scope == self._in_force else scope

    async def _send_scope(self) -> None:
        if self._wanted is None and self._in_force is not None:
            await self._send(CLEAR_SCOPE, None)
        elif self._wanted is not None and self._wanted is not self._in_force:
            await self._send(SET_SCOPE, settings_of(self._wanted))
        self._in_force = self._wanted

    async def _send(self, statement: str, values: Mapping[str, object] | None) -> psycopg.AsyncCursor[Any]:
        return await self._raw.execute(statement, values)

    def _begin_session(self) -> AsyncSession:
        """Return a session in this transaction, which takes over what it knows of the scope."""
        if not self._is_begun:
            raise RuntimeError("A consumer's transaction begins with its inbox, before a session is used.")
        known = self._connection.info
        known.pop(LEFT_SCOPE, None)
        if self._in_force is not None:
            known[LEFT_SCOPE] = self._in_force
        scope = {} if self._wanted is None else {"scope": self._wanted}
        return AsyncSession(self._connection, expire_on_commit=False, info=scope)
