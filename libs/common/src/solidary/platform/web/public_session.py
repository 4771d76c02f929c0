"""The session of a public route, which reaches published rows and no agency's rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from solidary.platform.web.runtime import runtime


async def _open_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with runtime(request).database.session_without_scope() as session:
        yield session


PublicSession = Annotated[AsyncSession, Depends(_open_session, scope="function")]
"""The parameter of a `@public` route that reads the database."""
