"""The whole story, chapter by chapter."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from stack.run_file import Run

from demonstration.chapters import cash, intake, market, planning, referrals
from demonstration.city import read_city, small_city
from demonstration.story import Story, StoryFailed


async def tell(run: Run, city: Path | None, say: Callable[[str], None] = print) -> Story:
    """Tells the story on a running platform; `city`: a folder with a real one.

    Raises StoryFailed where a step does not come out as it must, with the chapter and the step.
    """
    async with httpx.AsyncClient(timeout=60) as http:
        story = Story(run, http, _city(city), say)
        try:
            await _chapters(story)
        except (StoryFailed, httpx.HTTPError) as error:
            why = error if isinstance(error, StoryFailed) else f"no answer: {error!r}"
            raise StoryFailed(f"{story.place}: {why}") from error
        return story


def _city(folder: Path | None) -> dict[str, Any]:
    """Raises StoryFailed where the folder holds no city."""
    try:
        return small_city() if folder is None else read_city(folder)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise StoryFailed(
            f"{folder} holds no city that can be read (cells.geojson, corregimientos.geojson): {error!r}"
        ) from error


async def _chapters(story: Story) -> None:
    await _meet(story)
    story.chapter("1. A family arrives at the Point of Attention and Orientation in La Chorrera")
    family = await intake.play(story)
    story.private.update(family.canaries)
    story.statuses.update(family.statuses)
    story.chapter("2. They are referred, and the loop is closed")
    await referrals.play(story, family)
    story.chapter("3. What many cases reveal becomes a plan")
    await intake.crowd(story)
    opened = await planning.open_plan(story)
    story.chapter("4. The market is assessed with the municipality")
    proposed = await market.play(story, opened.plan_id)
    story.chapter("3b. The communities vote; the municipality validates")
    validated = await planning.vote_and_validate(story, opened, proposed.plan_line_id)
    await market.status(story, proposed.plan_line_id)
    story.chapter("5. Money that an auditor trusts reaches the family")
    await cash.play(story, family, validated)


async def _meet(story: Story) -> None:
    """Learns the agencies' ids from their people's tokens."""
    for username in story.run.users:
        if username.partition(".")[0] in story.agencies:
            continue
        person = await story.person(username)
        body = person.token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        for alias, organization in claims.get("organization", {}).items():
            story.agencies[alias] = UUID(organization["id"])
