"""The command that compares the access log with seals that an auditor has kept outside the database."""

from __future__ import annotations

import json
from hashlib import sha256
from uuid import uuid4

import psycopg
import pytest
from intake.__main__ import app
from intake.registry.access_log.jobs import seal_access_logs
from intake.registry.access_log.rules import Finding, SealDifference, SealedBatch, compare_seals
from typer.testing import CliRunner

LAST = "(SELECT max(number) FROM data.access_seal WHERE agency = %(agency)s)"


def _digest(number):
    return sha256(bytes([number])).digest()


def _batch(number, **changes):
    whole = {"entries": 2, "digest": _digest(number), "found": 2, "computed": _digest(number)}
    return SealedBatch(number, **{**whole, **changes})


def _kept(*numbers):
    return {number: {_digest(number).hex()} for number in numbers}


@pytest.mark.parametrize(
    ("batches", "kept", "findings"),
    [
        ([_batch(1), _batch(2)], _kept(1, 2), []),
        ([_batch(1), _batch(2)], {}, []),
        ([], {}, []),
        ([_batch(1)], _kept(1, 2, 3), [Finding(SealDifference.CUT_OFF, 2)]),
        ([], _kept(7), [Finding(SealDifference.CUT_OFF, 7)]),
        ([_batch(1), _batch(2, found=1)], {}, [Finding(SealDifference.BROKEN, 2)]),
        ([_batch(1), _batch(2, digest=None)], {}, [Finding(SealDifference.BROKEN, 2)]),
        ([_batch(1), _batch(3)], {}, [Finding(SealDifference.BROKEN, 2)]),
        ([_batch(2)], {}, [Finding(SealDifference.BROKEN, 1)]),
        ([_batch(1)], {1: {_digest(9).hex()}}, [Finding(SealDifference.REWRITTEN, 1)]),
        ([_batch(1)], {1: {_digest(1).hex(), _digest(9).hex()}}, [Finding(SealDifference.REWRITTEN, 1)]),
    ],
)
def test_differences_are_found_at_their_first_seal(batches, kept, findings):
    assert compare_seals(batches, kept) == findings


@pytest.fixture
async def kept(api, desk, register, database, test_database, tmp_path):
    """A family whose accesses are sealed, and the file of seals that an auditor has kept from the feed."""
    family = await register()
    with psycopg.connect(test_database.admin) as admin:
        (before,) = admin.execute("SELECT coalesce(max(position), 0) FROM machinery.outbox").fetchone()
    for person in (family.mother, family.child):
        await api.get(f"/people/{person}", headers=desk)
        await seal_access_logs(database)
    with psycopg.connect(test_database.admin) as admin:
        events = admin.execute(
            """SELECT type, payload FROM machinery.outbox
            WHERE type LIKE '%%access_log.sealed%%' AND position > %s ORDER BY position""",
            (before,),
        ).fetchall()
    lines = [json.dumps({"type": kind, "data": json.loads(payload)}) for kind, payload in events]
    other = json.dumps(
        {"type": "org.solidary.intake.person.registered.v1", "data": {"person_id": str(uuid4())}}
    )
    bare = events[-1][1]
    file = tmp_path / "seals.jsonl"
    file.write_text("\n".join([*lines, other, bare if isinstance(bare, str) else bare.decode()]) + "\n")
    return family, file


@pytest.fixture
def verify(test_database):
    """The command as an auditor runs it: it returns its exit status and what it printed."""

    def run(file, **settings):
        settings = {"SOLIDARY_DATABASE_BACKUP": test_database.roles["backup"], **settings}
        result = CliRunner().invoke(app, ["access-log", "verify", "--seals", str(file)], env=settings)
        return result.exit_code, result.output

    return run


def _as_owner(test_database, *statements):
    with psycopg.connect(test_database.admin) as admin:
        for statement, parameters in statements:
            admin.execute(statement, parameters)


async def test_a_log_that_nobody_touched_is_confirmed(kept, verify):
    status, printed = verify(kept[1])
    assert (status, printed.splitlines()[-1]) == (0, "The log is as it was sealed.")


async def test_a_changed_entry_is_found_also_where_the_function_of_digests_was_replaced(
    kept, verify, test_database
):
    family, file = kept
    change = "UPDATE data.access_entry SET action = %s WHERE root = %s AND action = %s"
    _as_owner(test_database, (change, ("nothing_read", family.mother, "person_read")))
    lying = """CREATE OR REPLACE FUNCTION machinery.access_digest(before bytea, entries text[]) RETURNS bytea
        STABLE LANGUAGE sql AS $$ SELECT NULL::bytea $$"""
    with psycopg.connect(test_database.admin) as admin:
        (honest,) = admin.execute(
            "SELECT pg_get_functiondef('machinery.access_digest(bytea,text[])'::regprocedure)"
        ).fetchone()
        admin.execute(lying)
    try:
        status, printed = verify(file)
    finally:
        _as_owner(test_database, (honest, None), (change, ("person_read", family.mother, "nothing_read")))
    assert status == 1
    assert "its entries, or the seal, were changed" in printed
    assert "the log differs from the seal that was kept" in printed
    assert verify(file)[0] == 0


async def test_a_log_that_was_changed_and_sealed_again_differs_from_the_kept_seals(
    kept, verify, test_database, tokens
):
    _, file = kept
    of_agency = {"agency": str(tokens.agency("unhcr"))}
    _as_owner(
        test_database,
        (
            f"""UPDATE data.access_entry SET action = 'searched', seal = NULL
            WHERE agency = %(agency)s AND seal = {LAST}""",
            of_agency,
        ),
        (f"DELETE FROM data.access_seal WHERE agency = %(agency)s AND number = {LAST}", of_agency),
        (
            "SELECT set_config('app.agency', %(agency)s, true), set_config('app.subject', %(agency)s, true)",
            of_agency,
        ),
        ("SELECT machinery.seal_access_entries()", None),
    )
    status, printed = verify(file)
    assert (status, "were changed" in printed) == (1, False), printed
    assert "the log differs from the seal that was kept" in printed


async def test_a_cut_off_tail_is_found(kept, verify, test_database, tokens):
    _, file = kept
    of_agency = {"agency": str(tokens.agency("unhcr"))}
    _as_owner(
        test_database,
        (f"DELETE FROM data.access_entry WHERE agency = %(agency)s AND seal = {LAST}", of_agency),
        (f"DELETE FROM data.access_seal WHERE agency = %(agency)s AND number = {LAST}", of_agency),
    )
    status, printed = verify(file)
    assert (status, "were changed" in printed) == (1, False), printed
    assert "its end was cut off" in printed


def test_a_file_that_holds_no_seals_is_refused(verify, tmp_path):
    file = tmp_path / "seals.jsonl"
    file.write_text('{"number": 1}\n')
    status, printed = verify(file)
    assert (status, "line 1" in printed) == (1, True), printed
    assert verify(tmp_path / "nothing.jsonl")[0] == 1
    assert verify(file, SOLIDARY_DATABASE_BACKUP="")[0] != 0
