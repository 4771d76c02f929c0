"""The comparison of two records: a sum of evidence, part by part, each with its reason.

After Fellegi and Sunter (1969): every part gives bits for or against one person, and their sum with a prior is
the logarithm of the odds. There are two alternatives to "one person", and each is weighed: the records are of
two strangers, who share nothing but by chance; or of two relatives, who share surnames, address and telephone,
and as twins the birthday. The score is that of the likelier alternative.

The weights are fixed and part of this folder: a pair has the same score at a desk and among a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from intake.engines.matching.alignment import Alignment, WordPair, Words, align
from intake.engines.matching.birth_dates import compare_birth_dates
from intake.engines.matching.names import Similarity
from intake.engines.matching.person_record import PersonRecord
from intake.engines.matching.romanisation import resemble

STRANGER_PRIOR = -17.0
"""One pair in 2¹⁷ is one person, of two records taken at random among a hundred thousand people."""

RELATIVE_PRIOR = -2.0
"""About one pair in four is one person, of two records of one family."""

MAXIMUM_HOUSEHOLD_BITS = 15.0
"""Suburb, postcode and street carry much the same information, so their sum is limited."""

SAME_GIVEN_NAME_OF_RELATIVES = 8.0
"""Siblings seldom have the same given name, however common it is."""

SAME_SOUND = frozenset({Similarity.SAME, Similarity.SOUND})
MISSPELLINGS = frozenset({Similarity.TYPO, Similarity.SHORT_TYPO})
"""No evidence between relatives: twins' names are often a letter apart (Kevin, Kelvin), as often as misspelt."""

ONE_MISSPELT_NAME_BITS = -4.0
"""For two people without a surname: Zabiullah and Habibullah look like one name misspelt."""
RESEMBLING_SURNAMES_BITS = -2.0
"""For surnames that may be one, misheard or spelled in another language, and are too different for a misspelling."""
ONE_SIDED_WORD_BITS = -0.5
REORDERED_BITS = -0.5
OTHER_FIELD_BITS = -1.0

ADDRESS_BITS = {
    "street_number": 3.0,
    "address_1": 5.0,
    "address_2": 3.0,
    "suburb": 4.0,
    "postcode": 5.0,
    "state": 1.5,
}

Alternative = Literal["stranger", "relative"]


class ComparisonPart(NamedTuple):
    """A compared part of the records: bits against two strangers and against two relatives, with the reason."""

    name: str
    stranger: float
    relative: float
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The compared parts in a fixed order; a part that one record lacks is left out."""

    parts: tuple[ComparisonPart, ...]

    @property
    def bits(self) -> float:
        """The logarithm (base 2) of the odds that both records are one person."""
        return min(self._bits_against("stranger"), self._bits_against("relative"))

    @property
    def score(self) -> float:
        """The probability that both records are one person, 0 to 1."""
        return probability(self.bits)

    @property
    def alternative(self) -> Alternative:
        """The likelier relation of the two people, if they are not one."""
        return "stranger" if self._bits_against("stranger") <= self._bits_against("relative") else "relative"

    def _bits_against(self, alternative: Alternative) -> float:
        prior = STRANGER_PRIOR if alternative == "stranger" else RELATIVE_PRIOR
        return prior + sum(
            part.stranger if alternative == "stranger" else part.relative for part in self.parts
        )

    def __str__(self) -> str:
        parts = (f"{part.name} {getattr(part, self.alternative):+.1f} ({part.reason})" for part in self.parts)
        return "; ".join((*parts, f"against two {self.alternative}s {self.bits:+.1f}"))


def probability(bits: float) -> float:
    """Convert odds of 2 to the power of `bits` to a probability."""
    return float(1.0 / (1.0 + 2.0**-bits))


def compare(a: PersonRecord, b: PersonRecord) -> Comparison:
    """Compare two records part by part; the order of the two makes no difference."""
    parts = _compare_names(a, b)
    if a.born and b.born:
        parts.append(ComparisonPart("date_of_birth", *compare_birth_dates(a.born, b.born)))
    if a.sex and b.sex:
        same = a.sex == b.sex
        parts.append(
            ComparisonPart("sex", 1, 1, "same") if same else ComparisonPart("sex", -5, -5, "different")
        )
    if a.document and b.document:
        parts.append(_compare_documents(a, b))
    if household := _compare_households(a, b):
        parts.append(household)
    return Comparison(tuple(parts))


def _compare_names(a: PersonRecord, b: PersonRecord) -> list[ComparisonPart]:
    given, family = align(a.given, b.given, "given"), align(a.surnames, b.surnames, "surname")
    given_a, family_b, first = _align_across_fields(given.unmatched_a, family.unmatched_b)
    family_a, given_b, second = _align_across_fields(family.unmatched_a, given.unmatched_b)
    family_b, _, third = _align_across_fields(family_b, a.married)
    family_a, _, fourth = _align_across_fields(family_a, b.married)
    parts = []
    if part := _given_names_part(given, given_a, given_b):
        parts.append(part)
    if part := _surnames_part(family, family_a, family_b):
        parts.append(part)
    if not (a.surnames or b.surnames) and {pair.similarity for pair in given.pairs} & MISSPELLINGS:
        parts.append(
            ComparisonPart(
                "name", ONE_MISSPELT_NAME_BITS, ONE_MISSPELT_NAME_BITS, "misspelt, and no other name"
            )
        )
    if elsewhere := (*first, *second, *third, *fourth):
        bits = sum(max(pair.bits + OTHER_FIELD_BITS, 0.0) for pair in elsewhere)
        reason = ", ".join(map(str, elsewhere)) + ", in another field"
        parts.append(ComparisonPart("name", bits, bits / 2, reason))
    return parts


def _align_across_fields(a: Words, b: Words) -> tuple[Words, Words, tuple[WordPair, ...]]:
    """Align the unmatched words of one field with those of another field of the other record."""
    if not (a and b):
        return a, b, ()
    found = align(a, b, "surname")
    return found.unmatched_a, found.unmatched_b, found.pairs


def _given_names_part(found: Alignment, unmatched_a: Words, unmatched_b: Words) -> ComparisonPart | None:
    """Weigh the given names; only they tell twins apart, so a different one weighs most between relatives."""
    bits, reason = _agreement(found, unmatched_a, unmatched_b)
    if not (unmatched_a and unmatched_b):
        is_complete = found.pairs and not (unmatched_a or unmatched_b)
        if is_complete and all(pair.similarity in SAME_SOUND for pair in found.pairs):
            return ComparisonPart("given_name", bits, max(bits, SAME_GIVEN_NAME_OF_RELATIVES), reason)
        misspelt = sum(pair.bits for pair in found.pairs if pair.similarity in MISSPELLINGS)
        return ComparisonPart("given_name", bits, bits - misspelt, reason) if reason else None
    if not found.pairs:
        return ComparisonPart("given_name", -6.0, -9.0, reason)
    return ComparisonPart("given_name", bits - 4.0, min(bits, 4.0) - 10.0, reason)


def _surnames_part(found: Alignment, unmatched_a: Words, unmatched_b: Words) -> ComparisonPart | None:
    """Weigh the surnames; relatives share them, so between relatives they count only where none is shared."""
    bits, reason = _agreement(found, unmatched_a, unmatched_b)
    if not (unmatched_a and unmatched_b):
        return ComparisonPart("surname", bits, 0.0, reason) if reason else None
    if found.pairs:
        return ComparisonPart("surname", bits - 5.0, -2.0, reason)
    if resemble(unmatched_a, unmatched_b):
        return ComparisonPart("surname", RESEMBLING_SURNAMES_BITS, -2.0, reason)
    return ComparisonPart("surname", -7.0, -3.0, reason)


def _agreement(found: Alignment, unmatched_a: Words, unmatched_b: Words) -> tuple[float, str]:
    bits, reasons = found.bits, [str(pair) for pair in found.pairs]
    if found.is_reordered:
        bits += REORDERED_BITS
        reasons.append("in another order")
    if unmatched_a and unmatched_b:
        reasons.append(f"{' '.join(unmatched_a)} ≠ {' '.join(unmatched_b)}")
    elif found.pairs and (unmatched_a or unmatched_b):
        bits += ONE_SIDED_WORD_BITS
        reasons.append(f"{' '.join(unmatched_a or unmatched_b)} on one side only")
    return bits, ", ".join(reasons)


def _compare_documents(a: PersonRecord, b: PersonRecord) -> ComparisonPart:
    """Weigh two document numbers; different ones weigh little, because a person may hold several documents.

    So does one number under two kinds or of two issuers: desks mistake the kind, and countries give out the same
    numbers.
    """
    if a.document == b.document:
        if _is_other(a.document_kind, b.document_kind) or _is_other(a.document_issuer, b.document_issuer):
            return ComparisonPart("document", 9.0, 9.0, "same number of another kind or issuer")
        return ComparisonPart("document", 32.0, 32.0, "same number")
    if len(a.document) >= 6 and OSA.distance(a.document, b.document, score_cutoff=1) == 1:
        return ComparisonPart("document", 9.0, 9.0, "one character off")
    return ComparisonPart("document", -3.0, -3.0, "different numbers")


def _is_other(a: str, b: str) -> bool:
    return bool(a and b and a != b)


def _compare_households(a: PersonRecord, b: PersonRecord) -> ComparisonPart | None:
    bits, same = 0.0, []
    if a.telephone and b.telephone:
        if a.telephone == b.telephone:
            bits, same = 7.0, ["telephone"]
        else:
            bits = -0.3
    for name, weight in ADDRESS_BITS.items():
        text_a, text_b = a.address.get(name), b.address.get(name)
        if text_a and text_b:
            is_similar = text_a == text_b or (
                len(text_a) > 4 and fuzz.ratio(text_a, text_b, score_cutoff=80) > 0
            )
            bits += weight if is_similar else -0.5
            if is_similar:
                same.append(name)
    if not bits:
        return None
    reason = "same " + ", ".join(same) if same else "different address"
    return ComparisonPart("household", min(bits, MAXIMUM_HOUSEHOLD_BITS), 0.0, reason)
