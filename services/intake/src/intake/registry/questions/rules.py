"""The limits of questions about strangers, and the codes of their reasons and of the answers to why they were asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from enum import StrEnum

from solidary.language.problems import Fault, Invalid

from intake.registry.search_index.rules import SearchKey

QUESTIONS_OF_A_PERSON = 40
"""The questions of one colleague in a day (UTC); the database counts them and refuses the next one."""
QUESTIONS_OF_AN_AGENCY = 400
UNUSUAL_QUESTIONS = 20
"""From this number on, a colleague's questions of a day are unusual, and an alarm is published."""

KEYS_OF_ONE_PERSON = {
    "names and year": 4,
    "name and telephone": 2,
    "document": 1,
    "one name and birthday": 2,
}
"""The strong keys of one person: at most four pairs of a given name and a surname, a telephone and a document; and
one name
alone with the birthday, by which only people who have no other name are found."""


class QuestionReason(StrEnum):
    """The reason for which the other agencies are asked."""

    REGISTRATION = "registration"
    """The person is here and is about to be registered."""
    CASH = "cash"
    """The person is about to be proposed for cash assistance."""
    FAMILY_TRACING = "family_tracing"
    """The person is looked for by their family."""


class InquiryAnswer(StrEnum):
    """The answer of the agency that asked, about its questions of a day. A closed list: no name is sent with it."""

    REGISTRATIONS = "registrations"
    CASH_CHECKS = "cash_checks"
    FAMILY_TRACING = "family_tracing"
    ERROR = "error"
    MISUSE_STOPPED = "misuse_stopped"


def require_one_person(keys: Collection[SearchKey]) -> None:
    """Raise Invalid unless the strong keys among these are those of one person."""
    kinds = Counter(key.kind for key in keys if key.is_strong)
    if not kinds:
        raise Invalid(
            "This describes too many people.",
            Fault("", "Give a document, a name with a telephone, or two names with the date of birth."),
        )
    if any(number > KEYS_OF_ONE_PERSON[kind] for kind, number in kinds.items()):
        raise Invalid(
            "A question holds one person.",
            Fault("", "Give two given names and two surnames at most. Ask about one person at a time."),
        )
