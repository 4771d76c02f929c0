"""The rules on the answers of providers, tried on the database itself."""

from __future__ import annotations

from uuid import uuid4

import pytest
from psycopg import errors
from solidary.platform.identity import Duty

from services.cash.tests.invariants.sql import ANSWER, REPORT, Scene, refused, release, resolve

CONFIRM = """INSERT INTO data.confirmed_rejection (id, root, payment_count, reason)
    VALUES (:confirmation, :plan, 1, 'by telephone')"""
FAIL = "UPDATE data.payment SET state = 'failed', confirmation_id = :confirmation WHERE id = :payment"


@pytest.fixture
async def sent(world, scene) -> Scene:
    await release(world, scene)
    await world.ordered(f"/payment-plans/{scene.plan}")
    return scene


def named(scene: Scene) -> dict[str, object]:
    return {"new": uuid4(), "report": uuid4(), "confirmation": uuid4(), **scene.named}


@pytest.mark.parametrize("who", ["maker", "checker", "checker2", "releaser"])
async def test_nobody_with_a_part_in_a_payment_brings_its_answer(world, attempt, sent, who):
    rejected = attempt(getattr(world, who), REPORT, ANSWER.format(state="rejected", amount=0), **named(sent))
    await refused("payment_answer_independent", rejected)


async def test_whoever_took_the_order_does_not_bring_its_answer(world, attempt, scene, tokens):
    await release(world, scene)
    world.releaser = tokens.of("iom", Duty.CASH_RELEASER, number=2)
    await world.ordered(f"/payment-plans/{scene.plan}")
    rejected = attempt(world.releaser, REPORT, ANSWER.format(state="rejected", amount=0), **named(scene))
    await refused("payment_answer_independent", rejected)


async def test_payment_that_was_sent_changes_by_a_report_of_who_brings_it(world, attempt, sent):
    rejected = ANSWER.format(state="rejected", amount=0)
    values = named(sent)
    await refused("payment_answered_by_report", attempt(world.bank, rejected, **values))
    await attempt(uuid4(), REPORT, **values)
    await refused("payment_answered_by_report", attempt(world.bank, rejected, **values))
    other = REPORT.replace("sha256,", "sha256, recorded_by,").replace("gen_random_uuid(),", "'x', :me,", 1)
    forged = other.replace(":me", "gen_random_uuid()")
    await refused(errors.InsufficientPrivilege, attempt(world.bank, forged, **named(sent)))


async def test_rejected_payment_fails_with_the_consent_of_a_second_person_only(world, attempt, sent):
    values = named(sent)
    await attempt(world.bank, REPORT, ANSWER.format(state="rejected", amount=0), **values)
    failure = (resolve("void", 25_000), FAIL)
    await refused("payment_rejection_confirmed", attempt(world.checker, *failure, **values))
    for who in (world.bank, world.maker, world.releaser):
        await refused("payment_rejection_confirmed", attempt(who, CONFIRM, *failure, **values))
    await attempt(world.checker, CONFIRM, *failure, **values)


async def test_report_cannot_be_rewritten(world, attempt, sent):
    values = named(sent)
    await attempt(world.bank, REPORT, **values)
    for statement in (
        "UPDATE data.status_report SET recorded_by = gen_random_uuid() WHERE id = :report",
        "UPDATE data.status_report SET sha256 = 'x' WHERE id = :report",
        "DELETE FROM data.status_report WHERE id = :report",
        "UPDATE data.programme_debtor SET recorded_by = gen_random_uuid()",
        "UPDATE data.instruction SET ordered_by = gen_random_uuid()",
    ):
        await refused(errors.InsufficientPrivilege, attempt(world.bank, statement, **values))


async def test_order_is_not_for_a_day_in_the_past(world, attempt, scene):
    await release(world, scene)
    late = """INSERT INTO data.instruction (root, message_id, payment_count, total, currency, execution_date)
        VALUES (:plan, 'M', 1, 25000, 'USD', '2001-01-01')"""
    await refused("instruction_execution_date", attempt(world.releaser, late, **scene.named))
