"""The sessions of one process's visitors, in the service's database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import ValidationError
from solidary.platform.database import Database

from console.accounts.sessions import statements
from console.accounts.sessions.records import PageSession
from console.accounts.sessions.rules import (
    LOCK,
    LONGEST,
    decrypt,
    encrypt,
    is_locked,
    is_over,
    new_cookie,
    session_id,
)

PURPOSE = b"solidary page session"


@dataclass(frozen=True)
class StoredSession:
    """A session as it was found. One that is over or locked may not act, but its entries are kept."""

    cookie: str
    subject: UUID
    content: PageSession
    is_over: bool
    is_locked: bool


@dataclass(frozen=True)
class SessionStore:
    """The sessions in a database, encrypted with each cookie and the instance's secret."""

    database: Database
    secret: bytes
    lock: timedelta = LOCK

    async def create(self, subject: UUID, content: PageSession) -> str:
        """Store a new session and return the value of its cookie."""
        cookie = new_cookie(self.secret)
        async with self.database.session_without_scope() as session, session.begin():
            row = {"id": session_id(cookie), "subject": subject, "content": self._encrypt(cookie, content)}
            await session.execute(statements.INSERT, row)
        return cookie

    async def find(self, cookie: str | None) -> StoredSession | None:
        """Return the session of a cookie, and note that it was used unless it is over."""
        if not cookie:
            return None
        key = {"id": session_id(cookie)}
        async with self.database.session_without_scope() as session, session.begin():
            row = (await session.execute(statements.SELECT, key)).one_or_none()
            content = None if row is None else self._decrypt(cookie, row.content)
            if row is None or content is None:
                return None
            now = datetime.now(UTC)
            over = content.is_locked or is_over(row.created, row.used, now)
            locked = content.needs_password or is_locked(row.used, now, self.lock)
            if not over and not locked:
                await session.execute(statements.USE, key)
        return StoredSession(cookie, row.subject, content, over, locked)

    async def change(
        self, cookie: str, change: Callable[[PageSession], Awaitable[PageSession]]
    ) -> PageSession | None:
        """Change a session while no other request changes it; return it, or None where it is gone."""
        key = {"id": session_id(cookie)}
        async with self.database.session_without_scope() as session, session.begin():
            stored = (await session.execute(statements.LOCK, key)).scalar_one_or_none()
            content = None if stored is None else self._decrypt(cookie, stored)
            if content is None:
                return None
            changed = await change(content)
            if changed != content:
                await session.execute(statements.UPDATE, {**key, "content": self._encrypt(cookie, changed)})
        return changed

    async def update(self, cookie: str, **values: object) -> PageSession | None:
        """Set these values of a session."""

        async def change(content: PageSession) -> PageSession:
            return content.model_copy(update=values)

        return await self.change(cookie, change)

    async def delete(self, cookie: str) -> None:
        """Delete a session."""
        async with self.database.session_without_scope() as session, session.begin():
            await session.execute(statements.DELETE, {"id": session_id(cookie)})

    async def delete_all(self, subject: UUID) -> None:
        """Delete the sessions of a person at all browsers."""
        async with self.database.session_without_scope() as session, session.begin():
            await session.execute(statements.DELETE_ALL, {"subject": subject})

    async def count(self, subject: UUID) -> int:
        """Return the number of browsers at which a person's session is not over."""
        async with self.database.session_without_scope() as session:
            found = await session.execute(statements.COUNT, {"subject": subject, "longest": LONGEST})
            return int(found.scalar_one())

    def _encrypt(self, cookie: str, content: PageSession) -> bytes:
        return encrypt(content.model_dump_json(), secret=self.secret, cookie=cookie, purpose=PURPOSE)

    def _decrypt(self, cookie: str, content: bytes) -> PageSession | None:
        text = decrypt(content, secret=self.secret, cookie=cookie, purpose=PURPOSE)
        try:
            return None if text is None else PageSession.model_validate_json(text)
        except ValidationError:
            return None  # a session of another version: the person logs in again
