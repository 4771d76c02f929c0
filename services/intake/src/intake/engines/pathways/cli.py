"""`python -m intake pathways`: a country's legal pathways for one person's circumstances, without the stack."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, cli_errors
from solidary.language import country

from intake.engines.language_option import LanguageOption
from intake.engines.pathways.guard import Advice, Circumstances, advise

DAY = ["%Y-%m-%d"]


@cli_errors
def pathways(
    code: Annotated[str, typer.Argument(metavar="COUNTRY", help="The code of a country pack, such as PA.")],
    entered: Annotated[datetime | None, typer.Option(formats=DAY, help="The last day of entry.")] = None,
    on: Annotated[
        list[str] | None, typer.Option(help="A pathway begun or held. The option may be repeated.")
    ] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=DAY, help="The day to count from; today if left out.")
    ] = None,
    no_protection: Annotated[
        bool, typer.Option("--no-protection", help="The person neither has nor may want protection.")
    ] = False,
    language: LanguageOption = "es",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the advice on each pathway: deadlines, conflicts, warnings, sources."""
    if code not in country.countries():
        raise CommandError(
            f"There is no country pack {code}. Choose one of {', '.join(country.countries())}."
        )
    pack = country.load_pack(code)
    if unknown := set(on or []) - set(pack.pathways):
        raise CommandError(
            f"There is no pathway {', '.join(sorted(unknown))}. Choose among {', '.join(pack.pathways)}."
        )
    day = today.date() if today else datetime.now(pack.zone()).date()
    if entered and entered.date() > day:
        raise CommandError(f"--entered {entered.date()} is after {day}, the day to count from.")
    person = Circumstances(
        entered=entered.date() if entered else None,
        pathways=frozenset(on or []),
        needs_protection=False if no_protection else None,
    )
    entries = [_entry(advice, language) for advice in advise(pack.pathways, person, day)]
    typer.echo(
        json.dumps(entries, ensure_ascii=False, indent=1) if as_json else "\n\n".join(map(_text, entries))
    )


def _entry(advice: Advice, language: str) -> dict[str, object]:
    pathway = advice.pathway
    return {
        "pathway": pathway.id,
        "title": pathway.title.in_language(language),
        "institution": pathway.institution,
        "timing": advice.timing,
        "last_day": _iso(advice.last_day),
        "days_left": advice.days_left,
        "by_default": advice.by_default,
        "legal_aid": advice.legal_aid,
        "guidance": pathway.guidance.in_language(language),
        "warnings": [
            {"caution": warning.caution, "text": warning.wording.in_language(language)}
            for warning in advice.warnings
        ],
        "review": advice.review,
        "sources": [{"text": source.text, "reviewed": _iso(source.reviewed)} for source in advice.sources],
    }


def _text(entry: dict[str, object]) -> str:
    lines = [f"{entry['title']} [{entry['pathway']}] — {entry['institution']}"]
    if entry["last_day"]:
        lines.append(f"  {entry['timing']}: {entry['last_day']} ({entry['days_left']})")
    warnings = entry["warnings"]
    assert isinstance(warnings, list)
    lines += [f"  ! {warning['text']}" for warning in warnings]
    return "\n".join([*lines, f"  {entry['guidance']}", f"  ({entry['review']})"])


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
