"""`python -m referrals suggest QUERY.json SERVICES.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.language.country import COUNTRIES

from referrals.engines.eligibility.vocabulary import vocabulary
from referrals.engines.opening_hours.cli import moment
from referrals.engines.suggestion.files import ListedService, known, read_query, read_services
from referrals.engines.suggestion.rules import Score, Suggestion
from referrals.engines.suggestion.rules import suggest as suggestions


@cli_errors
def suggest(
    query: Annotated[
        Path, typer.Argument(metavar="QUERY.json", help="A need and a profile, without a person.")
    ],
    services: Annotated[Path, typer.Argument(metavar="SERVICES.json", help="An array of services.")],
    at: Annotated[str, typer.Option(help="2026-01-30T10:00-05:00, with its offset. Default: now.")] = "",
    country: Annotated[str, typer.Option(help="The country whose documents count (PA). Default: all.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Which services to try first for a need: a score for each, with the parts that it is made of."""
    if country and country not in COUNTRIES:
        raise CommandError(f"--country {country}: there are packs for {', '.join(COUNTRIES)}")
    now, fields = _now(at), vocabulary(country or None)
    asked, listed = read_query(query, fields), read_services(services)
    found = suggestions(asked, known(listed, fields, services), now, fields=fields)
    named = {service.id: service for service in listed}
    if as_json:
        answer = [_as_json(named[each.service], each) for each in found]
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    elif found:
        typer.echo("\n\n".join(_as_text(named[each.service], each) for each in found))
    else:
        typer.echo(f"ningún servicio responde a {asked.need} · no service answers {asked.need}")


def _now(at: str) -> datetime:
    now = moment(at)
    if now.tzinfo is None:
        raise CommandError(
            f"--at {at}: services may keep several clocks; write its offset, 2026-01-30T10:00-05:00"
        )
    return now


def _as_json(service: ListedService, found: Suggestion) -> dict[str, object]:
    eligibility, opening = found.eligibility, found.opening
    return {
        "service": service.id,
        "name": service.name,
        "organization": service.organization,
        "verdict": eligibility.verdict,
        "because": [asdict(reason) for reason in eligibility.because],
        "ask": [field.name for field in eligibility.ask],
        "open_now": opening.open,
        "next_open": opening.next_open.isoformat() if opening.next_open else None,
        "points": found.points,
        "parts": [{**asdict(score), "points": score.points} for score in found.scores],
    }


def _as_text(service: ListedService, found: Suggestion) -> str:
    head = f"{found.points:>6,}  {service.name}, {service.organization} ({service.id})"
    return "\n".join([head, *(_part(score) for score in found.scores)])


def _part(score: Score) -> str:
    sum_ = f"{score.points:>6,} = {score.value:>3} × {score.weight}"
    return f"{sum_}  {score.part:<9}  {score.reason.es} · {score.reason.en}"
