"""The agency scope, enforced by row-level security, and shares between agencies.

The scope is two settings of the transaction, `app.agency` and `app.subject`. The policies cast them to a UUID, so
PostgreSQL refuses a transaction that never set them, instead of showing it nothing.

A service's migration calls `guard` (solidary.platform.database.migrations) for every table of `data`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Connection, text
from sqlalchemy.orm import Mapped, mapped_column

from solidary.platform.database.entity import Entity, timestamp

SET_SCOPE = "SELECT set_config('app.agency', %(agency)s, true), set_config('app.subject', %(subject)s, true)"
CLEAR_SCOPE = text("SELECT set_config('app.agency', '', true), set_config('app.subject', '', true)")

CURRENT_AGENCY = "(SELECT current_setting('app.agency'))::uuid"


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


def set_scope(connection: Connection, agency: UUID, subject: UUID) -> None:
    """Put the transaction into an agency's scope: one round trip."""
    connection.exec_driver_sql(SET_SCOPE, {"agency": str(agency), "subject": str(subject)})


def guard(
    table: str,
    *,
    app: str,
    root: bool = False,
    append_only: bool = False,
    write: tuple[ShareLevel, ...] = (ShareLevel.ACT,),
) -> list[str]:
    """Return the statements that put a table of `data` under row-level security by agency.

    An agency reads and changes its own rows. A share of the row's root lets another agency read them, and write them
    at the levels in `write`. `app` is the service's role. `root=True` is for the table that holds the aggregate
    itself: the machinery then records its owner, so that reactions act for the right agency. `append_only` grants
    the service no UPDATE or DELETE.
    """
    shared = f"""EXISTS (SELECT 1 FROM data.share s WHERE s.root = {table}.root AND s.agency = {CURRENT_AGENCY}
        AND s.owner = {table}.agency AND (s.valid_until IS NULL OR s.valid_until > now()))"""
    levels = ", ".join(f"'{level}'" for level in write)
    writable = shared.replace("s.agency =", f"s.level IN ({levels}) AND s.agency =") if write else "false"
    own = f"{table}.agency = {CURRENT_AGENCY}"
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    statements = [
        f"ALTER TABLE data.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE data.{table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY agency_select ON data.{table} FOR SELECT USING ({own} OR {shared})",
        f"CREATE POLICY agency_insert ON data.{table} FOR INSERT WITH CHECK ({own} OR {writable})",
        f"CREATE POLICY agency_update ON data.{table} FOR UPDATE USING ({own} OR {writable})",
        f"CREATE POLICY agency_delete ON data.{table} FOR DELETE USING ({own})",
        f"REVOKE ALL ON data.{table} FROM {app}",
        f"GRANT {rights} ON data.{table} TO {app}",
        f"CREATE TRIGGER forbid_owner_change BEFORE UPDATE OF agency, root ON data.{table} FOR EACH ROW "
        f"EXECUTE FUNCTION machinery.forbid_owner_change()",
    ]
    if root:
        statements.append(
            f"CREATE TRIGGER record_owner AFTER INSERT ON data.{table} FOR EACH ROW "
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
