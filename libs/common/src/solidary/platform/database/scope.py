"""The agency scope, enforced by row-level security, and shares between agencies.

The scope is three settings of the transaction: `app.agency`, `app.subject` and `app.duties`. The policies cast the
first two to a UUID, so PostgreSQL refuses a transaction that never set them, instead of showing it nothing.

A service's migration calls `guard` (solidary.platform.database.migrations) for every table of `data`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid4

from psycopg.pq import TransactionStatus
from sqlalchemy import Connection
from sqlalchemy.orm import Mapped, mapped_column

from solidary.platform.database.entity import Entity, timestamp
from solidary.platform.identity import Principal

SET_SETTINGS = """set_config('app.agency', %(agency)s, true), set_config('app.subject', %(subject)s, true),
    set_config('app.duties', %(duties)s, true)"""
SET_SCOPE = f"SELECT {SET_SETTINGS}"
CLEAR_SCOPE = """SELECT set_config('app.agency', '', true), set_config('app.subject', '', true),
    set_config('app.duties', '', true)"""

LEFT_SCOPE = "left_scope"
"""The key of a connection's `info` with the scope that a reaction has left and PostgreSQL still has."""

CURRENT_AGENCY = "(SELECT current_setting('app.agency'))::uuid"
CURRENT_SUBJECT = "(SELECT current_setting('app.subject'))::uuid"


class Scope(NamedTuple):
    """The settings of a transaction; `duties` are those that the subject has in this agency."""

    agency: UUID
    subject: UUID
    duties: frozenset[str] = frozenset()

    @classmethod
    def of(cls, principal: Principal) -> Self:
        """Return the scope of a principal."""
        return cls(principal.agency, principal.subject, principal.duties)


class ShareLevel(StrEnum):
    """The rights that a share gives to the other agency."""

    READ = "read"
    """Read the rows."""
    ACT = "act"
    """Read and answer: a receiver on a referral."""
    DRAW = "draw"
    """Read and spend: a programme on a budget line."""


class Share(Entity):
    """Access of an agency to an aggregate of another one (`owner`), at a level, for a reason, until a moment."""

    __tablename__ = "share"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    root: Mapped[UUID]
    owner: Mapped[UUID]
    agency: Mapped[UUID]
    level: Mapped[str]
    reason: Mapped[str]
    """referral · consent · joint_programme · break_glass · agreement"""
    reference: Mapped[UUID | None]
    valid_until: Mapped[timestamp | None]


def settings_of(scope: Scope) -> dict[str, str]:
    """Return the parameters of SET_SCOPE."""
    return {
        "agency": str(scope.agency),
        "subject": str(scope.subject),
        "duties": ",".join(sorted(scope.duties)),
    }


def set_scope(connection: Connection, scope: Scope) -> None:
    """Put the transaction into a scope: one round trip, or none where it has just left the same one."""
    if connection.info.pop(LEFT_SCOPE, None) == scope:
        return
    connection.exec_driver_sql(SET_SCOPE, settings_of(scope))


def leave_scope(connection: Connection, scope: Scope) -> None:
    """Leave a scope. PostgreSQL learns it before the next statement, if that does not set another one."""
    connection.info[LEFT_SCOPE] = scope


def clear_left_scope(connection: Connection, *_: object) -> None:
    """Clear a scope that was left; called before each statement."""
    if connection.info.pop(LEFT_SCOPE, None) is not None:
        connection.exec_driver_sql(CLEAR_SCOPE)


def forget_left_scope(connection: Connection) -> None:
    """Forget what an earlier transaction left, whose settings ended with it; called at each beginning.

    A session may also begin in a transaction that is open already (`reaction_unit`), whose settings hold.
    """
    raw: Any = connection.connection.driver_connection
    if raw.info.transaction_status == TransactionStatus.IDLE:
        connection.info.pop(LEFT_SCOPE, None)


def record_writer(table: str, schema: str = "data") -> list[str]:
    """Return the statements that give a table the writer of each row, as the scope names them.

    `recorded_by` is the subject who added the row, and `changed_by` the one who changed it last. PostgreSQL refuses a
    row under another subject than that of the transaction, and a change of either column.
    """
    return [
        f"ALTER TABLE {schema}.{table} ADD COLUMN recorded_by uuid NOT NULL, ADD COLUMN changed_by uuid",
        f"ALTER TABLE {schema}.{table} ALTER COLUMN recorded_by SET DEFAULT current_setting('app.subject')::uuid",
        f"CREATE POLICY own_writer ON {schema}.{table} AS RESTRICTIVE FOR INSERT WITH CHECK "
        f"({table}.recorded_by = {CURRENT_SUBJECT} AND {table}.changed_by IS NULL)",
        f"CREATE TRIGGER record_writer BEFORE UPDATE ON {schema}.{table} FOR EACH ROW "
        f"EXECUTE FUNCTION machinery.record_writer()",
    ]


def require_duty(table: str, *duties: str) -> list[str]:
    """Return the statement that limits a table to transactions whose scope has one of these duties.

    It protects against a route, list or count that reads the table by mistake. It does not protect against somebody
    who can send any statement as the service: they can set the scope.
    """
    held = f"string_to_array((SELECT current_setting('app.duties')), ',') && ARRAY{[str(d) for d in duties]}::text[]"
    return [f"CREATE POLICY duty ON data.{table} AS RESTRICTIVE USING ({held}) WITH CHECK ({held})"]


def guard(
    table: str,
    *,
    app: str,
    root: bool = False,
    append_only: bool = False,
    write: tuple[ShareLevel, ...] = (ShareLevel.ACT,),
    duties: Iterable[str] = (),
    writer: bool = True,
    schema: str = "data",
) -> list[str]:
    """Return the statements that put a table under row-level security by agency.

    An agency reads and changes its own rows. A share of the row's root lets another agency read them, and write them
    at the levels in `write`. `app` is the service's role. `root=True` is for the table that holds the aggregate
    itself: the machinery then records its owner, so that reactions act for the right agency. `append_only` grants
    the service no UPDATE or DELETE. `duties`: only transactions of somebody with one of them reach the table. Each
    row keeps who wrote it (`record_writer`), unless `writer` is false: of a secret ballot nothing may tell whose it is.
    """
    shared = f"""EXISTS (SELECT 1 FROM data.share s WHERE s.root = {table}.root AND s.agency = {CURRENT_AGENCY}
        AND s.owner = {table}.agency AND (s.valid_until IS NULL OR s.valid_until > now()))"""
    levels = ", ".join(f"'{level}'" for level in write)
    writable = shared.replace("s.agency =", f"s.level IN ({levels}) AND s.agency =") if write else "false"
    own = f"{table}.agency = {CURRENT_AGENCY}"
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    statements = [
        f"ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {schema}.{table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY agency_select ON {schema}.{table} FOR SELECT USING ({own} OR {shared})",
        f"CREATE POLICY agency_insert ON {schema}.{table} FOR INSERT WITH CHECK ({own} OR {writable})",
        f"CREATE POLICY agency_update ON {schema}.{table} FOR UPDATE USING ({own} OR {writable})",
        f"CREATE POLICY agency_delete ON {schema}.{table} FOR DELETE USING ({own})",
        f"REVOKE ALL ON {schema}.{table} FROM {app}",
        f"GRANT {rights} ON {schema}.{table} TO {app}",
        f"CREATE TRIGGER forbid_owner_change BEFORE UPDATE OF agency, root ON {schema}.{table} FOR EACH ROW "
        f"EXECUTE FUNCTION machinery.forbid_owner_change()",
    ]
    if writer:
        statements += record_writer(table, schema)
    if duties:
        statements += require_duty(table, *duties)
    if root:
        statements.append(
            f"CREATE TRIGGER record_owner AFTER INSERT ON {schema}.{table} FOR EACH ROW "
            f"EXECUTE FUNCTION machinery.record_owner()"
        )
    return statements


def share(
    *,
    root: UUID,
    owner: UUID,
    agency: UUID,
    level: ShareLevel,
    reason: str,
    reference: UUID | None = None,
    valid_until: datetime | None = None,
) -> Share:
    """Return a share, to be added to the session of its owner."""
    return Share(
        root=root,
        owner=owner,
        agency=agency,
        level=level,
        reason=reason,
        reference=reference,
        valid_until=valid_until,
    )
