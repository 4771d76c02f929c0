"""Are these two records one person? The answer is a sum of evidence, part by part, each with its reason.

After Fellegi and Sunter (1969): every part gives bits for or against, and their sum with a prior is the
logarithm of the odds. Two others than "one person" are possible, and each is weighed: the records are of
two strangers, who share nothing but by chance; or of two relatives, who share surnames, address and
telephone, and as twins the birthday. The score is that of the likelier of the two.

The weights are fixed and stand in this folder: a pair has the same score on a desk and among a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from intake.engines.matching import births
from intake.engines.matching.alignment import Alignment, Pair, Words, align
from intake.engines.matching.names import Likeness
from intake.engines.matching.persons import Person

STRANGER_PRIOR = -17.0
"""Of two records taken at random among a hundred thousand people, one pair in 2¹⁷ is one person."""

RELATIVE_PRIOR = -2.0
"""Of two records of one family, about one pair in four is one person."""

HOUSEHOLD_AT_MOST = 15.0
"""Suburb, postcode and street say much the same thing: together they add no more than this."""

SIBLINGS_DIFFER = 8.0
"""However common a given name is, siblings seldom have the same."""

AS_HEARD = frozenset({Likeness.SAME, Likeness.SOUND})
SLIPS = frozenset({Likeness.TYPO, Likeness.SHORT_TYPO})
"""Twins' names are often a letter apart (Kevin, Kelvin), as often as a name is misspelt: between them a slip says
nothing."""

ONE_SIDE_HAS_MORE = -0.5
OUT_OF_ORDER = -0.5
IN_ANOTHER_FIELD = -1.0

PLACE_WORTH = {
    "street_number": 3.0,
    "address_1": 5.0,
    "address_2": 3.0,
    "suburb": 4.0,
    "postcode": 5.0,
    "state": 1.5,
}


class Part(NamedTuple):
    """One part: what was compared, bits against two strangers and against two relatives, and why."""

    name: str
    stranger: float
    relative: float
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The parts, in a fixed order; what one side lacks gives no part."""

    parts: tuple[Part, ...]

    @property
    def bits(self) -> float:
        """The logarithm (base 2) of the odds that both are one person."""
        return min(self._against("stranger"), self._against("relative"))

    @property
    def score(self) -> float:
        """The probability that both are one person, 0 to 1."""
        return probability(self.bits)

    @property
    def other(self) -> Literal["stranger", "relative"]:
        """Who the two would be, were they not one person."""
        return "stranger" if self._against("stranger") <= self._against("relative") else "relative"

    def _against(self, other: Literal["stranger", "relative"]) -> float:
        prior = STRANGER_PRIOR if other == "stranger" else RELATIVE_PRIOR
        return prior + sum(part.stranger if other == "stranger" else part.relative for part in self.parts)

    def __str__(self) -> str:
        said = (f"{part.name} {getattr(part, self.other):+.1f} ({part.reason})" for part in self.parts)
        return "; ".join((*said, f"against two {self.other}s {self.bits:+.1f}"))


def probability(bits: float) -> float:
    """Odds of 2 to the power of `bits`, as a probability."""
    return float(1.0 / (1.0 + 2.0**-bits))


def compare(a: Person, b: Person) -> Comparison:
    """Two persons, part by part. Symmetric: the same score whichever comes first."""
    parts = _names(a, b)
    if a.born and b.born:
        parts.append(Part("date_of_birth", *births.evidence(a.born, b.born)))
    if a.sex and b.sex:
        parts.append(Part("sex", 1, 1, "same") if a.sex == b.sex else Part("sex", -5, -5, "different"))
    if a.document and b.document:
        parts.append(_document(a.document, b.document))
    if household := _household(a, b):
        parts.append(household)
    return Comparison(tuple(parts))


def _names(a: Person, b: Person) -> list[Part]:
    given, family = align(a.given, b.given, "given"), align(a.surnames, b.surnames, "surname")
    given_a, family_b, first = _elsewhere(given.left_a, family.left_b)
    family_a, given_b, second = _elsewhere(family.left_a, given.left_b)
    family_b, _, third = _elsewhere(family_b, a.married)
    family_a, _, fourth = _elsewhere(family_a, b.married)
    parts = []
    if part := _given(given, given_a, given_b):
        parts.append(part)
    if part := _family(family, family_a, family_b):
        parts.append(part)
    if elsewhere := (*first, *second, *third, *fourth):
        bits = sum(max(pair.bits + IN_ANOTHER_FIELD, 0.0) for pair in elsewhere)
        parts.append(Part("name", bits, bits / 2, ", ".join(map(str, elsewhere)) + ", in another field"))
    return parts


def _elsewhere(a: Words, b: Words) -> tuple[Words, Words, tuple[Pair, ...]]:
    """Words left over on one side that stand in another field of the other."""
    if not (a and b):
        return a, b, ()
    found = align(a, b, "surname")
    return found.left_a, found.left_b, found.pairs


def _given(found: Alignment, left_a: Words, left_b: Words) -> Part | None:
    """Twins share everything but this: a given name that differs weighs most between relatives."""
    bits, reason = _agreement(found, left_a, left_b)
    if not (left_a and left_b):
        if found.pairs and not (left_a or left_b) and all(pair.likeness in AS_HEARD for pair in found.pairs):
            return Part("given_name", bits, max(bits, SIBLINGS_DIFFER), reason)
        slips = sum(pair.bits for pair in found.pairs if pair.likeness in SLIPS)
        return Part("given_name", bits, bits - slips, reason) if reason else None
    if not found.pairs:
        return Part("given_name", -6.0, -9.0, reason)
    return Part("given_name", bits - 4.0, min(bits, 4.0) - 10.0, reason)


def _family(found: Alignment, left_a: Words, left_b: Words) -> Part | None:
    """Relatives share surnames: between them they say nothing, unless none is shared."""
    bits, reason = _agreement(found, left_a, left_b)
    if not (left_a and left_b):
        return Part("surname", bits, 0.0, reason) if reason else None
    return Part("surname", bits - 5.0, -2.0, reason) if found.pairs else Part("surname", -7.0, -3.0, reason)


def _agreement(found: Alignment, left_a: Words, left_b: Words) -> tuple[float, str]:
    bits, reasons = found.bits, [str(pair) for pair in found.pairs]
    if found.crossed:
        bits += OUT_OF_ORDER
        reasons.append("in another order")
    if left_a and left_b:
        reasons.append(f"{' '.join(left_a)} ≠ {' '.join(left_b)}")
    elif found.pairs and (left_a or left_b):
        bits += ONE_SIDE_HAS_MORE
        reasons.append(f"{' '.join(left_a or left_b)} on one side only")
    return bits, ", ".join(reasons)


def _document(a: str, b: str) -> Part:
    """Numbers that differ say little: a person may hold several documents."""
    if a == b:
        return Part("document", 32.0, 32.0, "same number")
    if len(a) >= 6 and OSA.distance(a, b, score_cutoff=1) == 1:
        return Part("document", 9.0, 9.0, "one character off")
    return Part("document", -3.0, -3.0, "different numbers")


def _household(a: Person, b: Person) -> Part | None:
    bits, same = 0.0, []
    if a.telephone and b.telephone:
        if a.telephone == b.telephone:
            bits, same = 7.0, ["telephone"]
        else:
            bits = -0.3
    for name, worth in PLACE_WORTH.items():
        here, there = a.place.get(name), b.place.get(name)
        if here and there:
            alike = here == there or (len(here) > 4 and fuzz.ratio(here, there, score_cutoff=80) > 0)
            bits += worth if alike else -0.5
            if alike:
                same.append(name)
    if not bits:
        return None
    reason = "same " + ", ".join(same) if same else "elsewhere"
    return Part("household", min(bits, HOUSEHOLD_AT_MOST), 0.0, reason)
