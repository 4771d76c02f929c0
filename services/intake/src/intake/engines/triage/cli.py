"""`python -m intake triage`: suggestions for a file of answers, without the stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ConfigDict, Field, ValidationError
from solidary.files.command_line import InvalidInput, cli_errors
from solidary.language.codes import specific_needs
from solidary.language.codes.wording import Wording
from solidary.language.strict import StrictModel
from solidary.language.validation import faults_of

from intake.engines.language_option import LanguageOption
from intake.engines.triage.questionnaire import (
    InvalidQuestionnaire,
    Questionnaire,
    parse_questionnaire,
    shipped_questionnaire,
)
from intake.engines.triage.rules import TriageResult, UnknownAnswer, has_disability
from intake.engines.triage.rules import triage as suggest


class Answers(StrictModel):
    """A file of answers: `{"age": 34, "answers": {"papers": "none"}}`; the age is optional."""

    model_config = ConfigDict(extra="forbid")
    age: int | None = Field(default=None, ge=0, le=130)
    answers: dict[str, str]


@cli_errors
def triage(
    file: Annotated[
        Path | None, typer.Argument(help="Answers as JSON; without it the questions are printed.")
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            envvar="SOLIDARY_QUESTIONS", help="A questionnaire (TOML) instead of the one that ships."
        ),
    ] = None,
    language: LanguageOption = "es",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print suggestions for answers, with their reasons; without a file, the questions and their answers."""
    questionnaire = _questionnaire(questions)
    if file is None:
        for question in questionnaire.questions.values():
            codes = ", ".join(
                f"{code} ({text.in_language(language)})" for code, text in question.answers.items()
            )
            typer.echo(f"{question.id}: {question.wording.in_language(language)} {codes}")
        return
    given = _answers(file)
    try:
        result = suggest(questionnaire, given.answers, given.age, specific_needs.load_specific_needs())
    except UnknownAnswer as error:
        raise InvalidInput(str(error), file=file, place="/answers") from error
    if as_json:
        typer.echo(json.dumps(_document(result, given, language), ensure_ascii=False, indent=1))
    else:
        typer.echo(_text(result, language))


def _questionnaire(file: Path | None) -> Questionnaire:
    if file is None:
        return shipped_questionnaire()
    try:
        return parse_questionnaire(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=file) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The file is not UTF-8 at byte {error.start}.", file=file) from error
    except InvalidQuestionnaire as error:
        raise InvalidInput(error.reason, file=file, place=error.place) from error


def _answers(file: Path) -> Answers:
    try:
        return Answers.model_validate_json(file.read_bytes())
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=file) from error
    except ValidationError as error:
        first = faults_of(error.errors())[0]
        raise InvalidInput(first.detail, file=file, place=first.pointer or None) from error


def _document(result: TriageResult, given: Answers, language: str) -> dict[str, object]:
    return {
        "urgency": result.urgency,
        "urgent_because": _texts(result.urgent_because, language),
        "disability": has_disability(given.answers),
        "suggestions": [
            {"kind": one.kind, "code": one.code, "because": _texts(one.because, language)}
            for one in result.suggestions
        ],
    }


def _text(result: TriageResult, language: str) -> str:
    lines = [result.urgency.wording.in_language(language), *_texts(result.urgent_because, language)]
    for one in result.suggestions:
        lines.append(f"{one.kind} {one.code}: {'; '.join(_texts(one.because, language))}")
    return "\n".join(lines)


def _texts(wordings: tuple[Wording, ...], language: str) -> list[str]:
    return [wording.in_language(language) for wording in wordings]
