from __future__ import annotations

from datetime import datetime

import psycopg
import pytest
from referrals.casework.referrals.overdue import mark_overdue_referrals


@pytest.fixture
def time_passes(service_database):
    """Let a referral's time to answer pass."""

    def pass_(referral: dict) -> None:
        with psycopg.connect(service_database.admin) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(
                "UPDATE data.referral SET due_at = now() - interval '1 minute' WHERE id = %s",
                [referral["referral_id"]],
            )

    return pass_


@pytest.mark.parametrize(("urgency", "hours"), [("emergency", 24), ("urgent", 72), ("normal", 336)])
async def test_urgency_decides_when_the_answer_is_due(refer, urgency, hours):
    sent = await refer(urgency=urgency)
    asked, due = (datetime.fromisoformat(sent[name]) for name in ("requested_at", "due_at"))
    assert (due - asked).total_seconds() == hours * 3600


async def test_overdue_referral_is_published_once(
    api, refer, sender, receiver, database, events_of, time_passes, tokens
):
    late, in_time, answered = await refer(), await refer(), await refer()
    await api.post(f"/referrals/{answered['referral_id']}/accept", headers=receiver)
    time_passes(late)
    time_passes(answered)
    for _ in range(2):
        await mark_overdue_referrals(database)
    assert [fact["fact"] for fact in events_of(late["referral_id"])] == ["requested", "overdue"]
    assert str(tokens.agency("chorrera")) in events_of(late["referral_id"])[-1]["readers"]
    assert not events_of(late["referral_id"])[-1]["is_on_the_bus"], "its time would disclose the urgency"
    assert [fact["fact"] for fact in events_of(in_time["referral_id"])] == ["requested"]
    assert [fact["fact"] for fact in events_of(answered["referral_id"])] == ["requested", "accepted"]
    known = (await api.get(f"/referrals/{late['referral_id']}", headers=sender)).json()
    assert (known["state"], known["overdue_at"] is not None) == ("requested", True)
    late_answer = await api.post(f"/referrals/{late['referral_id']}/accept", headers=receiver)
    assert late_answer.json()["state"] == "accepted"


async def test_referral_that_cannot_be_marked_does_not_stop_the_others(
    refer, database, events_of, time_passes, service_database
):
    for late in [await refer() for _ in range(3)]:
        time_passes(late)
    with psycopg.connect(service_database.admin, autocommit=True) as admin:
        (stuck,), *others = admin.execute("SELECT id FROM machinery.find_overdue_referrals(now())").fetchall()
        admin.execute(
            """CREATE FUNCTION data.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE 'no' USING ERRCODE = 'check_violation'; END $$"""
        )
        admin.execute(
            f"""CREATE TRIGGER stuck BEFORE UPDATE ON data.referral FOR EACH ROW
            WHEN (NEW.id = '{stuck}') EXECUTE FUNCTION data.refuse()"""
        )
        with pytest.raises(ExceptionGroup, match="1 item failed"):
            await mark_overdue_referrals(database)
        assert {events_of(str(other))[-1]["fact"] for (other,) in others} == {"overdue"}
        assert events_of(str(stuck))[-1]["fact"] == "requested"
        admin.execute("DROP TRIGGER stuck ON data.referral")
    await mark_overdue_referrals(database)
    assert events_of(str(stuck))[-1]["fact"] == "overdue"
