"""A released payment plan of any size, for benchmarks of its steps and of what follows them."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import psycopg
from cash.delivery.payment_plans import commands
from cash.delivery.payment_plans.rules import PlanStep
from cash.delivery.payment_plans.schemas import PaymentPlanIn
from cash.targeting.programmes.rules import ApprovalStage
from solidary.platform.database import Database
from solidary.platform.identity import Duty, Principal
from solidary_testing.servers import TestDatabase

SIZES = (1_000, 10_000, 100_000)
MAX_EXPONENT = 1.1

AGENCY = UUID(int=7)
MAKER, CHECKER, SECOND_CHECKER, RELEASER = (UUID(int=number) for number in range(11, 15))
ENROLLER = UUID(int=20)

RULE = {
    "version": 1,
    "name": "Rent",
    "rule_version": 1,
    "currency": "USD",
    "columns": {"household_size": "whole", "own_income": "money", "other_aid": "money"},
    "amount": {
        "kind": "gap",
        "basket": {
            "version": "training",
            "example": True,
            "rows": [
                {"household_size": "1-2", "amount": "180.00"},
                {"household_size": "3+", "amount": "310.00"},
            ],
        },
        "less": ["own_income", "other_aid"],
    },
    "cap": "250.00",
    "rounding": {"unit": "1.00", "mode": "down"},
}
DEBTOR = {
    "version": 1,
    "name": "OIM",
    "account_number": "04-12-99-1",
    "account_type": "CACC",
    "bic": "NACNPAPA",
}

FILL = """
WITH numbers AS (
    SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS enrolment, md5('household ' || n)::uuid AS household,
        md5('person ' || n)::uuid AS person, md5('consent ' || n)::uuid AS consent,
        md5('package ' || n)::uuid AS package
    FROM generate_series(1, %(count)s) AS n
), referred AS (
    INSERT INTO data.referred_household
        (id, root, agency, person_id, household_id, consent_id, package_id, registered_by, accepted_by)
    SELECT id, id, %(agency)s, person, household, consent, package, %(agency)s, md5((n %% 50)::text)::uuid
    FROM numbers RETURNING id
)
INSERT INTO data.enrolment (id, root, agency, programme_id, referral_id, household_id, collector, consent_id,
    package_id, registered_by, state, makers, account_fingerprint, profile, profile_version, payout_version,
    announced_version)
SELECT n.enrolment, n.enrolment, %(agency)s, %(programme)s, n.id, household, person, consent, package, %(agency)s,
    'enrolled', ARRAY[md5((n %% 50)::text)::uuid], md5(n::text),
    jsonb_build_object('version', 1, 'household_id', household, 'profile_version', 1, 'payout_version', 1,
        'size', 1 + n %% 9, 'age_bands', jsonb_build_object('18-59', 1), 'disability', n %% 3,
        'shelter', 'rented_room', 'area', 'PA13' || lpad((n %% 40)::text, 2, '0'),
        'own_income', n %% 40 * 500, 'other_aid', 0, 'currency', 'USD'), 1, 1, 1
FROM numbers n JOIN referred r ON r.id = n.id
"""
"""Households with 360 different profiles as the rule sees them, registered and accepted by 50 people."""


def fill_programme(place: TestDatabase, size: int, agency: UUID) -> UUID:
    """Write a budget line and a programme with enrolled households; return the programme's id.

    The ids of the n-th household, person, consent and package are the MD5 of `household n` and so on.
    """
    line, programme = uuid4(), uuid4()
    with psycopg.connect(place.admin, autocommit=True) as admin:
        scope = "SELECT set_config('app.agency', %s, false), set_config('app.subject', %s, false)"
        admin.execute(scope, [str(agency), str(ENROLLER)])
        admin.execute(
            """INSERT INTO data.budget_line (id, root, plan_id, action_id, act_number, perspective, currency, ceiling)
            VALUES (%(id)s, %(id)s, %(id)s, %(id)s, 'Acuerdo 1', 'cbi', 'USD', 1000000000000)""",
            {"id": line},
        )
        admin.execute(
            """INSERT INTO data.account (root, currency, name)
            SELECT %s, 'USD', unnest(ARRAY['fund:granted', 'fund:available'])""",
            [line],
        )
        admin.execute(
            """INSERT INTO data.transfer (root, kind, code, debit_account, debit_role, credit_account, credit_role,
                currency, amount)
            SELECT d.root, 'single', 'grant', d.id, d.role, c.id, c.role, 'USD', 1000000000000
            FROM data.account d JOIN data.account c USING (root)
            WHERE d.name = 'fund:granted' AND c.name = 'fund:available'"""
        )
        admin.execute(
            """INSERT INTO data.programme
                (id, root, name, purpose, budget_line_id, currency, fsp, rule, takes_referrals)
            VALUES (%(id)s, %(id)s, 'Rent', 'rent', %(line)s, 'USD', 'yappy', %(rule)s, false)""",
            {"id": programme, "line": line, "rule": json.dumps(RULE)},
        )
        admin.execute(
            "INSERT INTO data.programme_debtor (root, debtor) VALUES (%s, %s)",
            [programme, json.dumps(DEBTOR)],
        )
        admin.execute(FILL, {"count": size, "agency": agency, "programme": programme})
        admin.execute("VACUUM ANALYZE")
    return programme


class NoProgress:
    """Progress that nobody reads."""

    async def report(self, done: int, total: int | None = None) -> None: ...


async def take_steps(database: Database, programme: UUID, agency: UUID) -> tuple[dict[str, float], UUID]:
    """Release a plan of a programme; return the seconds of each step, and the plan's id."""

    def person(subject: UUID, duty: Duty) -> Principal:
        return Principal(subject, agency, "iom", frozenset({duty}))

    maker = person(MAKER, Duty.CASH_MAKER)
    async with database.unit(maker) as unit:
        cycle = f"{unit.now:%Y-%m}"
        plan = (await commands.create_plan(unit, PaymentPlanIn(programme_id=programme, cycle=cycle))).id
    seconds: dict[str, float] = {}

    async def step(name: str, who: Principal, work: Callable[..., Awaitable[object]], *rest: object) -> None:
        start = time.perf_counter()
        async with database.unit(who) as unit:
            await work(unit, plan, *rest)
        seconds[name] = time.perf_counter() - start

    await step("populate", maker, commands.populate)
    await step("lock", maker, commands.take_step, PlanStep.LOCK)
    await step("entitle", maker, commands.entitle, NoProgress())
    await step("submit", maker, commands.submit)
    await step("approve", person(CHECKER, Duty.CASH_CHECKER), commands.approve, ApprovalStage.APPROVE)
    second = person(SECOND_CHECKER, Duty.CASH_CHECKER)
    await step("authorise", second, commands.approve, ApprovalStage.AUTHORISE)
    await step("release", person(RELEASER, Duty.CASH_RELEASER), commands.approve, ApprovalStage.RELEASE)
    return seconds, plan
