"""Questions and what answers suggest, read from a file and refused where they would ask or open too much."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from solidary.codes import specific_needs
from solidary.codes.routes import RouteKind
from solidary.codes.specific_needs import SpecificNeeds
from solidary.codes.urgency import Urgency
from solidary.codes.wording import Wording


class UnsafeQuestions(ValueError):
    """A questionnaire that suggests what it must not, or that contradicts itself; names the entry."""


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
    route: RouteKind | None = None
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
    return read(files("intake.triage").joinpath("questions.toml").read_text(encoding="utf-8"))


def read(text: str, needs: SpecificNeeds | None = None) -> Questionnaire:
    """A questionnaire from its TOML text.

    Raises UnsafeQuestions where a rule suggests a code that the list of needs restricts, retires or lacks,
    or names a question or an answer that is not there.
    """
    table = tomllib.loads(text)
    sets = {
        name: {one["code"]: Wording(one["es"], one["en"]) for one in answers}
        for name, answers in table["answers"].items()
    }
    questions: dict[str, Question] = {}
    for row in table["questions"]:
        if row["id"] in questions or row["answers"] not in sets:
            raise UnsafeQuestions(f"question {row['id']}: asked twice, or without answers")
        wording = Wording(row["es"], row["en"])
        questions[row["id"]] = Question(row["id"], wording, sets[row["answers"]], _ages(row))
    suggestible = (needs or specific_needs.current()).suggestible()
    rules = tuple(_rule(number, row, questions, suggestible) for number, row in enumerate(table["rules"], 1))
    return Questionnaire(table["version"], table["source"], questions, rules)


def _rule(
    number: int, row: dict[str, Any], questions: Mapping[str, Question], suggestible: frozenset[str]
) -> Rule:
    for question, answers in row["when"].items():
        if question not in questions or set(answers) - set(questions[question].answers):
            raise UnsafeQuestions(f"rule {number}: {question} has no answer {', '.join(answers)}")
    need = row.get("need")
    if need is not None and need not in suggestible:
        raise UnsafeQuestions(f"rule {number}: {need} must not be suggested; offer a specialist instead")
    rule = Rule(
        when={question: frozenset(answers) for question, answers in row["when"].items()},
        ages=_ages(row),
        because=Wording(row["because"]["es"], row["because"]["en"]),
        need=need,
        route=RouteKind(row["route"]) if "route" in row else None,
        specialist=row.get("specialist", False),
        urgency=Urgency(row["urgency"]) if "urgency" in row else None,
    )
    if not (rule.when and (rule.need or rule.route or rule.specialist or rule.urgency)):
        raise UnsafeQuestions(f"rule {number}: has no condition, or suggests nothing")
    return rule


def _ages(row: Mapping[str, Any]) -> Ages:
    return Ages(row.get("age_from"), row.get("age_to"))
