"""The access log: who sees it, and that nobody takes anything out of it."""

from __future__ import annotations

import psycopg
import pytest
from intake.registry.access_log.chain import seal_all
from solidary.platform.identity import Duty
from solidary_testing import eventually


@pytest.fixture
def auditor(tokens):
    return tokens.of("unhcr", Duty.AUDITOR)


@pytest.fixture
def sealed(api, auditor, database):
    """Seals until the log holds no entry outside a seal; transactions of other tests' databases may hold it up."""

    async def until_all():
        async def whole():
            await seal_all(database)
            chain = (await api.get("/access-log/chain", headers=auditor)).json()
            page = (await api.get("/access-log?limit=200", headers=auditor)).json()
            return chain if chain["entries"] == len(page["items"]) else None

        return await eventually(whole, what="every entry sealed")

    return until_all


async def test_the_auditor_sees_who_read_whom(api, desk, auditor, tokens, register):
    known = await register()
    await api.get(f"/people/{known.mother}", headers=desk)
    log = (await api.get(f"/access-log?about={known.mother}", headers=auditor)).json()["items"]
    assert [entry["action"] for entry in log] == ["person_read"]
    assert (await api.get("/access-log", headers=desk)).status_code == 403
    other = tokens.of("iom", Duty.AUDITOR)
    assert (await api.get(f"/access-log?about={known.mother}", headers=other)).json()["items"] == []


async def test_a_sealed_log_is_whole_until_somebody_changes_it(api, desk, auditor, register, sealed, place):
    known = await register()
    for person in (known.mother, known.child):
        await api.get(f"/people/{person}", headers=desk)
        chain = await sealed()
    assert chain["seals"] >= 2
    assert chain["broken_seal"] is None
    with psycopg.connect(place.admin) as admin:
        admin.execute("UPDATE data.access_entry SET action = 'nothing_read' WHERE root = %s", (known.mother,))
    changed = (await api.get("/access-log/chain", headers=auditor)).json()
    assert changed["broken_seal"] is not None
    with psycopg.connect(place.admin) as admin:
        admin.execute("UPDATE data.access_entry SET action = 'person_read' WHERE root = %s", (known.mother,))
    assert (await api.get("/access-log/chain", headers=auditor)).json()["broken_seal"] is None
    with psycopg.connect(place.admin) as admin:
        admin.execute("DELETE FROM data.access_entry WHERE root = %s", (known.child,))
    assert (await api.get("/access-log/chain", headers=auditor)).json()["broken_seal"] is not None
