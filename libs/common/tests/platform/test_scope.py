"""The agency scope, enforced by row-level security."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sample_service import Sample, create_sample
from solidary.language.problems import NotFound
from solidary.platform.database import ShareLevel
from solidary.platform.database.scope import share
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError


async def test_agency_cannot_read_rows_of_another_agency(database, member):
    ours, theirs = member(), member()
    async with database.unit(ours) as unit:
        sample = await create_sample(unit, "to the school")
    async with database.unit(theirs) as unit:
        assert (await unit.session.scalars(select(Sample))).all() == []
        with pytest.raises(NotFound):
            await unit.get(Sample, sample.id)
    async with database.unit(ours) as unit:
        assert (await unit.get(Sample, sample.id)).content == "to the school"


async def test_missing_scope_raises_in_the_database(database, member):
    async with database.unit(member()) as unit:
        await create_sample(unit, "first, so that the pooled connection had a scope")
    with pytest.raises(DBAPIError, match=r"app.agency|invalid input syntax for type uuid"):
        async with database.session_without_scope() as session:
            await session.execute(select(Sample))


async def test_row_cannot_be_written_for_another_agency(database, member):
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.unit(member()) as unit:
            unit.add(Sample(root=uuid4(), agency=uuid4(), content="not mine"))
            await unit.flush()


async def test_row_keeps_its_owner(database, member):
    ours = member()
    async with database.unit(ours) as unit:
        sample = await create_sample(unit, "stays")
    with pytest.raises(DBAPIError, match="owner"):
        async with database.unit(ours) as unit:
            await unit.session.execute(update(Sample).values(root=uuid4()).where(Sample.id == sample.id))


@pytest.mark.parametrize(
    ("level", "may_write"), [(ShareLevel.READ, False), (ShareLevel.ACT, True), (ShareLevel.DRAW, False)]
)
async def test_share_lets_another_agency_read_and_write_at_its_level(database, member, level, may_write):
    ours, theirs = member(), member()
    async with database.unit(ours) as unit:
        sample = await create_sample(unit, "shared")
        unit.add(share_of(sample, ours, theirs, level))
    async with database.unit(theirs) as unit:
        assert (await unit.get(Sample, sample.id)).content == "shared"
        if not may_write:
            with pytest.raises(NotFound):
                await unit.lock(Sample, sample.id)
        else:
            (await unit.lock(Sample, sample.id)).content = "answered"
    async with database.unit(ours) as unit:
        assert (await unit.get(Sample, sample.id)).content == ("answered" if may_write else "shared")


async def test_share_ends_at_its_time(database, member):
    ours, theirs = member(), member()
    async with database.unit(ours) as unit:
        sample = await create_sample(unit, "for a while")
        unit.add(
            share_of(sample, ours, theirs, ShareLevel.READ, until=datetime.now(UTC) - timedelta(seconds=1))
        )
    async with database.unit(theirs) as unit:
        with pytest.raises(NotFound):
            await unit.get(Sample, sample.id)


async def test_agency_cannot_share_rows_of_another_agency(database, member):
    ours, theirs = member(), member()
    async with database.unit(ours) as unit:
        sample = await create_sample(unit, "ours")
    async with database.unit(theirs) as unit:
        unit.add(share_of(sample, theirs, theirs, ShareLevel.ACT))
    async with database.unit(theirs) as unit:
        with pytest.raises(NotFound):
            await unit.get(Sample, sample.id)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.unit(theirs) as unit:
            unit.add(share_of(sample, ours, theirs, ShareLevel.ACT))
            await unit.flush()


async def test_every_table_of_data_has_forced_policies(database):
    async with database.session_without_scope() as session:
        unprotected = await session.scalars(
            text(
                """SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                WHERE nspname = 'data' AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity
                AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))"""
            )
        )
        assert unprotected.all() == []


async def test_role_of_the_service_owns_no_table_and_cannot_bypass_row_security(database):
    async with database.session_without_scope() as session:
        role = (await session.execute(text("SELECT * FROM pg_roles WHERE rolname = current_user"))).one()
        owned = await session.scalar(
            text(
                "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
            )
        )
    assert not role.rolbypassrls
    assert not role.rolsuper
    assert owned == 0


def share_of(sample, ours, theirs, level, until=None):
    return share(
        root=sample.root,
        owner=ours.agency,
        agency=theirs.agency,
        level=level,
        reason="referral",
        valid_until=until,
    )
