"""The agency scope, enforced by row-level security."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sample_service import Sample, create_sample
from solidary.language.problems import NotFound
from solidary.platform.database import ShareLevel
from solidary.platform.database.scope import share
from solidary.platform.identity import Duty
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


WRITERS = text("SELECT recorded_by, changed_by FROM data.sample WHERE id = :id")


async def test_row_keeps_who_added_it_and_the_one_that_changed_it_last(database, member):
    ours = member()
    colleague = replace(ours, subject=uuid4())
    async with database.unit(ours) as unit:
        sample = await create_sample(unit, "written")
    async with database.unit(colleague) as unit:
        (await unit.lock(Sample, sample.id)).content = "corrected"
    async with database.unit(ours) as unit:
        writers = (await unit.session.execute(WRITERS, {"id": sample.id})).one()
    assert tuple(writers) == (ours.subject, colleague.subject)


@pytest.mark.parametrize("column", ["recorded_by", "changed_by"])
async def test_row_cannot_be_written_as_a_colleague(database, member, column):
    ours, colleague = member(), uuid4()
    insert = text(
        f"INSERT INTO data.sample (id, root, content, {column}) VALUES (:id, :id, 'forged', :colleague)"
    )
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.unit(ours) as unit:
            await unit.session.execute(insert, {"id": uuid4(), "colleague": colleague})
    async with database.unit(ours) as unit:
        sample = await create_sample(unit, "written")
    change = text(f"UPDATE data.sample SET {column} = :colleague WHERE id = :id")
    with pytest.raises(DBAPIError, match="writer"):
        async with database.unit(ours) as unit:
            await unit.session.execute(change, {"id": sample.id, "colleague": colleague})


async def test_scope_has_the_duties_of_the_principal_and_none_in_another_agency(database, member):
    current = text("SELECT current_setting('app.duties')")
    officer = replace(
        member(), duties=frozenset({Duty.PROTECTION_OFFICER, Duty.AUDITOR}), service="referrals"
    )
    async with database.unit(officer) as unit:
        assert await unit.session.scalar(current) == "auditor,protection_officer"
        await unit.act_for(uuid4())
        assert await unit.session.scalar(current) == ""


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
