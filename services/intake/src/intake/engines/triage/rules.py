"""What answers suggest. Suggestions are for a person to decide on: nothing is recorded by answering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from solidary.language.codes.specific_needs import SpecificNeeds
from solidary.language.codes.urgency import Urgency
from solidary.language.codes.wording import Wording

from intake.engines.triage.questionnaire import Questionnaire, Rule

SPECIALIST = "specialist"
"""The code of the offer to speak with a specialist. It says nothing of why."""

FUNCTIONING = ("seeing", "hearing", "walking", "remembering", "self_care", "communicating")
"""The six domains of the Washington Group Short Set on Functioning."""

CUT_OFF = frozenset({"a_lot", "cannot"})
"""The standard's cut-off for international comparison: at least one domain with one of these answers."""


class UnknownAnswer(ValueError):
    """An answer to a question that was not asked, or that the question does not have."""


@dataclass(frozen=True)
class Suggestion:
    """A need, a kind of route or a talk with a specialist, with its reasons and the questions behind them."""

    kind: Literal["need", "route", "specialist"]
    code: str
    because: tuple[Wording, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Triage:
    """Suggestions in the order of the rules, and how urgent the matter is, with the reasons for it."""

    suggestions: tuple[Suggestion, ...]
    urgency: Urgency
    urgent_because: tuple[Wording, ...]


def triage(
    questionnaire: Questionnaire, answers: Mapping[str, str], age: int | None, needs: SpecificNeeds
) -> Triage:
    """What the answers of one person suggest.

    A code that `needs` restricts is never suggested, even where a rule would: a talk with a specialist is
    offered in its place. Questions left out suggest nothing. Raises UnknownAnswer.
    """
    _check(questionnaire, answers)
    holding = [rule for rule in questionnaire.rules if _holds(rule, answers, age)]
    suggestible = needs.suggestible_codes()
    found: dict[tuple[Literal["need", "route", "specialist"], str], list[Rule]] = {}
    for rule in holding:
        if rule.need in suggestible and rule.need is not None:
            found.setdefault(("need", rule.need), []).append(rule)
        if rule.route:
            found.setdefault(("route", rule.route.value), []).append(rule)
        if rule.specialist or (rule.need and rule.need not in suggestible):
            found.setdefault(("specialist", SPECIALIST), []).append(rule)
    urgency = min((rule.urgency for rule in holding if rule.urgency), key=_rank, default=Urgency.NORMAL)
    return Triage(
        suggestions=tuple(
            Suggestion(kind, code, _reasons(kind, rules), tuple(sorted({q for r in rules for q in r.when})))
            for (kind, code), rules in found.items()
        ),
        urgency=urgency,
        urgent_because=tuple(dict.fromkeys(rule.because for rule in holding if rule.urgency is urgency)),
    )


def has_disability(answers: Mapping[str, str]) -> bool | None:
    """The Washington Group's indicator: a lot of difficulty, or more, in one domain at least.

    None where no domain reaches the cut-off and some were not asked: the standard does not guess.
    """
    said = [answers.get(domain) for domain in FUNCTIONING]
    if any(answer in CUT_OFF for answer in said):
        return True
    return None if None in said else False


def _check(questionnaire: Questionnaire, answers: Mapping[str, str]) -> None:
    for question, answer in answers.items():
        if question not in questionnaire.questions:
            raise UnknownAnswer(f"there is no question {question!r}")
        if answer not in questionnaire.questions[question].answers:
            raise UnknownAnswer(f"{question} has no answer {answer!r}")


def _holds(rule: Rule, answers: Mapping[str, str], age: int | None) -> bool:
    return rule.ages.hold(age) and all(
        answers.get(question) in allowed for question, allowed in rule.when.items()
    )


def _reasons(kind: str, rules: list[Rule]) -> tuple[Wording, ...]:
    """Why; an offer that stands for a restricted code keeps its reason to itself."""
    if kind == "specialist":
        rules = [rule for rule in rules if rule.specialist]
    return tuple(dict.fromkeys(rule.because for rule in rules))


def _rank(urgency: Urgency) -> float:
    return urgency.response_time.total_seconds()
