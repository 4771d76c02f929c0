"""Part 7: an agency's own software follows the feed, and a webhook is set up for it."""

from __future__ import annotations

from typing import Any

from demonstration.scenario import Scenario

ACCEPTED = "org.solidary.referrals.referral.accepted.v1"
RECEIVER = "https://cases.chorrera.example/solidary"
"""An invented receiver. Its webhook stays paused: the name leads nowhere."""


async def play(scenario: Scenario) -> None:
    """Read the feed of the municipality, and set a webhook up."""
    async with scenario.software("chorrera-integrator") as software:

        async def accepted() -> list[dict[str, Any]]:
            feed = software.feed(types=[ACCEPTED], wait=0)
            return [event async for batch in feed for event in batch.events]

        events = await scenario.wait_until("the accepted referral in the feed of its receiver", accepted)
    found = f"reads its feed: {len(events)} accepted referrals, by their ids only"
    scenario.report("the municipality's software (chorrera)", found)
    integrator = await scenario.user("chorrera.integrator")
    webhooks = (await integrator.get("subscriptions", "/webhooks"))["items"]
    if not webhooks:
        body = {"url": RECEIVER, "types": [ACCEPTED], "description": "Case management", "paused": True}
        webhooks = [await integrator.post("subscriptions", "/webhooks", body)]
        scenario.check(webhooks[0]["secret"].startswith("whsec_"), "the secret of the webhook is shown once")
    path = f"/webhooks/{webhooks[0]['id']}"
    replayed = await integrator.post("subscriptions", f"{path}/replay", {"since": "2026-01-01T00:00:00Z"})
    scenario.report(integrator, f"sets up a webhook; {replayed['events']} events wait for it")
