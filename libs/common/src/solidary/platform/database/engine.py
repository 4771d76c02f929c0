"""One service's database: engine, pool, and the units of work opened on it."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction

from solidary.platform.connection import CONNECTION_PARAMETERS
from solidary.platform.database.scope import set_scope
from solidary.platform.database.unit_of_work import UnitOfWork
from solidary.platform.identity import Principal
from solidary.platform.telemetry import acting_for

STATEMENT_SECONDS = 30
POOL_SECONDS = 5
"""How long somebody waits for a connection; who calls us waits ten seconds for the answer."""
IDLE_SECONDS = 60
"""An open transaction holds locks, and old rows from being cleared away, so none may sit idle for long."""

PATIENCE = text(
    "SELECT set_config('statement_timeout', '1h', true), "
    "set_config('idle_in_transaction_session_timeout', '10min', true)"
)
"""For long work, which has asked for its time (`solidary.platform.jobs`), and for rebuilds."""


def driver_url(url: str) -> str:
    """`postgresql://…` as SQLAlchemy wants it, on psycopg 3."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


class Database:
    """Opens units of work on a service's database, as the role that owns nothing."""

    def __init__(self, url: str, *, service: str, country: str, pool_size: int = 10) -> None:
        self.service, self.country, self.source = service, country, f"/{country.lower()}/{service}"
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            hide_parameters=True,
            connect_args={
                **CONNECTION_PARAMETERS,
                "application_name": service,
                "options": f"-c statement_timeout={STATEMENT_SECONDS}s "
                f"-c idle_in_transaction_session_timeout={IDLE_SECONDS}s",
            },
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    def unit(self, principal: Principal, *, patient: bool = False) -> UnitOfWork:
        """A unit of work in the principal's agency: `async with database.unit(principal) as unit`.

        `patient` lifts the limits on how long its statements take.
        """
        acting_for(principal.agency)
        scope = (principal.agency, principal.subject)
        session = self._sessions(info={"scope": scope, "patient": patient})
        return UnitOfWork(session, principal, self.source)

    def unit_of_service(self, principal: Principal, *, patient: bool = False) -> UnitOfWork:
        """A reaction's unit: no scope until it says for whom it acts (`unit.act_for…`)."""
        return UnitOfWork(self._sessions(info={"patient": patient}), principal, self.source)

    def unit_of_clock(self, agency: UUID) -> UnitOfWork:
        """A unit for what the clock does in an agency: no person acts, the service does."""
        subject = uuid5(NAMESPACE_URL, f"urn:solidary:service:{self.service}")
        return self.unit(Principal(subject, agency, str(agency), frozenset(), self.service))

    def session_without_scope(self) -> AsyncSession:
        """A session that reaches `machinery` and `published` only: any agency row makes it raise."""
        return self._sessions()

    async def close(self) -> None:
        await self.engine.dispose()


@event.listens_for(Session, "after_begin")
def _enter_scope(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return
    scope: tuple[UUID, UUID] | None = session.info.get("scope")
    if scope is not None:
        set_scope(connection, *scope)
    if session.info.get("patient"):
        connection.execute(PATIENCE)
