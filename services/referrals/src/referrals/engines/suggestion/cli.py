"""The command `python -m referrals suggest QUERY.json SERVICES.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors

from referrals.engines.eligibility.cli import vocabulary_of
from referrals.engines.opening_hours.cli import parse_moment
from referrals.engines.suggestion import rules
from referrals.engines.suggestion.files import ListedService, read_query, read_services, to_facts
from referrals.engines.suggestion.rules import ScorePart, Suggestion


@cli_errors
def suggest(
    query: Annotated[
        Path,
        typer.Argument(metavar="QUERY.json", help="A JSON file with a need and a profile, without a person."),
    ],
    services: Annotated[
        Path, typer.Argument(metavar="SERVICES.json", help="A JSON file with an array of services.")
    ],
    at: Annotated[
        str, typer.Option(help="A moment with its offset, 2026-01-30T10:00-05:00. Default: now.")
    ] = "",
    country: Annotated[
        str, typer.Option(help="The country whose documents a rule may name (PA). Default: all countries.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Rank the services that meet a need, each with the parts of its score."""
    vocabulary, now = vocabulary_of(country), _now(at)
    coded_query, listed = read_query(query, vocabulary), read_services(services)
    facts = to_facts(listed, vocabulary, services, now)
    suggestions = rules.suggest(coded_query, facts, now, vocabulary=vocabulary)
    by_id = {service.id: service for service in listed}
    if as_json:
        ranked = [_as_json(by_id[each.service], each) for each in suggestions]
        typer.echo(json.dumps(ranked, ensure_ascii=False, indent=2))
    elif suggestions:
        typer.echo("\n\n".join(_as_text(by_id[each.service], each) for each in suggestions))
    else:
        need = coded_query.need
        typer.echo(f"ningún servicio atiende la necesidad {need} · no service meets the need {need}")


def _now(at: str) -> datetime:
    now = parse_moment(at)
    if now.tzinfo is None:
        raise CommandError(
            f"--at {at}: The services may be in several time zones. Write the offset: 2026-01-30T10:00-05:00."
        )
    return now


def _as_json(service: ListedService, suggestion: Suggestion) -> dict[str, object]:
    eligibility, opening = suggestion.eligibility, suggestion.opening
    return {
        "service_id": service.id,
        "name": service.name,
        "organization": service.organization,
        "eligibility": eligibility.status,
        "unmet_requirements": [asdict(wording) for wording in eligibility.unmet],
        "missing_fields": [field.name for field in eligibility.missing],
        "open_now": opening.is_open,
        "next_open": opening.next_open.isoformat() if opening.next_open else None,
        "points": suggestion.points,
        "parts": [{**asdict(part), "points": part.points} for part in suggestion.parts],
    }


def _as_text(service: ListedService, suggestion: Suggestion) -> str:
    head = f"{suggestion.points:>6,}  {service.name}, {service.organization} ({service.id})"
    return "\n".join([head, *(_part(part) for part in suggestion.parts)])


def _part(part: ScorePart) -> str:
    product = f"{part.points:>6,} = {part.value:>3} × {part.weight}"
    return f"{product}  {part.part:<11}  {part.reason.es} · {part.reason.en}"
