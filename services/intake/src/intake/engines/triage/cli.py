"""`python -m intake triage`: what a file of answers suggests, without the stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from solidary.files.command_line import InvalidInput, cli_errors
from solidary.language.codes import specific_needs
from solidary.language.codes.wording import Wording

from intake.engines.triage import questionnaire
from intake.engines.triage.questionnaire import Questionnaire, UnsafeQuestions
from intake.engines.triage.rules import Triage, UnknownAnswer, has_disability
from intake.engines.triage.rules import triage as suggest
from intake.languages import Language


class Answers(BaseModel):
    """The file: `{"age": 34, "answers": {"papers": "none"}}`; the age may be left out."""

    model_config = ConfigDict(extra="forbid")
    age: int | None = Field(default=None, ge=0, le=130)
    answers: dict[str, str]


@cli_errors
def triage(
    file: Annotated[Path | None, typer.Argument(help="Answers as JSON; without it, the questions.")] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            envvar="SOLIDARY_QUESTIONS", help="An own questionnaire (TOML) in place of the one shipped."
        ),
    ] = None,
    language: Language = "es",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What answers suggest, with reasons; without a file, the questions and their answers."""
    asked = _asked(questions)
    if file is None:
        for question in asked.questions.values():
            codes = ", ".join(
                f"{code} ({text.in_language(language)})" for code, text in question.answers.items()
            )
            typer.echo(f"{question.id}: {question.wording.in_language(language)} {codes}")
        return
    given = _read(file)
    try:
        found = suggest(asked, given.answers, given.age, specific_needs.load_specific_needs())
    except UnknownAnswer as error:
        raise InvalidInput(str(error), file=file, place="/answers") from error
    said = _said(found, given, language)
    typer.echo(json.dumps(said, ensure_ascii=False, indent=1) if as_json else _text(found, language))


def _asked(file: Path | None) -> Questionnaire:
    if file is None:
        return questionnaire.current()
    try:
        return questionnaire.read(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=file) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"not UTF-8 at byte {error.start}", file=file) from error
    except UnsafeQuestions as error:
        raise InvalidInput(error.reason, file=file, place=error.place) from error


def _read(file: Path) -> Answers:
    try:
        return Answers.model_validate_json(file.read_bytes())
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=file) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = "/" + "/".join(map(str, first["loc"]))
        raise InvalidInput(first["msg"], file=file, place=place) from error


def _said(found: Triage, given: Answers, language: str) -> dict[str, object]:
    return {
        "urgency": found.urgency,
        "urgent_because": _words(found.urgent_because, language),
        "disability": has_disability(given.answers),
        "suggestions": [
            {"kind": one.kind, "code": one.code, "because": _words(one.because, language)}
            for one in found.suggestions
        ],
    }


def _text(found: Triage, language: str) -> str:
    lines = [found.urgency.wording.in_language(language), *_words(found.urgent_because, language)]
    for one in found.suggestions:
        lines.append(f"{one.kind} {one.code}: {'; '.join(_words(one.because, language))}")
    return "\n".join(lines)


def _words(wordings: tuple[Wording, ...], language: str) -> list[str]:
    return [wording.in_language(language) for wording in wordings]
