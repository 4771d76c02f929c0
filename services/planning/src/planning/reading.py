"""How a public route reads what is published: a session that reaches nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from solidary.platform.web import runtime
from sqlalchemy.ext.asyncio import AsyncSession


async def _published(request: Request) -> AsyncIterator[AsyncSession]:
    async with runtime(request).database.session_without_scope() as session:
        yield session


PublicSession = Annotated[AsyncSession, Depends(_published)]
