"""The answer of a rule to a profile: fits, does not fit because, or cannot tell: ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from solidary.language.codes.wording import Wording

from referrals.engines.eligibility import wordings
from referrals.engines.eligibility.parts import AllOf, Condition, OneOf, Part
from referrals.engines.eligibility.profile import Profile
from referrals.engines.eligibility.rule import Rule
from referrals.engines.eligibility.vocabulary import Field, Vocabulary


class Verdict(StrEnum):
    FITS = "fits"
    DOES_NOT_FIT = "does_not_fit"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Answer:
    """`because` are the parts of the rule that are not met, `ask` the fields that may yet decide it."""

    verdict: Verdict
    because: tuple[Wording, ...] = ()
    ask: tuple[Field, ...] = ()


def answer(rule: Rule, profile: Profile, vocabulary: Vocabulary) -> Answer:
    """Three-valued logic (Kleene), as CEL itself treats errors: what is known may be enough to tell.

    A service for adults or families fits an adult whose family is not known, and does not ask.
    """
    holds = _holds(rule.whole, profile)
    if holds:
        return Answer(Verdict.FITS)
    if holds is False:
        return Answer(Verdict.DOES_NOT_FIT, because=tuple(_unmet(rule.whole, profile, vocabulary)))
    names = dict.fromkeys(_open(rule.whole, profile))
    return Answer(Verdict.CANNOT_TELL, ask=tuple(vocabulary[name] for name in names))


def _holds(part: Part, profile: Profile) -> bool | None:
    if isinstance(part, Condition):
        return part.holds(profile)
    deciding = isinstance(part, OneOf)
    inner = [_holds(each, profile) for each in part.parts]
    if deciding in inner:
        return deciding
    return None if None in inner else not deciding


def _unmet(part: Part, profile: Profile, vocabulary: Vocabulary) -> Iterable[Wording]:
    """Of a part that does not hold: each condition not met; of alternatives, one sentence with all."""
    if isinstance(part, Condition):
        yield _unmet_condition(part, profile, vocabulary)
    elif isinstance(part, AllOf):
        for each in part.parts:
            if _holds(each, profile) is False:
                yield from _unmet(each, profile, vocabulary)
    else:
        yield wordings.none_of([list(_unmet(each, profile, vocabulary)) for each in part.parts])


def _unmet_condition(part: Condition, profile: Profile, vocabulary: Vocabulary) -> Wording:
    if part.field is None:
        return part.wording
    return wordings.unmet(part.wording, vocabulary[part.field], profile[part.field])


def _open(part: Part, profile: Profile) -> Iterable[str]:
    """Of a part that cannot be told: the fields not known that may decide it, as they stand in the rule."""
    if isinstance(part, Condition):
        yield part.field or ""
    else:
        for each in part.parts:
            if _holds(each, profile) is None:
                yield from _open(each, profile)
