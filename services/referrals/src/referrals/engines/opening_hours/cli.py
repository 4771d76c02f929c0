"""`python -m referrals open FILE`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.language.country import COUNTRIES, load_pack

from referrals.engines.hsds.reading import read
from referrals.engines.opening_hours.places import Place, places
from referrals.engines.opening_hours.rules import State, state

YEARS = range(1971, 2971)


@cli_errors
def opening(
    file: Annotated[Path, typer.Argument(help="JSON: a service, a place, a schedule, or a page of them.")],
    at: Annotated[str, typer.Option(help="2026-01-31T10:00, by the place's clock. Default: now.")] = "",
    zone: Annotated[str, typer.Option(help="Its clock (America/Panama). Default: its country's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Is it open at that moment, until when, and when does it open next?"""
    asked = moment(at)
    named = _zone(zone) if zone else None
    found = [place for value in read(file) for place in places(value)]
    if not found:
        raise CommandError(f"{file}: holds nothing that keeps opening hours (a service, a place, a schedule)")
    answers = [(place, _answer(place, named or _clock(place), asked)) for place in found]
    if as_json:
        typer.echo(json.dumps(_as_json(answers), ensure_ascii=False, indent=2))
        return
    for place, answer in answers:
        typer.echo(f"{place.name or place.id}: {answer.reason.es} · {answer.reason.en}")


def _answer(place: Place, clock: tzinfo, asked: datetime) -> State:
    return state(place.schedules, clock, asked if asked.tzinfo else asked.replace(tzinfo=clock))


def moment(text: str) -> datetime:
    """What `--at` says, in the clock that it names or in none; now where it says nothing."""
    if not text:
        return datetime.now().astimezone()
    try:
        said = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--at {text}: {error}; write 2026-01-31T10:00, with an offset or without"
        ) from error
    if said.year not in YEARS:
        raise CommandError(f"--at {text}: only the years {YEARS.start} to {YEARS.stop - 1}")
    return said


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(
            f"--zone {name}: there is no such time zone; write one as America/Panama"
        ) from error


def _clock(place: Place) -> tzinfo:
    """That of the address's country where we have its pack; else UTC, as HSDS says."""
    return load_pack(place.country).zone() if place.country in COUNTRIES else ZoneInfo("UTC")


def _as_json(answers: list[tuple[Place, State]]) -> dict[str, object]:
    """`open` is whether any of the places is, `next_open` the first that opens."""
    states = [answer.open for _, answer in answers]
    upcoming = [answer.next_open for _, answer in answers if answer.next_open]
    return {
        "open": True if True in states else None if None in states else False,
        "next_open": min(upcoming).isoformat() if upcoming else None,
        "places": [_place_as_json(place, answer) for place, answer in answers],
    }


def _place_as_json(place: Place, answer: State) -> dict[str, object]:
    return {
        "id": place.id,
        "name": place.name,
        "at": answer.at.isoformat(),
        "open": answer.open,
        "until": answer.until.isoformat() if answer.until else None,
        "next_open": answer.next_open.isoformat() if answer.next_open else None,
        "reason": asdict(answer.reason),
    }
