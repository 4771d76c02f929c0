"""No answer in time: said once, to both."""

from __future__ import annotations

import psycopg
import pytest
from referrals.casework.referrals.overdue import tell_overdue


@pytest.fixture
def time_passes(place):
    """A referral's time to answer is over."""

    def pass_(referral: dict) -> None:
        with psycopg.connect(place.admin) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(
                "UPDATE data.referral SET due_at = now() - interval '1 minute' WHERE id = %s",
                [referral["referral_id"]],
            )

    return pass_


@pytest.mark.parametrize(("urgency", "hours"), [("emergency", 24), ("urgent", 72), ("normal", 336)])
async def test_the_urgency_says_until_when(refer, urgency, hours):
    from datetime import datetime

    sent = await refer(urgency=urgency)
    asked, due = (datetime.fromisoformat(sent[name]) for name in ("requested_at", "due_at"))
    assert (due - asked).total_seconds() == hours * 3600


async def test_what_is_not_answered_in_time_is_told_once(
    api, refer, sender, receiver, database, told, time_passes, tokens
):
    late, in_time, answered = await refer(), await refer(), await refer()
    await api.post(f"/referrals/{answered['referral_id']}/accept", headers=receiver)
    time_passes(late)
    time_passes(answered)
    for _ in range(2):
        await tell_overdue(database)
    assert [fact["fact"] for fact in told(late["referral_id"])] == ["requested", "overdue"]
    assert str(tokens.agency("chorrera")) in told(late["referral_id"])[-1]["parties"]
    assert [fact["fact"] for fact in told(in_time["referral_id"])] == ["requested"]
    assert [fact["fact"] for fact in told(answered["referral_id"])] == ["requested", "accepted"]
    known = (await api.get(f"/referrals/{late['referral_id']}", headers=sender)).json()
    assert (known["state"], known["overdue_at"] is not None) == ("requested", True)
    late_answer = await api.post(f"/referrals/{late['referral_id']}/accept", headers=receiver)
    assert late_answer.json()["state"] == "accepted"


async def test_one_that_cannot_be_told_does_not_hold_back_the_others(
    refer, database, told, time_passes, place
):
    for late in [await refer() for _ in range(3)]:
        time_passes(late)
    with psycopg.connect(place.admin, autocommit=True) as admin:
        (stuck,), *others = admin.execute("SELECT id FROM machinery.referrals_overdue(now())").fetchall()
        admin.execute(
            """CREATE FUNCTION data.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE 'no' USING ERRCODE = 'check_violation'; END $$"""
        )
        admin.execute(
            f"""CREATE TRIGGER stuck BEFORE UPDATE ON data.referral FOR EACH ROW
            WHEN (NEW.id = '{stuck}') EXECUTE FUNCTION data.refuse()"""
        )
        with pytest.raises(ExceptionGroup, match="1 failed"):
            await tell_overdue(database)
        assert {told(str(other))[-1]["fact"] for (other,) in others} == {"overdue"}
        assert told(str(stuck))[-1]["fact"] == "requested"
        admin.execute("DROP TRIGGER stuck ON data.referral")
    await tell_overdue(database)
    assert told(str(stuck))[-1]["fact"] == "overdue"
