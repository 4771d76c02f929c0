"""Retention: announced before, reported after, and stopped by a legal hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from intake.rights.retention.commands import keep_to_periods
from intake.rights.retention.rules import NOTICE_DAYS, cutoffs
from intake.sharing.consents.rules import LegalBasis, Purpose
from solidary.language.country import RecordKind, countries, load_pack
from solidary.platform.identity import Duty

PANAMA = load_pack("PA")


def test_a_period_of_months_ends_on_the_same_day_or_the_last_of_the_month():
    assert cutoffs(date(2026, 3, 31), {RecordKind.VISIT: 1}) == {RecordKind.VISIT: date(2026, 2, 28)}
    assert cutoffs(date(2026, 1, 15), {RecordKind.VISIT: 24}) == {RecordKind.VISIT: date(2024, 1, 15)}


@pytest.mark.parametrize("code", countries())
def test_every_pack_has_known_bases_for_every_purpose(code):
    bases = load_pack(code).data_protection.bases
    assert set(bases) == set(Purpose)
    assert {basis for allowed in bases.values() for basis in allowed} <= set(LegalBasis)


async def test_due_records_are_announced_then_erased_then_reported(
    api, desk, register, consent, tokens, database, test_database
):
    old, held, active, recent = [await register() for _ in range(4)]
    agency = tokens.agency("unhcr")
    officer = tokens.of("unhcr", Duty.DATA_PROTECTION_OFFICER)
    await _visit(api, desk, recent.mother, days_ago=900)
    _age(test_database, old, held, active, years=6)
    await _visit(api, desk, active.child, days_ago=0)
    for person in (held.mother, held.child, held.grandmother):
        until = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
        hold = {"reason": "complaint", "until": until}
        await api.post(f"/people/{person}/legal-holds", json=hold, headers=officer)
    today = datetime.now(UTC).date()

    await keep_to_periods(database, PANAMA, agency, today)
    (announced,) = (await api.get("/retention-runs", headers=officer)).json()["items"]
    assert announced["announced"].pop("timeline_entry") >= 3
    assert announced["announced"] == {"person": 3, "visit": 1}
    assert (announced["erased"], announced["execute_on"]) == (None, str(today + timedelta(days=NOTICE_DAYS)))
    await keep_to_periods(database, PANAMA, agency, today + timedelta(days=NOTICE_DAYS - 1))
    assert (await api.get(f"/people/{old.mother}", headers=desk)).status_code == 200, "the notice is not over"

    await keep_to_periods(database, PANAMA, agency, today + timedelta(days=NOTICE_DAYS))
    (run,) = (await api.get("/retention-runs", headers=officer)).json()["items"]
    assert run["erased"].pop("timeline_entry") >= 3
    assert run["erased"] == {"person": 3, "visit": 1}
    assert (await api.get(f"/people/{old.mother}", headers=desk)).status_code == 404
    erasure = (await api.get(f"/people/{old.mother}/erasure", headers=officer)).json()
    assert erasure["reason"] == "retention"
    for person in (held.mother, active.mother, recent.mother):
        assert (await api.get(f"/people/{person}", headers=desk)).status_code == 200


async def test_restricted_needs_and_timelines_have_a_period_of_their_own(
    api, desk, register, tokens, database, test_database
):
    old, recent = await register(), await register()
    agency, today = tokens.agency("unhcr"), datetime.now(UTC).date()
    specialist = tokens.of("unhcr", Duty.PROTECTION_OFFICER) | {"Solidary-Reason": "person_present"}
    for family in (old, recent):
        path = f"/people/{family.mother}/restricted-needs"
        assert (await api.post(path, json={"code": "TR-HO"}, headers=specialist)).status_code == 201
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("SET session_replication_role = replica")
        for table, years in (("restricted_need", 3), ("timeline_entry", 6)):
            admin.execute(
                f"UPDATE data.{table} SET created = created - make_interval(years => %s) WHERE root = %s",
                (years, old.mother),
            )
    for day in (today, today + timedelta(days=NOTICE_DAYS)):
        await keep_to_periods(database, PANAMA, agency, day)
    runs = {}
    for duty in (Duty.DATA_PROTECTION_OFFICER, Duty.AUDITOR):
        shown = (await api.get("/retention-runs", headers=tokens.of("unhcr", duty))).json()["items"]
        runs[duty] = next(run for run in shown if run["erased"])["erased"]
    assert runs[Duty.DATA_PROTECTION_OFFICER]["restricted_need"] == 1
    assert "restricted_need" not in runs[Duty.AUDITOR], "an auditor learns of no restricted need"
    with psycopg.connect(test_database.admin) as admin:
        for table in ("restricted_need", "timeline_entry"):
            left = admin.execute(
                f"SELECT DISTINCT root FROM data.{table} WHERE root = ANY(%s)", ([old.mother, recent.mother],)
            )
            assert left.fetchall() == [(recent.mother,)], table


async def test_shared_data_go_when_their_consent_ended_long_ago(
    api, desk, register, consent, tokens, database, test_database
):
    family = await register()
    ended, granted = [await consent(family.mother, tokens.agency("chorrera")) for _ in range(2)]
    await api.post(f"/consents/{ended['consent_id']}/withdraw", headers=desk)
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.consent SET ended = ended - interval '2 years' WHERE ended IS NOT NULL")
    today, agency = datetime.now(UTC).date(), tokens.agency("unhcr")
    for day in (today, today + timedelta(days=NOTICE_DAYS)):
        await keep_to_periods(database, PANAMA, agency, day)
    with psycopg.connect(test_database.admin) as admin:
        left = {str(id_) for (id_,) in admin.execute("SELECT id FROM data.package").fetchall()}
    assert granted["package_id"] in left
    assert ended["package_id"] not in left


async def _visit(api, desk, person, *, days_ago: int) -> None:
    day = (datetime.now(UTC) - timedelta(days=days_ago)).date().isoformat()
    visit = {"centre": "norte", "reason": "advice", "day": day}
    assert (await api.post(f"/people/{person}/visits", json=visit, headers=desk)).status_code == 201


def _age(test_database, *families, years: int) -> None:
    """Make families as if they had been registered years ago."""
    people = [person for each in families for person in (each.mother, each.child, each.grandmother)]
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("SET session_replication_role = replica")
        for table in ("person", "timeline_entry", "need"):
            admin.execute(
                f"UPDATE data.{table} SET created = created - make_interval(years => %s) WHERE root = ANY(%s)",
                (years, people),
            )
