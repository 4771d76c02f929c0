"""The check of a profile against a rule: eligible, not eligible with reasons, or undetermined with what to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from solidary.language.codes.wording import Wording

from referrals.engines.eligibility import wordings
from referrals.engines.eligibility.conditions import AllOf, Condition, Part
from referrals.engines.eligibility.profile import Profile
from referrals.engines.eligibility.rule import Rule
from referrals.engines.eligibility.vocabulary import ProfileField, Vocabulary


class EligibilityStatus(StrEnum):
    """The three results of a check."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class EligibilityResult:
    """A result with its reasons.

    `unmet` holds the requirements that the profile does not meet, `missing` the unknown fields on which the result
    depends.
    """

    status: EligibilityStatus
    unmet: tuple[Wording, ...] = ()
    missing: tuple[ProfileField, ...] = ()


def check_eligibility(rule: Rule, profile: Profile, vocabulary: Vocabulary) -> EligibilityResult:
    """Return the result of a rule for a profile.

    The logic is Kleene's three-valued one, which CEL follows for errors: known fields may be enough. A service for
    adults or families accepts an adult whose family is unknown, and asks for nothing more.
    """
    is_met = rule.condition.evaluate(profile)
    if is_met:
        return EligibilityResult(EligibilityStatus.ELIGIBLE)
    if is_met is False:
        unmet = tuple(_unmet(rule.condition, profile, vocabulary))
        return EligibilityResult(EligibilityStatus.NOT_ELIGIBLE, unmet=unmet)
    names = dict.fromkeys(_missing(rule.condition, profile))
    missing = tuple(vocabulary[name] for name in names)
    return EligibilityResult(EligibilityStatus.UNDETERMINED, missing=missing)


def _unmet(part: Part, profile: Profile, vocabulary: Vocabulary) -> Iterable[Wording]:
    """Yield the unmet requirements of a part that is not met: one for each condition, one for all alternatives."""
    if isinstance(part, Condition):
        yield _unmet_condition(part, profile, vocabulary)
    elif isinstance(part, AllOf):
        for each in part.parts:
            if each.evaluate(profile) is False:
                yield from _unmet(each, profile, vocabulary)
    else:
        yield wordings.none_met([list(_unmet(each, profile, vocabulary)) for each in part.parts])


def _unmet_condition(condition: Condition, profile: Profile, vocabulary: Vocabulary) -> Wording:
    if condition.field is None:
        return condition.wording
    return wordings.unmet(condition.wording, vocabulary[condition.field], profile[condition.field])


def _missing(part: Part, profile: Profile) -> Iterable[str]:
    """Yield the unknown fields of an undetermined part, in the order of the rule."""
    if isinstance(part, Condition):
        if part.field is not None:
            yield part.field
    else:
        for each in part.parts:
            if each.evaluate(profile) is None:
                yield from _missing(each, profile)
