"""The words for the problems of services, in the language of the page, with what to do about each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from console.interface.language.catalogue import mark

GENERAL = mark("This could not be done")
GENERAL_ACTION = mark("Check what you entered and try again. If it happens again, tell your administrator.")


class Words(NamedTuple):
    """The words for what is wrong, and for what to do."""

    title: str
    action: str


PROBLEMS: Mapping[str, Words] = {
    "invalid": Words(
        mark("Some entries need to be corrected"), mark("Correct each entry that is marked below.")
    ),
    "not-found": Words(
        mark("This was not found"), mark("Check the address, or search for the person again.")
    ),
    "duty-missing": Words(
        mark("Your duties do not allow this"),
        mark("Ask the administrator of your agency for the duty, or a colleague who has it."),
    ),
    "forbidden": Words(
        mark("Your duties do not allow this"),
        mark("Ask the administrator of your agency for the duty, or a colleague who has it."),
    ),
    "not-a-member": Words(mark("You do not act for this agency"), mark("Choose one of your agencies.")),
    "need-restricted": Words(
        mark("Only a protection officer records this need"),
        mark("Call a protection officer. Do not write it down anywhere else."),
    ),
    "need-already-open": Words(
        mark("This need is already recorded and unanswered"), mark("Open the person's page to see it.")
    ),
    "need-to-know-missing": Words(
        mark("You do not work with this person"),
        mark("State on the person's page why you open it, and try again."),
    ),
    "registration-id-reused": Words(
        mark("This registration was already sent with other entries"),
        mark("Search for the person: they are registered already."),
    ),
    "warnings-not-discussed": Words(
        mark("The warnings of this pathway must be discussed first"),
        mark("Read the warnings to the person, and then confirm."),
    ),
    "procedure-already-open": Words(
        mark("This procedure is already open"), mark("Open the person's page to see it.")
    ),
    "open-referral-exists": Words(
        mark("The person already has an open referral to this service"),
        mark("Follow it on the person's page, or choose another service."),
    ),
    "consent-not-in-force": Words(
        mark("There is no consent in force for this referral"),
        mark("Ask the person and record the consent again."),
    ),
    "no-free-places": Words(
        mark("The service has no free places"),
        mark("Choose another service, or confirm that you send the referral although it is full."),
    ),
    "transition-not-allowed": Words(
        mark("This step is not possible any more"),
        mark("Somebody else was faster. The page now shows the current state."),
    ),
    "referral-already-decided": Words(
        mark("This referral has already been answered"), mark("The page now shows the current state.")
    ),
    "centre-code-taken": Words(
        mark("Another centre of your agency has this code"),
        mark("Choose another code, or change the centre that has it."),
    ),
    "queue-empty": Words(
        mark("The queue is empty"), mark("Nobody waits. Give a number to the next person who arrives.")
    ),
    "centre-closed": Words(
        mark("This centre receives nobody now"),
        mark("Choose another centre, or ask a directory editor to open it."),
    ),
    "appeal-of-own-answer": Words(
        mark("You gave the answer against which the person appeals"),
        mark("Ask a colleague to read the complaint and to decide."),
    ),
    "complaint-reference-reused": Words(
        mark("This form was already sent with other entries"),
        mark("Open an empty form, and send it once."),
    ),
    "not-allowed": Words(mark("This is not possible now"), mark("The page now shows the current state.")),
    "conflict": Words(
        mark("This contradicts what is already recorded"),
        mark("Read what is recorded, and correct your entries."),
    ),
    "version-changed": Words(
        mark("Somebody else has changed this since you opened it"),
        mark("Compare your entries with what is recorded now, and send them again."),
    ),
    "too-many-requests": Words(mark("Too many requests"), mark("Wait a minute and try again.")),
    "busy": Words(mark("The service is busy"), mark("Wait a moment and try again. Your entries are kept.")),
}
"""The problems that a person meets on these pages, by the slug of their type."""

UNAVAILABLE = Words(
    mark("A service does not answer at the moment"),
    mark("Your entries are kept on this page. Wait a moment and send them again."),
)

FAULTS: Mapping[str, str] = {
    "This day is in the future.": mark("This day is in the future. Enter a day until today."),
    "This is not a telephone number. Write it with + and the country code.": mark(
        "This is not a telephone number. Write it with + and the country code, such as +507 6123-4567."
    ),
    "This telephone number is not possible. Check its digits.": mark(
        "This telephone number is not possible. Check its digits."
    ),
    "This is no number. Leave it out where there is none, and copy it digit by digit.": mark(
        "This is no number. Leave it out where there is none, and copy it digit by digit."
    ),
}
"""The sentences of services about one entry that people often meet."""

FAULT = mark("This entry cannot be recorded like this. Check it and correct it.")


def words_of(slug: str, status: int) -> Words:
    """Return the words for a problem by its slug."""
    if slug in PROBLEMS:
        return PROBLEMS[slug]
    if status == 503:
        return UNAVAILABLE
    return Words(GENERAL, GENERAL_ACTION)


def fault_words(detail: str) -> str:
    """Return the words for the fault of one entry."""
    return FAULTS.get(detail, FAULT)
