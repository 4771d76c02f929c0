"""What a consent must say, who may give it, and how it ends."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from enum import StrEnum

from solidary.language.codes.code_list import CodeList
from solidary.language.problems import Fault, Invalid, NotAllowed


class Purpose(CodeList):
    REFERRAL = "referral", "Remisión a un servicio", "Referral to a service"
    CASH = "cash", "Asistencia en efectivo", "Cash assistance"


class Basis(CodeList):
    """On what ground a purpose stands, beside or instead of consent; six, as the field has them."""

    CONSENT = "consent", "Consentimiento", "Consent"
    CONTRACT = "contract", "Contrato", "Contract"
    VITAL_INTERESTS = "vital_interests", "Intereses vitales", "Vital interests"
    BENEFICIARY_INTERESTS = "beneficiary_interests", "Interés de la persona", "The person's interests"
    LEGAL_OBLIGATION = "legal_obligation", "Obligación legal", "Legal obligation"
    OTHER_LEGITIMATE = "other_legitimate", "Otro interés legítimo", "Other legitimate interest"


class Category(StrEnum):
    """One kind of thing that a package may hold; nothing is in it that the consent does not name."""

    NAME = "name"
    CONTACT = "contact"
    LANGUAGE = "language"
    AGE = "age"
    NEEDS = "needs"
    DOCUMENTS_HELD = "documents_held"
    IMMIGRATION_STATUS = "immigration_status"
    HOUSEHOLD_PROFILE = "household_profile"
    PAYEE = "payee"


class State(StrEnum):
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


NEXT = {
    State.GRANTED: {State.WITHDRAWN, State.EXPIRED},
    State.WITHDRAWN: set[State](),
    State.EXPIRED: set[State](),
}

FITTING = {
    Purpose.REFERRAL: {
        Category.NAME,
        Category.CONTACT,
        Category.LANGUAGE,
        Category.AGE,
        Category.NEEDS,
        Category.DOCUMENTS_HELD,
        Category.IMMIGRATION_STATUS,
    },
    Purpose.CASH: {Category.HOUSEHOLD_PROFILE, Category.PAYEE},
}
"""What may be needed for a purpose at all (necessity and proportionality)."""


def end(state: State, to: State) -> State:
    """Raises NotAllowed for a consent that has ended already."""
    if to not in NEXT[state]:
        raise NotAllowed(f"a {state} consent does not become {to}")
    return to


def in_force(state: State, valid_until: datetime | None, now: datetime) -> bool:
    return state is State.GRANTED and (valid_until is None or valid_until > now)


def must_end_later(valid_until: datetime | None, now: datetime) -> None:
    """Raises Invalid for an end that has passed."""
    if valid_until is not None and valid_until <= now:
        raise Invalid("the consent would be over already", Fault("/valid_until", "is not in the future"))


def must_fit(purpose: Purpose, categories: Set[Category]) -> None:
    """Raises Invalid for a category that the purpose does not need."""
    beyond = sorted(categories - FITTING[purpose])
    if beyond:
        raise Invalid(
            "the purpose does not need this",
            *(Fault("/categories", f"{each} is not for {purpose}") for each in beyond),
        )


def must_be_given_by_a_caregiver(*, child: bool, basis: Basis, giver_is_adult_of_household: bool) -> None:
    """A child's consent is a caregiver's, with the child's assent; else another basis is named.

    Raises Invalid.
    """
    if child and basis is Basis.CONSENT and not giver_is_adult_of_household:
        raise Invalid(
            "a child's consent is given by an adult of the household",
            Fault("/given_by", "name the adult, or record the basis of the best-interest procedure"),
        )
