"""The rules on makers, checkers and releasers, tried on the database itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

from psycopg import errors
from solidary.platform.identity import Duty

from services.cash.tests.invariants.sql import (
    ADVANCE,
    APPROVE,
    PREPARED,
    make_scene,
    refused,
    subject,
)


class TestMakerCheckerReleaser:
    async def test_plan_maker_cannot_approve(self, world, attempt, scene):
        await refused(
            "sign_off_once_per_round", attempt(world.maker, APPROVE.format(stage="approve"), **scene.named)
        )

    async def test_rule_author_cannot_approve(self, world, attempt, tokens):
        author = tokens.of("iom", Duty.CASH_MAKER, number=7)
        maker, world.maker = world.maker, author
        programme = await world.programme(await world.budget_line())
        world.maker = maker
        await world.household()
        place = await world.plan(programme, *PREPARED)
        plan = (await world.api.get(place, world.checker)).json()
        named = {"plan": plan["id"], "content_hash": plan["content_hash"]}
        await refused("sign_off_once_per_round", attempt(author, APPROVE.format(stage="approve"), **named))

    async def test_person_who_populated_the_plan_cannot_approve(self, world, attempt, tokens):
        second = tokens.of("iom", Duty.CASH_MAKER, number=8)
        programme = await world.programme(await world.budget_line())
        await world.household()
        place = await world.plan(programme)
        await world.take(place, "populate", second)
        for step in PREPARED[1:]:
            await world.take(place, step, world.maker)
        plan = (await world.api.get(place, world.checker)).json()
        named = {"plan": plan["id"], "content_hash": plan["content_hash"]}
        await refused("sign_off_once_per_round", attempt(second, APPROVE.format(stage="approve"), **named))

    async def test_person_approves_once_over_all_stages(self, world, attempt, scene):
        await world.take(f"/payment-plans/{scene.plan}", "approve", world.checker)
        await refused(
            "sign_off_once_per_round",
            attempt(world.checker, APPROVE.format(stage="authorise"), **scene.named),
        )

    async def test_person_cannot_sign_off_for_another_or_as_a_maker(self, world, attempt, scene):
        other = APPROVE.replace("stage,", "stage, subject,").replace("'{stage}',", "'approve', :other,")
        await refused(errors.InsufficientPrivilege, attempt(world.maker, other, other=uuid4(), **scene.named))
        preparation = APPROVE.format(stage="prepare")
        await refused(errors.InsufficientPrivilege, attempt(world.checker, preparation, **scene.named))

    async def test_approval_out_of_turn_is_refused(self, world, attempt, scene):
        await refused(
            "sign_off_in_turn", attempt(world.releaser, APPROVE.format(stage="release"), **scene.named)
        )
        late = APPROVE.format(stage="approve").replace(", 1,", ", 2,")
        await refused("sign_off_in_turn", attempt(world.checker, late, **scene.named))

    async def test_approval_is_bound_to_the_payments(self, world, attempt, scene):
        other = scene.named | {"content_hash": "0" * 64}
        await refused("sign_off_content", attempt(world.checker, APPROVE.format(stage="approve"), **other))

    async def test_plan_does_not_advance_without_its_approvals(self, world, attempt, scene):
        await refused(
            "plan_approvals", attempt(world.checker, ADVANCE.format(state="approved"), **scene.named)
        )
        await refused(
            "payment_plan_transition", attempt(world.checker, ADVANCE.format(state="released"), **scene.named)
        )

    async def test_makers_and_sign_offs_cannot_be_changed(self, world, attempt, scene):
        for statement in (
            "UPDATE data.payment_plan SET makers = '{}' WHERE id = :plan",
            "UPDATE data.payment_plan SET created_by = gen_random_uuid() WHERE id = :plan",
            "DELETE FROM data.payment_plan WHERE id = :plan",
            "UPDATE data.sign_off SET subject = gen_random_uuid() WHERE root = :plan",
            "DELETE FROM data.sign_off WHERE root = :plan",
        ):
            await refused(errors.InsufficientPrivilege, attempt(world.maker, statement, **scene.named))

    async def test_round_is_counted_by_the_database_alone(self, world, attempt, scene):
        await attempt(world.maker, "UPDATE data.payment_plan SET round = 9 WHERE id = :plan", **scene.named)
        shown = (await world.api.get(f"/payment-plans/{scene.plan}", world.checker)).json()
        assert shown["round"] == 1

    async def test_new_plan_has_its_creator_as_the_only_maker(self, world, attempt, scene):
        insert = """INSERT INTO data.payment_plan (id, root, programme_id, budget_line_id, cycle, purpose, fsp,
                currency, state, created_by, makers, round)
            SELECT :new, :new, programme_id, budget_line_id, cycle, purpose, fsp, currency, '{state}',
                gen_random_uuid(), '{{}}', 5 FROM data.payment_plan WHERE id = :plan
            RETURNING created_by, makers, round"""
        draft = insert.format(state="draft")
        (plan,) = await attempt(world.checker, draft, new=uuid4(), **scene.named)
        me = subject(world.checker)
        assert dict(plan) == {"created_by": me, "makers": [me], "round": 0}
        released = attempt(world.checker, insert.format(state="released"), new=uuid4(), **scene.named)
        await refused("payment_plan_transition", released)

    async def test_approval_tiers_are_fixed_before_the_first_plan(self, world, attempt, scene):
        lower = """INSERT INTO data.approval_tier (root, from_total, approvers, authorisers, releasers)
            SELECT programme_id, 1, 1, 1, 1 FROM data.payment_plan WHERE id = :plan"""
        await refused("approval_tiers_fixed", attempt(world.maker, lower, **scene.named))

    async def test_rule_cannot_have_another_author(self, world, attempt, scene):
        others = """INSERT INTO data.programme (id, root, name, purpose, budget_line_id, currency, fsp, rule,
                rule_author, takes_referrals)
            VALUES (:new, :new, 'x', 'rent', :line, 'USD', 'f', '{}', :other, false)"""
        other = attempt(world.maker, others, new=uuid4(), other=uuid4(), **scene.named)
        await refused(errors.InsufficientPrivilege, other)


async def test_concurrent_approvals_of_one_person_count_once(world):
    scene = await make_scene(world)
    tries: list[Callable[[], Awaitable[object]]] = [
        lambda: world.api.post(f"/payment-plans/{scene.plan}/approve", world.checker) for _ in range(4)
    ]
    answers = await asyncio.gather(*(one() for one in tries))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
