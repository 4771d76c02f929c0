"""The agency boundary, held by the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from solidary.language.problems import NotFound
from solidary.platform.database import ShareLevel
from solidary.platform.database.scope import share
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from toy import Letter, write_letter


async def test_an_agency_does_not_see_another_agencys_rows(database, member):
    ours, theirs = member(), member()
    async with database.unit(ours) as unit:
        letter = await write_letter(unit, "to the school")
    async with database.unit(theirs) as unit:
        assert (await unit.session.scalars(select(Letter))).all() == []
        with pytest.raises(NotFound):
            await unit.get(Letter, letter.id)
    async with database.unit(ours) as unit:
        assert (await unit.get(Letter, letter.id)).words == "to the school"


async def test_a_forgotten_scope_raises_in_the_database(database, member):
    async with database.unit(member()) as unit:
        await write_letter(unit, "first, so that the pooled connection had a scope")
    with pytest.raises(DBAPIError, match=r"app.agency|invalid input syntax for type uuid"):
        async with database.session_without_scope() as session:
            await session.execute(select(Letter))


async def test_a_row_cannot_be_written_for_another_agency(database, member):
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.unit(member()) as unit:
            unit.add(Letter(root=uuid4(), agency=uuid4(), words="not mine"))
            await unit.flush()


async def test_a_row_keeps_its_owner(database, member):
    ours = member()
    async with database.unit(ours) as unit:
        letter = await write_letter(unit, "stays")
    with pytest.raises(DBAPIError, match="owner"):
        async with database.unit(ours) as unit:
            await unit.session.execute(update(Letter).values(root=uuid4()).where(Letter.id == letter.id))


@pytest.mark.parametrize(
    ("level", "may_act"), [(ShareLevel.READ, False), (ShareLevel.ACT, True), (ShareLevel.DRAW, False)]
)
async def test_a_share_lets_another_agency_see_and_at_its_level_act(database, member, level, may_act):
    ours, theirs = member(), member()
    async with database.unit(ours) as unit:
        letter = await write_letter(unit, "shared")
        unit.add(give(letter, ours, theirs, level))
    async with database.unit(theirs) as unit:
        assert (await unit.get(Letter, letter.id)).words == "shared"
        if not may_act:
            with pytest.raises(NotFound):
                await unit.lock(Letter, letter.id)
        else:
            (await unit.lock(Letter, letter.id)).words = "answered"
    async with database.unit(ours) as unit:
        assert (await unit.get(Letter, letter.id)).words == ("answered" if may_act else "shared")


async def test_a_share_ends_at_its_time(database, member):
    ours, theirs = member(), member()
    async with database.unit(ours) as unit:
        letter = await write_letter(unit, "for a while")
        unit.add(give(letter, ours, theirs, ShareLevel.READ, until=datetime.now(UTC) - timedelta(seconds=1)))
    async with database.unit(theirs) as unit:
        with pytest.raises(NotFound):
            await unit.get(Letter, letter.id)


async def test_nobody_shares_what_they_do_not_own(database, member):
    ours, theirs = member(), member()
    async with database.unit(ours) as unit:
        letter = await write_letter(unit, "ours")
    async with database.unit(theirs) as unit:
        unit.add(give(letter, theirs, theirs, ShareLevel.ACT))
    async with database.unit(theirs) as unit:
        with pytest.raises(NotFound):
            await unit.get(Letter, letter.id)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.unit(theirs) as unit:
            unit.add(give(letter, ours, theirs, ShareLevel.ACT))
            await unit.flush()


async def test_every_table_of_data_has_forced_policies(database):
    async with database.session_without_scope() as session:
        bare = await session.scalars(
            text(
                """SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                WHERE nspname = 'data' AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity
                AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))"""
            )
        )
        assert bare.all() == []


async def test_the_service_owns_nothing_and_cannot_pass_the_boundary(database):
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


def give(letter, ours, theirs, level, until=None):
    return share(
        root=letter.root,
        owner=ours.agency,
        agency=theirs.agency,
        level=level,
        reason="referral",
        valid_until=until,
    )
