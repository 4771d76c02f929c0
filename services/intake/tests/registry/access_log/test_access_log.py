"""The access log: its readers, and the detection of changed entries."""

from __future__ import annotations

import psycopg
import pytest
from intake.registry.access_log.jobs import seal_access_logs
from solidary.platform.identity import Duty
from solidary_testing import eventually


@pytest.fixture
def auditor(tokens):
    return tokens.of("unhcr", Duty.AUDITOR)


@pytest.fixture
def sealed(api, auditor, database):
    """The function that seals until every entry has a seal, which open transactions may delay."""

    async def seal_all_entries():
        async def all_sealed():
            await seal_access_logs(database)
            chain = (await api.get("/access-log/chain", headers=auditor)).json()
            page = (await api.get("/access-log?limit=200", headers=auditor)).json()
            return chain if chain["entries"] == len(page["items"]) else None

        return await eventually(all_sealed, what="every entry sealed")

    return seal_all_entries


async def test_the_auditor_reads_the_log_of_their_agency(api, desk, auditor, tokens, register):
    family = await register()
    await api.get(f"/people/{family.mother}", headers=desk)
    log = (await api.get(f"/access-log?about={family.mother}", headers=auditor)).json()["items"]
    assert [entry["action"] for entry in log] == ["person_read"]
    assert (await api.get("/access-log", headers=desk)).status_code == 403
    other = tokens.of("iom", Duty.AUDITOR)
    assert (await api.get(f"/access-log?about={family.mother}", headers=other)).json()["items"] == []


async def test_a_changed_or_removed_entry_breaks_its_seal(
    api, desk, auditor, register, sealed, test_database
):
    family = await register()
    for person in (family.mother, family.child):
        await api.get(f"/people/{person}", headers=desk)
        chain = await sealed()
    assert chain["seals"] >= 2
    assert chain["broken_seal"] is None
    with psycopg.connect(test_database.admin) as admin:
        admin.execute(
            "UPDATE data.access_entry SET action = 'nothing_read' WHERE root = %s", (family.mother,)
        )
    changed = (await api.get("/access-log/chain", headers=auditor)).json()
    assert changed["broken_seal"] is not None
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("UPDATE data.access_entry SET action = 'person_read' WHERE root = %s", (family.mother,))
    assert (await api.get("/access-log/chain", headers=auditor)).json()["broken_seal"] is None
    with psycopg.connect(test_database.admin) as admin:
        admin.execute("DELETE FROM data.access_entry WHERE root = %s", (family.child,))
    assert (await api.get("/access-log/chain", headers=auditor)).json()["broken_seal"] is not None
