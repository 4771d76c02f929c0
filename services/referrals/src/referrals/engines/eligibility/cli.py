"""`python -m referrals eligible RULE.cel PROFILE.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import CommandError, InvalidInput, cli_errors
from solidary.language.country import COUNTRIES

from referrals.engines.eligibility.answers import Answer, Verdict, answer
from referrals.engines.eligibility.profile import BrokenProfile, Profile, profile
from referrals.engines.eligibility.reader import RefusedRule
from referrals.engines.eligibility.rule import Rule, write
from referrals.engines.eligibility.vocabulary import Vocabulary, vocabulary
from referrals.engines.hsds.pages import JsonText


@cli_errors
def eligible(
    rule: Annotated[Path, typer.Argument(help="A rule in CEL.")],
    person: Annotated[Path, typer.Argument(metavar="PROFILE", help="A coded profile, JSON, without a name.")],
    country: Annotated[str, typer.Option(help="The country whose documents count (PA). Default: all.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Does the service fit this profile? If not, why not; if it cannot be told, what to ask."""
    if country and country not in COUNTRIES:
        raise CommandError(f"--country {country}: there are packs for {', '.join(COUNTRIES)}")
    fields = vocabulary(country or None)
    found = answer(_rule(rule, fields), _profile(person, fields), fields)
    typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2) if as_json else _as_text(found))


def _rule(path: Path, fields: Vocabulary) -> Rule:
    try:
        return write(path.read_text(encoding="utf-8-sig"), fields)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"is not UTF-8 (byte {error.start})", file=path) from error
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=path) from error
    except RefusedRule as error:
        place = f"line {error.line}, column {error.column}"
        raise InvalidInput(error.reason, file=path, place=place) from error


def _profile(path: Path, fields: Vocabulary) -> Profile:
    values = JsonText(path).whole()
    if not isinstance(values, dict):
        raise InvalidInput("must be an object of fields", file=path)
    try:
        return profile(values, fields)
    except BrokenProfile as error:
        raise InvalidInput(error.reason, file=path, place=error.pointer) from error


def _as_json(found: Answer) -> dict[str, object]:
    return {
        "verdict": found.verdict,
        "because": [asdict(reason) for reason in found.because],
        "ask": [{"field": field.name, **asdict(field.wording)} for field in found.ask],
    }


def _as_text(found: Answer) -> str:
    if found.verdict is Verdict.FITS:
        return "cumple los requisitos · fits"
    if found.verdict is Verdict.DOES_NOT_FIT:
        lines = [f"- {reason.es} · {reason.en}" for reason in found.because]
        return "\n".join(["no cumple, porque pide · does not fit, because it asks for", *lines])
    lines = [f"- {field.wording.es} · {field.wording.en} ({field.name})" for field in found.ask]
    return "\n".join(["no se sabe; falta preguntar · cannot tell; ask for", *lines])
