"""Suggestions that follow from answers. A person decides on each: answering records nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from solidary.language.codes.specific_needs import SpecificNeeds
from solidary.language.codes.urgency import Urgency
from solidary.language.codes.wording import Wording

from intake.engines.triage.questionnaire import Questionnaire, TriageRule

SuggestionKind = Literal["need", "pathway", "specialist"]

SPECIALIST = "specialist"
"""The code of the offer to speak with a specialist; it does not reveal the reason."""

FUNCTIONING_DOMAINS = ("seeing", "hearing", "walking", "remembering", "self_care", "communicating")
"""The six domains of the Washington Group Short Set on Functioning."""

DISABILITY_ANSWERS = frozenset({"a_lot", "cannot"})
"""The standard's cut-off for international comparison: at least one domain with one of these answers."""


class UnknownAnswer(ValueError):
    """An answer to a question, or with a code, that the questionnaire does not have."""


@dataclass(frozen=True)
class Suggestion:
    """A need, a kind of pathway or a talk with a specialist, with its reasons and the questions behind them."""

    kind: SuggestionKind
    code: str
    because: tuple[Wording, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class TriageResult:
    """Suggestions in the order of the rules, and the urgency with its reasons."""

    suggestions: tuple[Suggestion, ...]
    urgency: Urgency
    urgent_because: tuple[Wording, ...]


def triage(
    questionnaire: Questionnaire, answers: Mapping[str, str], age: int | None, needs: SpecificNeeds
) -> TriageResult:
    """Return the suggestions that follow from the answers of one person.

    A code that `needs` restricts is never suggested, even where a rule names it: a talk with a specialist is
    offered instead. Unanswered questions suggest nothing. Raises UnknownAnswer.
    """
    _check_answers(questionnaire, answers)
    applicable = [rule for rule in questionnaire.rules if _applies(rule, answers, age)]
    suggestible = needs.suggestible_codes()
    found: dict[tuple[SuggestionKind, str], list[TriageRule]] = {}
    for rule in applicable:
        if rule.need in suggestible and rule.need is not None:
            found.setdefault(("need", rule.need), []).append(rule)
        if rule.pathway:
            found.setdefault(("pathway", rule.pathway.value), []).append(rule)
        if rule.specialist or (rule.need and rule.need not in suggestible):
            found.setdefault(("specialist", SPECIALIST), []).append(rule)
    urgency = min(
        (rule.urgency for rule in applicable if rule.urgency),
        key=lambda urgency: urgency.response_time,
        default=Urgency.NORMAL,
    )
    return TriageResult(
        suggestions=tuple(
            Suggestion(kind, code, _reasons(kind, rules), _questions(rules))
            for (kind, code), rules in found.items()
        ),
        urgency=urgency,
        urgent_because=tuple(dict.fromkeys(rule.because for rule in applicable if rule.urgency is urgency)),
    )


def has_disability(answers: Mapping[str, str]) -> bool | None:
    """Return the Washington Group's indicator: a lot of difficulty, or more, in at least one domain.

    None where no domain reaches the cut-off and some have no answer: the standard does not impute.
    """
    levels = [answers.get(domain) for domain in FUNCTIONING_DOMAINS]
    if any(level in DISABILITY_ANSWERS for level in levels):
        return True
    return None if None in levels else False


def _check_answers(questionnaire: Questionnaire, answers: Mapping[str, str]) -> None:
    for question, answer in answers.items():
        if question not in questionnaire.questions:
            raise UnknownAnswer(f"There is no question «{question}».")
        if answer not in questionnaire.questions[question].answers:
            raise UnknownAnswer(f"The question «{question}» has no answer «{answer}».")


def _applies(rule: TriageRule, answers: Mapping[str, str], age: int | None) -> bool:
    return rule.ages.includes(age) and all(
        answers.get(question) in allowed for question, allowed in rule.conditions.items()
    )


def _reasons(kind: SuggestionKind, rules: list[TriageRule]) -> tuple[Wording, ...]:
    """Return the reasons; an offer of a specialist in place of a restricted code leaves out the code's reason."""
    if kind == "specialist":
        rules = [rule for rule in rules if rule.specialist]
    return tuple(dict.fromkeys(rule.because for rule in rules))


def _questions(rules: list[TriageRule]) -> tuple[str, ...]:
    return tuple(sorted({question for rule in rules for question in rule.conditions}))
