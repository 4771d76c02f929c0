"""`python -m intake routes`: a country's routes for one person's circumstances, without the stack."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.language import country

from intake.desk.procedures.rules import Advice, Circumstances, advise
from intake.languages import Language

DAY = ["%Y-%m-%d"]


@cli_errors
def routes(
    code: Annotated[str, typer.Argument(metavar="COUNTRY", help="PA, CO, EC, PE, DO or TT.")],
    entered: Annotated[datetime | None, typer.Option(formats=DAY, help="The last day of entry.")] = None,
    on: Annotated[list[str] | None, typer.Option(help="A route begun or held. May be repeated.")] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=DAY, help="The day to judge by; today if left out.")
    ] = None,
    no_protection: Annotated[
        bool, typer.Option("--no-protection", help="The person neither has nor may want protection.")
    ] = False,
    language: Language = "es",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What to tell a person about each route: deadlines, conflicts, warnings, sources."""
    if code not in country.COUNTRIES:
        raise CommandError(f"no country pack for {code}: there are {', '.join(country.COUNTRIES)}")
    pack = country.load_pack(code)
    if unknown := set(on or []) - set(pack.pathways):
        raise CommandError(f"no route {', '.join(sorted(unknown))}: there are {', '.join(pack.pathways)}")
    day = today.date() if today else datetime.now(pack.zone()).date()
    if entered and entered.date() > day:
        raise CommandError(f"--entered {entered.date()}: is after {day}, the day to judge by")
    person = Circumstances(
        entered=entered.date() if entered else None,
        on=frozenset(on or []),
        needs_protection=False if no_protection else None,
    )
    said = [_said(advice, language) for advice in advise(pack.pathways, person, day)]
    typer.echo(json.dumps(said, ensure_ascii=False, indent=1) if as_json else "\n\n".join(map(_text, said)))


def _said(advice: Advice, language: str) -> dict[str, object]:
    route = advice.route
    return {
        "route": route.id,
        "title": route.title.in_language(language),
        "institution": route.institution,
        "timing": advice.timing,
        "last_day": _iso(advice.last_day),
        "days_left": advice.days_left,
        "by_default": advice.by_default,
        "legal_aid": advice.legal_aid,
        "guidance": route.guidance.in_language(language),
        "warnings": [
            {"caution": warning.caution, "text": warning.wording.in_language(language)}
            for warning in advice.warnings
        ],
        "review": advice.review,
        "sources": [{"text": source.text, "reviewed": _iso(source.reviewed)} for source in advice.sources],
    }


def _text(said: dict[str, object]) -> str:
    lines = [f"{said['title']} [{said['route']}] — {said['institution']}"]
    if said["last_day"]:
        lines.append(f"  {said['timing']}: {said['last_day']} ({said['days_left']})")
    warnings = said["warnings"]
    assert isinstance(warnings, list)
    lines += [f"  ! {warning['text']}" for warning in warnings]
    return "\n".join([*lines, f"  {said['guidance']}", f"  ({said['review']})"])


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
