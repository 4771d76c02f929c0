"""The whole scenario, part by part."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from solidary.language.country import InvalidPack
from stack.run_file import Run

from demonstration.city import read_city, small_city
from demonstration.parts import cash, centres, intake, market, planning, referrals, subscriptions
from demonstration.place import NoDemonstration, Place
from demonstration.scenario import Scenario, ScenarioFailed


async def play_scenario(run: Run, city: Path | None, output: Callable[[str], None] = print) -> Scenario:
    """Play the scenario on a running platform, with the small invented city or the city of a folder.

    Raises ScenarioFailed, with the part and the step, when a step does not have the expected result.
    """
    authority = ssl.create_default_context(cafile=run.certificate) if run.certificate else True
    async with httpx.AsyncClient(timeout=60, verify=authority) as http:
        place = _place(run.country)
        scenario = Scenario(run, http, place, _city(place, city), output)
        try:
            await _play_parts(scenario)
        except ScenarioFailed as error:
            raise ScenarioFailed(f"{scenario.position}: {error}") from error
        except httpx.HTTPError as error:
            raise ScenarioFailed(f"{scenario.position}: A server did not answer ({error!r}).") from error
        return scenario


def _place(country: str) -> Place:
    """Return the place of the instance's country. Raises ScenarioFailed where its pack has none."""
    try:
        return Place.of(country)
    except (NoDemonstration, KeyError, InvalidPack) as error:
        raise ScenarioFailed(error.args[0]) from error


def _city(place: Place, folder: Path | None) -> dict[str, Any]:
    """Return the body of the city's import. Raises ScenarioFailed when the folder has no city."""
    try:
        return small_city(place) if folder is None else read_city(folder)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ScenarioFailed(
            f"{folder} has no city that can be read from cells.geojson and corregimientos.geojson ({error!r})."
        ) from error


async def _play_parts(scenario: Scenario) -> None:
    await _find_agencies(scenario)
    scenario.start_part(
        f"1. A family arrives at the Point of Attention and Orientation in {scenario.place.city.city}"
    )
    family = await intake.play(scenario)
    scenario.identities.update(family.canaries)
    scenario.statuses.update(family.statuses)
    scenario.start_part("2. The family is referred to services")
    await referrals.play(scenario, family)
    scenario.start_part("3. The needs of many people lead to a plan")
    await intake.crowd(scenario)
    opened = await planning.open_plan(scenario)
    scenario.start_part("4. The market is assessed with the municipality")
    proposed = await market.play(scenario, opened.plan_id)
    scenario.start_part("5. The communities vote and the municipality validates the plan")
    validated = await planning.vote_and_validate(scenario, opened, proposed.plan_line_id)
    await market.check_decision(scenario, proposed.plan_line_id)
    scenario.start_part("6. Cash assistance from the plan's budget is paid to the family")
    await cash.play(scenario, family, validated)
    scenario.start_part("7. The municipality's own software follows its cases")
    await subscriptions.play(scenario)
    scenario.start_part("8. People without a login find a centre, and complain")
    await centres.play(scenario)


async def _find_agencies(scenario: Scenario) -> None:
    """Read the agencies' ids from the tokens of their users."""
    for username in scenario.run.users:
        if username.partition(".")[0] in scenario.agencies:
            continue
        user = await scenario.user(username)
        body = user.token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        for alias, organization in claims.get("organization", {}).items():
            scenario.agencies[alias] = UUID(organization["id"])
