"""The period of the access log: its head goes, and its chain can still be verified."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from intake.__main__ import app
from intake.registry.access_log.commands import verify_chain
from intake.registry.access_log.jobs import seal_access_logs, verify_access_logs
from intake.rights.retention.commands import keep_to_periods
from intake.rights.retention.rules import NOTICE_DAYS
from psycopg.errors import CheckViolation, InsufficientPrivilege
from solidary.language.country import load_pack
from solidary.platform.identity import Duty
from typer.testing import CliRunner

PANAMA = load_pack("PA")


@pytest.fixture
async def old_log(api, desk, register, database, test_database):
    """A family whose accesses have two seals of nine years ago and one of today, all verified."""
    family = await register()
    for years in (9, 9, 0):
        await api.get(f"/people/{family.mother}", headers=desk)
        age = "UPDATE data.{} SET created = created - make_interval(years => %s) WHERE {}"
        with psycopg.connect(test_database.admin) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(age.format("access_entry", "seal IS NULL").encode(), (years,))
        await seal_access_logs(database)
        newest = "number = (SELECT max(number) FROM data.access_seal)"
        with psycopg.connect(test_database.admin) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(age.format("access_seal", newest).encode(), (years,))
    await verify_access_logs(database)
    return family


async def _ignore(_done, _total):
    pass


async def test_entries_go_after_their_period_and_the_chain_is_verified_from_the_recorded_seal(
    api, old_log, tokens, database, test_database, tmp_path
):
    agency, today = tokens.agency("unhcr"), datetime.now(UTC).date()
    officer, auditor = (tokens.of("unhcr", duty) for duty in (Duty.DATA_PROTECTION_OFFICER, Duty.AUDITOR))
    with psycopg.connect(test_database.admin) as admin:
        (due,) = admin.execute("SELECT sum(entries) FROM data.access_seal WHERE number <= 2").fetchone()
        seals = admin.execute("SELECT agency, number, digest FROM data.access_seal").fetchall()
    kept = tmp_path / "seals.jsonl"
    kept.write_text(
        "".join(
            json.dumps({"agency_id": str(owner), "number": number, "digest": digest.hex()}) + "\n"
            for owner, number, digest in seals
        )
    )

    holds = f"/people/{old_log.mother}/legal-holds"
    hold = {"reason": "complaint", "until": (today + timedelta(days=90)).isoformat()}
    placed = await api.post(holds, json=hold, headers=officer)
    await keep_to_periods(database, PANAMA, agency, today)
    assert (await api.get("/retention-runs", headers=auditor)).json()["items"] == [], "a hold keeps them"
    await api.post(f"{placed.headers['location']}/lift", headers=officer)
    for days in (0, NOTICE_DAYS):
        await keep_to_periods(database, PANAMA, agency, today + timedelta(days=days))
    (run,) = (await api.get("/retention-runs", headers=auditor)).json()["items"]
    assert run["announced"] == run["erased"] == {"access_entry": due}

    async def broken_seal():
        async with database.unit_for_timer(agency) as unit:
            await verify_chain(unit, _ignore, whole=True)
        chain = (await api.get("/access-log/chain", headers=auditor)).json()
        assert (chain["deleted_to_seal"], chain["seals"]) == (2, 3)
        return chain["broken_seal"]

    assert await broken_seal() is None
    settings = {"SOLIDARY_DATABASE_BACKUP": test_database.roles["backup"]}
    compared = CliRunner().invoke(app, ["access-log", "verify", "--seals", str(kept)], env=settings)
    assert compared.exit_code == 0, compared.output
    assert "the entries up to seal 2 were deleted after their period" in compared.output
    with psycopg.connect(test_database.admin) as admin:
        left = admin.execute("SELECT min(seal), count(*) FILTER (WHERE seal < 3) FROM data.access_entry")
        assert left.fetchone() == (3, 0)
        admin.execute("DELETE FROM data.access_entry WHERE seal = 3")
    assert await broken_seal() == 3, "what goes otherwise is still found"


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("SELECT machinery.cut_access_log(current_date, 1000)", CheckViolation),
        ("SELECT machinery.cut_access_log((now() - interval '4 years')::date, 1000)", CheckViolation),
        (
            "INSERT INTO data.access_cut (id, root, seal, entries) VALUES (gen_random_uuid(), gen_random_uuid(), 3, 1)",
            InsufficientPrivilege,
        ),
        ("DELETE FROM data.access_entry", InsufficientPrivilege),
    ],
)
def test_the_service_cannot_cut_off_what_was_done_lately(test_database, tokens, statement, refusal):
    with psycopg.connect(test_database.roles["app"]) as connection, pytest.raises(refusal):
        scope = "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)"
        connection.execute(scope, (str(tokens.agency("unhcr")),) * 2)
        connection.execute(statement.encode())
