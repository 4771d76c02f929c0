"""The unit of work: the one object that commands know.

It opens with the agency scope set and commits once, at the end, before the answer leaves. Rows, events and
jobs asked for are one transaction: all of them happen, or none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from solidary.language.events import Envelope, Event
from solidary.language.problems import NotFound
from solidary.platform.database import outbox
from solidary.platform.database.entity import AgencyEntity, Entity
from solidary.platform.database.outbox import Publication
from solidary.platform.database.scope import CLEAR_SCOPE, set_scope
from solidary.platform.identity import Principal
from solidary.platform.telemetry import acting_for, traceparent

E = TypeVar("E", bound=Entity)


class Job(Protocol):
    """What `defer` takes: see `solidary.platform.jobs`."""

    async def defer(self, connection: psycopg.AsyncConnection[Any], **arguments: Any) -> int: ...


class UnitOfWork:
    """One transaction of one principal in one agency's scope."""

    def __init__(self, session: AsyncSession, principal: Principal, source: str) -> None:
        self.session, self.source = session, source
        self.principal = self._opened_by = principal
        self.now = datetime.now(UTC)
        self._publications: list[Publication] = []
        self._envelope: Envelope | None = None

    @property
    def envelope(self) -> Envelope:
        """Within a reaction: what the bus says of the event (its owner agency, its parties, its time)."""
        if self._envelope is None:
            raise RuntimeError("only a reaction has an envelope")
        return self._envelope

    @envelope.setter
    def envelope(self, envelope: Envelope) -> None:
        self._envelope = envelope

    def publish(
        self, event: Event, *, about: AgencyEntity | None = None, parties: Iterable[UUID] = ()
    ) -> None:
        """Tells an event when this unit commits.

        Its owner is the agency of the aggregate it is `about`, else the acting agency. `parties` are the
        other agencies concerned: they see it in their feeds. A reaction must have said for whom it acts.
        """
        self._in_scope()
        owner = about.agency if about is not None else None
        self._publications.append(Publication(event, owner or self.principal.agency, tuple(parties)))

    async def defer(self, job: Job, **arguments: Any) -> int:
        """Asks for a job in this transaction: it runs if and only if the unit commits. Returns its id."""
        self._in_scope()
        connection = await (await self.session.connection()).get_raw_connection()
        raw: psycopg.AsyncConnection[Any] = connection.driver_connection  # type: ignore[assignment]
        agency, subject = str(self.principal.agency), str(self.principal.subject)
        return await job.defer(raw, agency=agency, subject=subject, traceparent=traceparent(), **arguments)

    def add(self, *entities: Entity) -> None:
        """New rows; they are written when the unit flushes."""
        self.session.add_all(entities)

    async def get(self, entity: type[E], id_: object) -> E:
        """One row within reach. Raises NotFound, also for what another agency holds."""
        found = await self.session.get(entity, id_)
        if found is None:
            raise NotFound(f"no {_words(entity)} {id_}")
        return found

    async def lock(self, entity: type[E], id_: object) -> E:
        """One row that the principal may change, locked until the end. Raises NotFound."""
        found = await self.session.get(entity, id_, with_for_update=True, populate_existing=True)
        if found is None:
            raise NotFound(f"no {_words(entity)} {id_}")
        return found

    async def act_for(self, agency: UUID) -> None:
        """Moves a reaction's transaction into an agency's scope; what was added so far is written first.

        Only our own services may: a person stays in the agency that they act for.
        """
        if self.principal.service is None:
            raise PermissionError("only a service acts for another agency than its own")
        acting_for(agency)
        self.principal = replace(self.principal, agency=agency, agency_alias=str(agency))
        self.session.info["scope"] = (agency, self.principal.subject)
        if self.session.in_transaction():
            await self.session.flush()
            await self.session.run_sync(lambda s: set_scope(s.connection(), agency, self.principal.subject))

    async def act_for_owner(self, root: UUID) -> bool:
        """Moves into the scope of the agency that owns an aggregate here; false when it is unknown here."""
        owner = await self.session.scalar(
            text("SELECT agency FROM machinery.root WHERE root = :root"), {"root": root}
        )
        if owner is None:
            return False
        await self.act_for(owner)
        return True

    async def leave_scope(self) -> None:
        """After a reaction: the next one must say for itself for whom it acts."""
        if self.session.info.pop("scope", None) is not None:
            self.principal = self._opened_by
            await self.session.execute(CLEAR_SCOPE)

    def _in_scope(self) -> None:
        if self.session.info.get("scope") is None:
            raise PermissionError("say first for whom this is done: unit.act_for")

    async def flush(self) -> None:
        """Writes what was added, so that the database can refuse it here rather than at the end."""
        await self.session.flush()

    async def write_outbox(self) -> None:
        """Writes the events told so far; called once, right before the commit."""
        if self._publications:
            await self.session.flush()
            publications, self._publications = self._publications, []
            await outbox.write(self.session, publications, time=self.now, traceparent=traceparent())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self.write_outbox()
                await self.session.commit()
        finally:
            await self.session.close()


def _words(entity: type[Entity]) -> str:
    return str(entity.__tablename__).replace("_", " ")
