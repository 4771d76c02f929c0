"""Questions and what answers suggest, read from a file and refused where they would ask or open too much."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from solidary.language.codes import specific_needs
from solidary.language.codes.pathways import PathwayKind
from solidary.language.codes.specific_needs import SpecificNeeds
from solidary.language.codes.urgency import Urgency
from solidary.language.codes.wording import Wording


class UnsafeQuestions(ValueError):
    """A questionnaire that suggests what it must not, or that contradicts itself; names the entry and its line."""

    def __init__(self, reason: str, line: int | None):
        self.reason, self.place = reason, f"line {line}" if line else None
        super().__init__(": ".join(filter(None, (self.place, reason))))


@dataclass(frozen=True)
class Ages:
    """From and to completed years, both included; None is no bound."""

    first: int | None = None
    last: int | None = None

    def hold(self, age: int | None) -> bool:
        """Whether somebody of this age is meant; an unknown age is meant only where no bound is set."""
        if age is None:
            return self.first is None and self.last is None
        return (self.first is None or age >= self.first) and (self.last is None or age <= self.last)


@dataclass(frozen=True)
class Question:
    """One question, for people of an age, with its answers by code."""

    id: str
    wording: Wording
    answers: Mapping[str, Wording]
    ages: Ages


@dataclass(frozen=True)
class Rule:
    """Where every condition of `when` holds (question: any of these answers), this is suggested, and why."""

    when: Mapping[str, frozenset[str]]
    ages: Ages
    because: Wording
    need: str | None = None
    route: PathwayKind | None = None
    specialist: bool = False
    urgency: Urgency | None = None


@dataclass(frozen=True)
class Questionnaire:
    """One version of the questions and of the rules on their answers."""

    version: str
    source: str
    questions: Mapping[str, Question]
    rules: tuple[Rule, ...]

    def for_age(self, age: int | None) -> tuple[Question, ...]:
        """The questions to ask somebody of this age, in order; all of them where the age is unknown."""
        return tuple(q for q in self.questions.values() if age is None or q.ages.hold(age))


@cache
def current() -> Questionnaire:
    """The questionnaire that ships with the platform."""
    return read(files("intake.engines.triage").joinpath("questions.toml").read_text(encoding="utf-8"))


def read(text: str, needs: SpecificNeeds | None = None) -> Questionnaire:
    """A questionnaire from its TOML text.

    Raises UnsafeQuestions where a rule suggests a code that the list of needs restricts, retires or lacks,
    names a question or an answer that is not there, or where the text is no questionnaire.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise UnsafeQuestions(str(error), int(at[1]) if at else None) from error
    questions: dict[str, Question] = {}
    suggestible = (needs or specific_needs.load_specific_needs()).suggestible_codes()
    with _of("the file", None):
        version, source, kinds = str(table["version"]), str(table["source"]), dict(table["answers"])
        asked, rows = list(table["questions"]), list(table["rules"])
    sets = {}
    for name, answers in kinds.items():
        with _of(f"answers {name}", None):
            sets[name] = {one["code"]: Wording(one["es"], one["en"]) for one in answers}
    for line, row in zip(_lines(text, "questions"), asked, strict=True):
        with _of(f"question {row.get('id')}", line):
            questions[row["id"]] = _question(row, questions, sets)
    rules = []
    for number, (line, row) in enumerate(zip(_lines(text, "rules"), rows, strict=True), 1):
        with _of(f"rule {number}", line):
            rules.append(_rule(row, questions, suggestible))
    return Questionnaire(version, source, questions, tuple(rules))


@contextmanager
def _of(entry: str, line: int | None) -> Iterator[None]:
    """Whatever is wrong in an entry is said of it, with the line on which it begins."""
    try:
        yield
    except KeyError as error:
        raise UnsafeQuestions(f"{entry}: has no {error.args[0]}", line) from error
    except (TypeError, AttributeError, ValueError) as error:
        raise UnsafeQuestions(f"{entry}: {error}", line) from error


def _lines(text: str, table: str) -> list[int]:
    """Where the entries of a list of tables begin."""
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line.split("#")[0].strip() == f"[[{table}]]"
    ]


def _question(
    row: dict[str, Any], known: Mapping[str, Question], sets: Mapping[str, Mapping[str, Wording]]
) -> Question:
    if row["id"] in known or row["answers"] not in sets:
        raise ValueError("asked twice, or without answers")
    return Question(row["id"], Wording(row["es"], row["en"]), sets[row["answers"]], _ages(row))


def _rule(row: dict[str, Any], questions: Mapping[str, Question], suggestible: frozenset[str]) -> Rule:
    for question, answers in row["when"].items():
        if question not in questions or set(answers) - set(questions[question].answers):
            raise ValueError(f"{question} has no answer {', '.join(answers)}")
    need = row.get("need")
    if need is not None and need not in suggestible:
        raise ValueError(f"{need} must not be suggested; offer a specialist instead")
    rule = Rule(
        when={question: frozenset(answers) for question, answers in row["when"].items()},
        ages=_ages(row),
        because=Wording(row["because"]["es"], row["because"]["en"]),
        need=need,
        route=PathwayKind(row["route"]) if "route" in row else None,
        specialist=row.get("specialist", False),
        urgency=Urgency(row["urgency"]) if "urgency" in row else None,
    )
    if not (rule.when and (rule.need or rule.route or rule.specialist or rule.urgency)):
        raise ValueError("has no condition, or suggests nothing")
    return rule


def _ages(row: Mapping[str, Any]) -> Ages:
    return Ages(row.get("age_from"), row.get("age_to"))
