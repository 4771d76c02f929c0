"""The states of a consent, the conditions of a valid one, and the categories that a purpose allows."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

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


class ConsentChannel(CodeList):
    """The way in which a consent was given."""

    IN_PERSON = "in_person", "En persona", "In person"
    TELEPHONE = "telephone", "Por teléfono", "By telephone"
    VIDEO = "video", "Por videollamada", "By video call"
    WRITTEN = "written", "Por escrito", "In writing"


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


def is_in_force(state: ConsentState, valid_until: datetime, now: datetime) -> bool:
    """Return whether a consent is granted and its time is not over."""
    return state is ConsentState.GRANTED and valid_until > now


def default_end(now: datetime, months: int) -> datetime:
    """Return the end of a consent that names none: the same day after so many months, or the month's last day."""
    years, month = divmod(now.month - 1 + months, 12)
    year, month = now.year + years, month + 1
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))


def require_other_agency(recipient: UUID, own: UUID, agencies: Set[UUID]) -> None:
    """Raise Invalid for a recipient that is no agency of this instance, or the agency itself."""
    if recipient == own:
        raise Invalid(
            "The recipient is your own agency.",
            Fault("/recipient", "Your agency has this data already. Name the agency that is to read it."),
        )
    if recipient not in agencies:
        raise Invalid(
            "There is no such agency.",
            Fault("/recipient", "This must be the id of an agency of this instance."),
        )


def require_allowed_basis(purpose: Purpose, basis: LegalBasis, bases: Mapping[str, Sequence[str]]) -> None:
    """Raise Invalid for a legal basis that the country pack does not allow for the purpose."""
    allowed = bases.get(purpose, ())
    if basis not in allowed:
        raise Invalid(
            "The purpose cannot have this legal basis here.",
            Fault("/basis", f"In this country the purpose {purpose} allows: {', '.join(allowed)}."),
        )


def require_future_end(valid_until: datetime, now: datetime) -> None:
    """Raise Invalid for a consent whose end has passed."""
    if valid_until <= now:
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


def require_protection_of_child(
    *, giver_is_adult_of_household: bool, assent: bool, best_interest: date | None
) -> None:
    """Raise Invalid where a child's data would be shared without a giver and the child's assent.

    A best-interest procedure replaces both. It holds whatever the legal basis is.
    """
    if best_interest is not None:
        return
    faults = []
    if not giver_is_adult_of_household:
        faults.append(
            Fault(
                "/given_by", "Name an adult of the household, or send the day of the best-interest procedure."
            )
        )
    if not assent:
        faults.append(
            Fault("/assent", "Ask the child, as far as their age allows, and record that they agree.")
        )
    if faults:
        raise Invalid(
            "A child's data are shared only if an adult of the household and the child agree.", *faults
        )
