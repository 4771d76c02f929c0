"""The unit of work: the one object through which a command reads, writes and publishes.

It opens with the agency scope set and commits once, at the end, before the response is sent. Rows, events and
deferred jobs are one transaction: all of them take effect, or none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from solidary.language.country import load_pack
from solidary.language.events import Envelope, Event
from solidary.language.problems import NotFound
from solidary.platform.database import outbox
from solidary.platform.database.entity import AgencyEntity, Entity
from solidary.platform.database.outbox import Publication
from solidary.platform.database.scope import Scope, leave_scope, set_scope
from solidary.platform.identity import Principal
from solidary.platform.telemetry import set_agency, traceparent

E = TypeVar("E", bound=Entity)


class Job(Protocol):
    """A job that `defer` takes (`solidary.platform.jobs`)."""

    async def defer_many(
        self, connection: psycopg.AsyncConnection[Any], each: Sequence[Mapping[str, Any]]
    ) -> list[int]: ...


class UnitOfWork:
    """One transaction of one principal in one agency's scope."""

    def __init__(self, session: AsyncSession | None, principal: Principal, source: str) -> None:
        self._session, self.source = session, source
        self.principal = self._opened_by = principal
        self.now = datetime.now(UTC)
        self._publications: list[Publication] = []
        self._envelope: Envelope | None = None

    @property
    def session(self) -> AsyncSession:
        """The session of this transaction: entities, and queries for them."""
        if self._session is None:
            self._session = self._begin_session()
        return self._session

    def _begin_session(self) -> AsyncSession:
        raise NotImplementedError

    @property
    def country(self) -> str:
        """The instance's country: its ISO 3166-1 alpha-2 code, in capitals."""
        return self.source.split("/")[1].upper()

    @property
    def today(self) -> date:
        """The day of `now` in the time zone of the instance's country: the day at its desks."""
        return self.now.astimezone(load_pack(self.country).zone()).date()

    @property
    def envelope(self) -> Envelope:
        """The envelope of a reaction's event: its owner agency, its time."""
        if self._envelope is None:
            raise RuntimeError("Only a reaction has an envelope.")
        return self._envelope

    @envelope.setter
    def envelope(self, envelope: Envelope) -> None:
        self._envelope = envelope

    def publish(
        self, event: Event, *, about: AgencyEntity | None = None, parties: Iterable[UUID] = ()
    ) -> None:
        """Publish an event when this unit commits.

        Its owner is the agency of the aggregate that it is `about`, else the acting agency. `parties` are the other
        agencies concerned, whose feeds include it. A reaction must have set its scope before.
        """
        self._require_scope()
        owner = about.agency if about is not None else None
        self._publications.append(Publication(event, owner or self.principal.agency, tuple(parties)))

    async def defer(self, job: Job, **arguments: Any) -> int:
        """Defer a job in this transaction and return its id: it runs if and only if the unit commits."""
        (id_,) = await self.defer_many(job, [arguments])
        return id_

    async def defer_many(self, job: Job, each: Sequence[Mapping[str, Any]]) -> list[int]:
        """Defer a job once for each set of arguments, as `defer` does. One statement."""
        self._require_scope()
        by = {
            "agency": str(self.principal.agency),
            "subject": str(self.principal.subject),
            "traceparent": traceparent(),
        }
        return await job.defer_many(await self._raw_connection(), [{**by, **arguments} for arguments in each])

    async def _raw_connection(self) -> psycopg.AsyncConnection[Any]:
        connection = await (await self.session.connection()).get_raw_connection()
        raw: psycopg.AsyncConnection[Any] = connection.driver_connection  # type: ignore[assignment]
        return raw

    def add(self, *entities: Entity) -> None:
        """Add new rows, which are written when the unit flushes."""
        self.session.add_all(entities)

    async def get(self, entity: type[E], id_: object) -> E:
        """Return a row within reach. Raises NotFound, also for a row that only another agency may read."""
        found = await self.session.get(entity, id_)
        if found is None:
            raise _not_found(entity, id_)
        return found

    async def lock(self, entity: type[E], id_: object) -> E:
        """Return a row that the principal may change, locked until the end. Raises NotFound."""
        found = await self.session.get(entity, id_, with_for_update=True, populate_existing=True)
        if found is None:
            raise _not_found(entity, id_)
        return found

    async def execute(self, statement: str, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        """Run a statement as PostgreSQL takes it, with parameters like `%(name)s`, and return its rows.

        Rows that were added and not flushed are not written before it.
        """
        connection = await self.session.connection()
        result = await connection.exec_driver_sql(statement, dict(values))
        return result.all() if result.returns_rows else ()

    @property
    def settings_ahead(self) -> Mapping[str, str]:
        """The scope's settings that the next statement must set; a consumer's unit may have some."""
        return {}

    async def act_for(self, agency: UUID) -> None:
        """Put the transaction of a reaction or of a service's call into an agency's scope.

        Rows added so far are written first. A person stays in the agency that they act for, unless another service
        carries them; their duties end there.
        """
        if self.principal.service is None and self.principal.caller is None:
            raise PermissionError("Only a service may change the agency that it acts for.")
        set_agency(agency)
        self.principal = self._principal_in(agency)
        await self._enter(Scope.of(self.principal))

    def _principal_in(self, agency: UUID) -> Principal:
        principal = self.principal
        duties = principal.duties if agency == principal.agency else frozenset()
        return replace(principal, agency=agency, agency_alias=str(agency), duties=duties)

    async def _enter(self, scope: Scope) -> None:
        self.session.info["scope"] = scope
        if self.session.in_transaction():
            await self.session.flush()
            await self.session.run_sync(lambda session: set_scope(session.connection(), scope))

    def name_cause(self, cause: str, on_behalf_of: UUID) -> None:
        """Replace the cause and the human that a service named by those of a request that is recorded here."""
        if self.principal.service is None:
            raise PermissionError("Only a service that acts without a human has a cause.")
        self.principal = replace(self.principal, cause=cause, on_behalf_of=on_behalf_of)

    async def act_for_owner(self, root: UUID) -> bool:
        """Act for the agency that owns an aggregate; return false where the aggregate does not exist here."""
        owners = await self.execute(
            "SELECT agency FROM machinery.aggregate_owner WHERE root = %(root)s", {"root": root}
        )
        for (owner,) in owners:
            await self.act_for(owner)
        return bool(owners)

    async def owners_of(self, roots: Collection[UUID]) -> dict[UUID, UUID]:
        """Return the agencies that own aggregates, by the aggregate; those that do not exist here are left out."""
        owners = await self.execute(
            "SELECT root, agency FROM machinery.aggregate_owner WHERE root = ANY(%(roots)s)",
            {"roots": list(roots)},
        )
        return {row[0]: row[1] for row in owners}

    async def leave_scope(self) -> None:
        """End a reaction's scope, so that the next reaction must set its own."""
        scope: Scope | None = self.session.info.pop("scope", None)
        if scope is not None:
            self.principal = self._opened_by
            await self.session.run_sync(lambda session: leave_scope(session.connection(), scope))

    @property
    def _scope(self) -> Scope | None:
        scope: Scope | None = self.session.info.get("scope")
        return scope

    def _require_scope(self) -> None:
        if self._scope is None:
            raise PermissionError("This unit has no agency scope yet. Call unit.act_for first.")

    async def flush(self) -> None:
        """Write the rows added so far, so that the database refuses them here rather than at the commit."""
        await self.session.flush()

    async def write_outbox(self) -> None:
        """Write the events published so far; called right before the commit, and after each reaction."""
        if self._publications:
            await self.flush()
            publications, self._publications = self._publications, []
            await outbox.write(self, publications, time=self.now, traceparent=traceparent())

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


def _not_found(entity: type[Entity], id_: object) -> NotFound:
    name = str(entity.__tablename__).replace("_", " ")
    return NotFound(f"There is no {name} {id_} within your agency's reach.")
