"""The access log as a chain of seals, and how it is proven whole.

An entry belongs to the first seal whose `upto` lies after its transaction; a seal never runs ahead of a transaction
that is still open, so none slips in behind it. Whoever changes or removes an entry breaks its seal; whoever makes
that seal anew breaks all after it.
"""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import for_each
from sqlalchemy import text

OPEN = text("SELECT agency FROM machinery.agencies_with_open_log()")
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('access seal ' || :agency, 0))")

DIGEST = """sha256(coalesce({before}, ''::bytea) || convert_to(string_agg(jsonb_build_array(e.id, e.root,
    extract(epoch FROM e.created), e.subject, e.service, e.action, e.reference, e.recipient)::text, E'\\n'
    ORDER BY e.xid, e.id), 'UTF8'))"""

SEAL = text(
    f"""
    WITH before AS (
        SELECT number, upto, digest FROM data.access_seal WHERE agency = :agency ORDER BY number DESC LIMIT 1
    ), now AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS upto)
    INSERT INTO data.access_seal (id, root, number, upto, entries, digest)
    SELECT gen_random_uuid(), :agency, coalesce((SELECT number FROM before), 0) + 1, now.upto, count(*),
        {DIGEST.format(before="(SELECT digest FROM before)")}
    FROM data.access_entry e, now
    WHERE e.agency = :agency AND e.xid < now.upto AND e.xid >= coalesce((SELECT upto FROM before), '0')
    GROUP BY now.upto
    """
)
BROKEN = text(
    f"""
    WITH seal AS (
        SELECT number, upto, entries, digest, lag(digest) OVER w AS before, lag(upto, 1, '0') OVER w AS since,
            lag(number, 1, 0) OVER w AS last
        FROM data.access_seal WHERE agency = :agency WINDOW w AS (ORDER BY number)
    )
    SELECT number FROM seal LEFT JOIN data.access_entry e ON e.agency = :agency AND e.xid >= since AND e.xid < upto
    GROUP BY number, last, before, entries, digest
    HAVING number <> last + 1 OR count(e.id) <> entries OR {DIGEST.format(before="before")} IS DISTINCT FROM digest
    ORDER BY number LIMIT 1
    """
)
SEALED = text("SELECT count(*), coalesce(sum(entries), 0) FROM data.access_seal WHERE agency = :agency")


async def seal(unit: UnitOfWork) -> None:
    """Seals what the acting agency's log has taken in since its last seal."""
    agency = unit.principal.agency
    await unit.session.execute(ONE_AT_A_TIME, {"agency": str(agency)})
    await unit.session.execute(SEAL, {"agency": agency})


async def seal_all(database: Database) -> None:
    """Seals every agency's log, each in its own scope."""
    async with database.session_without_scope() as session:
        agencies = (await session.scalars(OPEN)).all()

    async def seal_one(agency: UUID) -> None:
        async with database.unit_of_clock(agency) as unit:
            await seal(unit)

    await for_each(agencies, seal_one)


async def broken(unit: UnitOfWork) -> int | None:
    """The number of the first seal that does not hold; None where all do."""
    found: int | None = await unit.session.scalar(BROKEN, {"agency": unit.principal.agency})
    return found


async def sealed(unit: UnitOfWork) -> tuple[int, int]:
    """How many seals there are, and how many entries they hold."""
    seals, entries = (await unit.session.execute(SEALED, {"agency": unit.principal.agency})).one()
    return seals, int(entries)
