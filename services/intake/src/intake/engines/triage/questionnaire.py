"""A questionnaire: questions with their answers, and rules that suggest something for an answer.

A file that could suggest a restricted code is refused when it is read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from solidary.language.codes import specific_needs
from solidary.language.codes.code_list import CodeList
from solidary.language.codes.pathways import PathwayKind
from solidary.language.codes.specific_needs import SpecificNeeds
from solidary.language.codes.urgency import Urgency
from solidary.language.codes.wording import Wording

C = TypeVar("C", bound=CodeList)


class InvalidQuestionnaire(ValueError):
    """A questionnaire that suggests a code which must not be suggested, or that contradicts itself.

    `reason` names the entry; `place` is its line.
    """

    def __init__(self, reason: str, line: int | None):
        self.reason, self.place = reason, f"line {line}" if line else None
        super().__init__(": ".join(filter(None, (self.place, reason))))


@dataclass(frozen=True)
class AgeRange:
    """An interval of completed years, both bounds included; None is no bound."""

    first: int | None = None
    last: int | None = None

    def includes(self, age: int | None) -> bool:
        """Return whether this age is in the range; an unknown age is only in the range without bounds."""
        if age is None:
            return self.first is None and self.last is None
        return (self.first is None or age >= self.first) and (self.last is None or age <= self.last)


@dataclass(frozen=True)
class Question:
    """A question for people of an age, with its answers by code."""

    id: str
    wording: Wording
    answers: Mapping[str, Wording]
    ages: AgeRange


@dataclass(frozen=True)
class TriageRule:
    """A suggestion and its reason, for answers that meet every condition of `conditions` (question → answers)."""

    conditions: Mapping[str, frozenset[str]]
    ages: AgeRange
    because: Wording
    need: str | None = None
    pathway: PathwayKind | None = None
    specialist: bool = False
    urgency: Urgency | None = None


@dataclass(frozen=True)
class Questionnaire:
    """One version of the questions and of the rules on their answers."""

    version: str
    source: str
    questions: Mapping[str, Question]
    rules: tuple[TriageRule, ...]


@cache
def shipped_questionnaire() -> Questionnaire:
    """Return the questionnaire that ships with the platform."""
    text = files("intake.engines.triage").joinpath("questions.toml").read_text(encoding="utf-8")
    return parse_questionnaire(text)


def parse_questionnaire(text: str, needs: SpecificNeeds | None = None) -> Questionnaire:
    """Read a questionnaire from its TOML text.

    Raises InvalidQuestionnaire where a rule suggests a code that the list of needs restricts, has retired or
    does not contain, names a question or an answer that does not exist, or where the text has another form.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise InvalidQuestionnaire(
            f"The file is not valid TOML: {error}.", int(at[1]) if at else None
        ) from error
    questions: dict[str, Question] = {}
    suggestible = (needs or specific_needs.load_specific_needs()).suggestible_codes()
    with _entry_context("the file", None):
        version, source, answer_sets = str(table["version"]), str(table["source"]), dict(table["answers"])
        question_rows, rule_rows = list(table["questions"]), list(table["rules"])
    answers_by_set = {}
    for name, answers in answer_sets.items():
        with _entry_context(f"answers {name}", None):
            answers_by_set[name] = {one["code"]: Wording(one["es"], one["en"]) for one in answers}
    for line, row in zip(_entry_lines(text, "questions"), question_rows, strict=True):
        with _entry_context(f"question {row.get('id', '')}".strip(), line):
            questions[row["id"]] = _question(row, questions, answers_by_set)
    rules = []
    for number, (line, row) in enumerate(zip(_entry_lines(text, "rules"), rule_rows, strict=True), 1):
        with _entry_context(f"rule {number}", line):
            rules.append(_rule(row, questions, suggestible))
    return Questionnaire(version, source, questions, tuple(rules))


@contextmanager
def _entry_context(entry: str, line: int | None) -> Iterator[None]:
    """Raise InvalidQuestionnaire, with the entry and its first line, for anything that is wrong in the entry."""
    try:
        yield
    except KeyError as error:
        raise InvalidQuestionnaire(f"{entry}: The field «{error.args[0]}» is missing.", line) from error
    except (TypeError, AttributeError, ValueError) as error:
        raise InvalidQuestionnaire(f"{entry}: {error}", line) from error


def _entry_lines(text: str, table: str) -> list[int]:
    """Return the line on which each entry of a list of tables begins."""
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line.split("#")[0].strip() == f"[[{table}]]"
    ]


def _question(
    row: dict[str, Any], known: Mapping[str, Question], answer_sets: Mapping[str, Mapping[str, Wording]]
) -> Question:
    if row["id"] in known:
        raise ValueError("The question occurs twice.")
    if row["answers"] not in answer_sets:
        raise ValueError(f"There are no answers «{row['answers']}».")
    return Question(row["id"], Wording(row["es"], row["en"]), answer_sets[row["answers"]], _age_range(row))


def _rule(row: dict[str, Any], questions: Mapping[str, Question], suggestible: frozenset[str]) -> TriageRule:
    for question, answers in row["when"].items():
        if question not in questions:
            raise ValueError(f"There is no question «{question}».")
        if unknown := set(answers) - set(questions[question].answers):
            raise ValueError(f"The question «{question}» has no answer «{'», «'.join(sorted(unknown))}».")
    need = row.get("need")
    if need is not None and need not in suggestible:
        raise ValueError(f"The code {need} must not be suggested. Offer a specialist instead.")
    rule = TriageRule(
        conditions={question: frozenset(answers) for question, answers in row["when"].items()},
        ages=_age_range(row),
        because=Wording(row["because"]["es"], row["because"]["en"]),
        need=need,
        pathway=_member(PathwayKind, row, "pathway"),
        specialist=row.get("specialist", False),
        urgency=_member(Urgency, row, "urgency"),
    )
    if not (rule.conditions and (rule.need or rule.pathway or rule.specialist or rule.urgency)):
        raise ValueError("The rule has no condition, or suggests nothing.")
    return rule


def _member(codes: type[C], row: Mapping[str, Any], field: str) -> C | None:
    """Return the code in an optional field. Raises ValueError for a code that is not in the list."""
    if field not in row:
        return None
    if row[field] not in list(codes):
        raise ValueError(f"The field «{field}» must be one of {', '.join(codes)}.")
    return codes(row[field])


def _age_range(row: Mapping[str, Any]) -> AgeRange:
    return AgeRange(row.get("age_from"), row.get("age_to"))
