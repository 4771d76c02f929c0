"""Budget lines that are opened by a validated plan."""

from __future__ import annotations

from uuid import uuid4

from solidary.language.events.planning import BudgetLine, PlanValidated
from solidary.platform.identity import Duty


async def test_budget_line_is_granted_once_for_repeated_events(world, tokens):
    line = BudgetLine(
        budget_line_id=uuid4(),
        action_id=uuid4(),
        perspective="cbi",
        currency="USD",
        amount_minor=50_000,
        may_draw=[world.iom],
    )
    validated = PlanValidated(plan_id=uuid4(), act_number="Acuerdo 12", budget_lines=[line])
    for _ in range(2):
        await world.bus.deliver(validated, world.chorrera)
    place = f"/budget-lines/{line.budget_line_id}"
    shown = (await world.api.get(place, world.maker)).json()
    assert (shown["agency"], shown["ceiling"], shown["act_number"]) == (
        str(world.chorrera),
        50_000,
        "Acuerdo 12",
    )
    assert (await world.accounts(line.budget_line_id))["fund:available"]["free"] == 50_000
    transfers = (await world.api.get(f"{place}/transfers", world.auditor)).json()["items"]
    assert [(each["code"], each["amount"]) for each in transfers] == [("grant", 50_000)]
    listed = (await world.api.get("/budget-lines", world.maker)).json()["items"]
    assert shown["id"] in [each["id"] for each in listed]
    stranger = tokens.of("unhcr", Duty.AUDITOR)
    assert shown["id"] not in (await world.api.get("/budget-lines", stranger)).text
    assert (await world.api.get(f"{place}/accounts", stranger)).status_code == 404
