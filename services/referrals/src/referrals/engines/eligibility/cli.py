"""The command `python -m referrals eligible RULE.cel PROFILE.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.cel import InvalidExpression
from solidary.files.command_line import CommandError, InvalidInput, cli_errors
from solidary.files.json_document import JsonDocument
from solidary.language.country import countries
from solidary.language.problems import json_pointer

from referrals.engines.eligibility.check import EligibilityResult, EligibilityStatus, check_eligibility
from referrals.engines.eligibility.profile import InvalidProfile, Profile, read_profile
from referrals.engines.eligibility.rule import Rule, parse_rule
from referrals.engines.eligibility.vocabulary import Vocabulary, load_vocabulary


@cli_errors
def eligible(
    rule: Annotated[Path, typer.Argument(help="A file with a rule in CEL.")],
    person: Annotated[
        Path, typer.Argument(metavar="PROFILE", help="A JSON file with a coded profile, without a name.")
    ],
    country: Annotated[
        str, typer.Option(help="The country whose documents a rule may name (PA). Default: all countries.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check a profile against an eligibility rule, and print the unmet requirements or the missing fields."""
    vocabulary = vocabulary_of(country)
    result = check_eligibility(_read_rule(rule, vocabulary), _read_profile(person, vocabulary), vocabulary)
    typer.echo(json.dumps(_as_json(result), ensure_ascii=False, indent=2) if as_json else _as_text(result))


def vocabulary_of(country: str) -> Vocabulary:
    """Return the vocabulary for a `--country` option. Raises CommandError where there is no pack of that country."""
    if country and country not in countries():
        raise CommandError(f"--country {country}: There is no country pack. Use {', '.join(countries())}.")
    return load_vocabulary(country or None)


def _read_rule(path: Path, vocabulary: Vocabulary) -> Rule:
    try:
        return parse_rule(path.read_text(encoding="utf-8-sig"), vocabulary)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The file is not UTF-8 (byte {error.start}).", file=path) from error
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=path) from error
    except InvalidExpression as error:
        place = f"line {error.line}, column {error.column}"
        raise InvalidInput(error.reason, file=path, place=place) from error


def _read_profile(path: Path, vocabulary: Vocabulary) -> Profile:
    values = JsonDocument(path).read()
    if not isinstance(values, dict):
        raise InvalidInput("A profile must be a JSON object of fields.", file=path)
    try:
        return read_profile(values, vocabulary)
    except InvalidProfile as error:
        raise InvalidInput(error.reason, file=path, place=json_pointer(error.path)) from error


def _as_json(result: EligibilityResult) -> dict[str, object]:
    return {
        "eligibility": result.status,
        "unmet_requirements": [asdict(wording) for wording in result.unmet],
        "missing_fields": [{"field": field.name, **asdict(field.wording)} for field in result.missing],
    }


def _as_text(result: EligibilityResult) -> str:
    if result.status is EligibilityStatus.ELIGIBLE:
        return "cumple los requisitos · meets the requirements"
    if result.status is EligibilityStatus.NOT_ELIGIBLE:
        lines = [f"- {wording.es} · {wording.en}" for wording in result.unmet]
        return "\n".join(["no cumple estos requisitos · does not meet these requirements", *lines])
    lines = [f"- {field.wording.es} · {field.wording.en} ({field.name})" for field in result.missing]
    return "\n".join(["no se sabe; falta preguntar · undetermined; still to ask", *lines])
