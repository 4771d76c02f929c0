"""The states of a consent, the conditions of a valid one, and the categories that a purpose allows."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum

from solidary.language.codes.code_list import CodeList
from solidary.language.problems import Fault, Invalid
from solidary.language.transitions import Transition, TransitionTable

from intake.sharing.packages.rules import DataCategory


class Purpose(CodeList):
    """A purpose for which data may be shared."""

    REFERRAL = "referral", "Remisión a un servicio", "Referral to a service"
    CASH = "cash", "Asistencia en efectivo", "Cash assistance"


class LegalBasis(CodeList):
    """A legal basis of processing, beside or instead of consent; the six of humanitarian practice."""

    CONSENT = "consent", "Consentimiento", "Consent"
    CONTRACT = "contract", "Contrato", "Contract"
    VITAL_INTERESTS = "vital_interests", "Intereses vitales", "Vital interests"
    BENEFICIARY_INTERESTS = "beneficiary_interests", "Interés de la persona", "The person's interests"
    LEGAL_OBLIGATION = "legal_obligation", "Obligación legal", "Legal obligation"
    OTHER_LEGITIMATE = "other_legitimate", "Otro interés legítimo", "Other legitimate interest"


class ConsentState(StrEnum):
    """The state of a consent."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ConsentActor(StrEnum):
    """The party that ends a consent."""

    DESK = "desk"
    TIMER = "timer"


CONSENT_TRANSITIONS = TransitionTable(
    "consent",
    initial=(ConsentState.GRANTED,),
    transitions=(
        Transition("withdraw", ConsentState.GRANTED, ConsentState.WITHDRAWN, by=(ConsentActor.DESK,)),
        Transition("expire", ConsentState.GRANTED, ConsentState.EXPIRED, by=(ConsentActor.TIMER,)),
    ),
)

ALLOWED_CATEGORIES: Mapping[Purpose, frozenset[DataCategory]] = {
    Purpose.REFERRAL: frozenset(
        {
            DataCategory.NAME,
            DataCategory.CONTACT,
            DataCategory.LANGUAGE,
            DataCategory.AGE,
            DataCategory.NEEDS,
            DataCategory.DOCUMENTS_HELD,
            DataCategory.IMMIGRATION_STATUS,
        }
    ),
    Purpose.CASH: frozenset({DataCategory.HOUSEHOLD_PROFILE, DataCategory.PAYEE}),
}
"""The categories that a purpose may need (necessity and proportionality)."""


def is_in_force(state: ConsentState, valid_until: datetime | None, now: datetime) -> bool:
    """Return whether a consent is granted and its time is not over."""
    return state is ConsentState.GRANTED and (valid_until is None or valid_until > now)


def require_future_end(valid_until: datetime | None, now: datetime) -> None:
    """Raise Invalid for a consent whose end has passed."""
    if valid_until is not None and valid_until <= now:
        raise Invalid(
            "The consent would be over already.", Fault("/valid_until", "This time must be in the future.")
        )


def require_allowed_categories(purpose: Purpose, categories: Set[DataCategory]) -> None:
    """Raise Invalid for a category that the purpose does not need."""
    excess = sorted(categories - ALLOWED_CATEGORIES[purpose])
    if excess:
        raise Invalid(
            "The purpose does not need all of these categories.",
            *(
                Fault("/categories", f"Leave out {category}: the purpose {purpose} does not need it.")
                for category in excess
            ),
        )


def require_recorded_needs(needs: tuple[str, ...], open_codes: Set[str]) -> None:
    """Raise Invalid for a need that is not an open ordinary need of the person."""
    faults = [
        Fault(f"/needs/{place}", "This is not an open need of the person that the desk has recorded.")
        for place, code in enumerate(needs)
        if code not in open_codes
    ]
    if faults:
        raise Invalid("Only open needs that the desk has recorded can be shared.", *faults)


def require_caregiver_of_child(
    *, is_child: bool, basis: LegalBasis, giver_is_adult_of_household: bool
) -> None:
    """Raise Invalid for a child's consent that no adult of the household gave and that has no other legal basis."""
    if is_child and basis is LegalBasis.CONSENT and not giver_is_adult_of_household:
        raise Invalid(
            "An adult of the household gives a child's consent.",
            Fault("/given_by", "Name the adult, or record the basis of the best-interest procedure."),
        )
