"""Whose rows: the agency scope, held by row-level security, and shares.

The scope is two settings of the transaction, `app.agency` and `app.subject`. The policies cast them, so a
transaction that never set them is refused by PostgreSQL itself, rather than shown nothing.

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
    """What a share lets the other agency do."""

    READ = "read"
    """See the rows."""
    ACT = "act"
    """See and answer: a receiver on a referral."""
    DRAW = "draw"
    """See and spend: a programme on a budget line."""


class Share(Entity):
    """One agency lets another reach one aggregate, at a level, for a reason, until a moment.

    `sort` carries the sort key of lists (the root's time), so that a shared list starts from here.
    """

    __tablename__ = "share"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    root: Mapped[UUID]
    owner: Mapped[UUID]
    agency: Mapped[UUID]
    level: Mapped[str]
    why: Mapped[str]
    """referral · consent · joint_programme · break_glass · agreement"""
    reference: Mapped[UUID | None]
    sort: Mapped[timestamp]
    until: Mapped[timestamp | None]


def set_scope(connection: Connection, agency: UUID, subject: UUID) -> None:
    """Puts the transaction into an agency's scope: one round trip."""
    connection.exec_driver_sql(SET_SCOPE, {"agency": str(agency), "subject": str(subject)})


def guard(
    table: str,
    *,
    app: str,
    root: bool = False,
    append_only: bool = False,
    write: tuple[ShareLevel, ...] = (ShareLevel.ACT,),
) -> list[str]:
    """The statements that put a table of `data` behind the agency boundary.

    Owners see and change their rows; a share of the row's root lets another agency see them, and write them
    at the levels in `write`. `app` is the service's role. `root=True` for the table that holds the aggregate
    itself: its owner is then known to the machinery, so that reactions act for the right agency.
    `append_only` leaves no UPDATE or DELETE to the service at all.
    """
    shared = f"""EXISTS (SELECT 1 FROM data.share s WHERE s.root = {table}.root AND s.agency = {CURRENT_AGENCY}
        AND s.owner = {table}.agency AND (s.until IS NULL OR s.until > now()))"""
    levels = ", ".join(f"'{level}'" for level in write)
    writing = shared.replace("s.agency =", f"s.level IN ({levels}) AND s.agency =") if write else "false"
    mine = f"{table}.agency = {CURRENT_AGENCY}"
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    statements = [
        f"ALTER TABLE data.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE data.{table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY see ON data.{table} FOR SELECT USING ({mine} OR {shared})",
        f"CREATE POLICY add ON data.{table} FOR INSERT WITH CHECK ({mine} OR {writing})",
        f"CREATE POLICY change ON data.{table} FOR UPDATE USING ({mine} OR {writing})",
        f"CREATE POLICY remove ON data.{table} FOR DELETE USING ({mine})",
        f"REVOKE ALL ON data.{table} FROM {app}",
        f"GRANT {rights} ON data.{table} TO {app}",
        f"CREATE TRIGGER owner_stays BEFORE UPDATE OF agency, root ON data.{table} FOR EACH ROW "
        f"EXECUTE FUNCTION machinery.owner_stays()",
    ]
    if root:
        statements.append(
            f"CREATE TRIGGER owner_known AFTER INSERT ON data.{table} FOR EACH ROW "
            f"EXECUTE FUNCTION machinery.owner_known()"
        )
    return statements


def share(
    *,
    root: UUID,
    owner: UUID,
    agency: UUID,
    level: ShareLevel,
    why: str,
    sort: datetime,
    reference: UUID | None = None,
    until: datetime | None = None,
) -> Share:
    """A share, ready to add to the session of its owner."""
    return Share(
        root=root,
        owner=owner,
        agency=agency,
        level=level,
        why=why,
        reference=reference,
        sort=sort,
        until=until,
    )
