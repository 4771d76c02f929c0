"""The command `python -m referrals open FILE`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from solidary.files.command_line import CommandError, InvalidInput, cli_errors
from solidary.language.country import countries, load_pack

from referrals.engines.hsds.reading import read_objects
from referrals.engines.opening_hours.places import Place, places_of
from referrals.engines.opening_hours.rules import OpeningState, opening_state

YEARS = range(1971, 2971)


@cli_errors
def opening(
    file: Annotated[
        Path, typer.Argument(help="A JSON file: a service, a location, a schedule, or a page of them.")
    ],
    at: Annotated[
        str, typer.Option(help="A moment, 2026-01-31T10:00, in the time zone of the place. Default: now.")
    ] = "",
    zone: Annotated[
        str, typer.Option(help="The time zone (America/Panama). Default: that of the place's country.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Print whether each place is open at a moment, until when, and when it opens next."""
    moment, named_zone = parse_moment(at), _parse_zone(zone) if zone else None
    places = [place for value in read_objects(file) for place in places_of(value)]
    if not places:
        raise InvalidInput(
            "The file contains nothing that has opening hours: a service, a location or a schedule.",
            file=file,
        )
    states = [(place, _state(place, named_zone or _zone_of(place), moment)) for place in places]
    if as_json:
        typer.echo(json.dumps(_as_json(states), ensure_ascii=False, indent=2))
        return
    for place, state in states:
        typer.echo(f"{place.name or place.id}: {state.reason.es} · {state.reason.en}")


def parse_moment(text: str) -> datetime:
    """Return the moment of an `--at` option, without a time zone if the text has none; now for an empty text."""
    if not text:
        return datetime.now().astimezone()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--at {text}: This is not a date and time. Write 2026-01-31T10:00, with or without an offset."
        ) from error
    if moment.year not in YEARS:
        raise CommandError(f"--at {text}: The year must be from {YEARS.start} to {YEARS.stop - 1}.")
    return moment


def _parse_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(
            f"--zone {name}: There is no such time zone. Write it as America/Panama."
        ) from error


def _zone_of(place: Place) -> tzinfo:
    """Return the time zone of the address's country if there is a pack for it, else UTC as HSDS prescribes."""
    return load_pack(place.country).zone() if place.country in countries() else ZoneInfo("UTC")


def _state(place: Place, zone: tzinfo, moment: datetime) -> OpeningState:
    return opening_state(place.schedules, zone, moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _as_json(states: list[tuple[Place, OpeningState]]) -> dict[str, object]:
    """Return the result for programs: `open` is true if any place is open, `next_open` the first opening."""
    are_open = [state.is_open for _, state in states]
    upcoming = [state.next_open for _, state in states if state.next_open]
    return {
        "open": True if True in are_open else None if None in are_open else False,
        "next_open": min(upcoming).isoformat() if upcoming else None,
        "places": [_place_as_json(place, state) for place, state in states],
    }


def _place_as_json(place: Place, state: OpeningState) -> dict[str, object]:
    return {
        "id": place.id,
        "name": place.name,
        "at": state.at.isoformat(),
        "open": state.is_open,
        "until": state.until.isoformat() if state.until else None,
        "next_open": state.next_open.isoformat() if state.next_open else None,
        "reason": asdict(state.reason),
    }
