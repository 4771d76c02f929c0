"""The acts that the access log records, and the reasons that users state for them."""

from __future__ import annotations

from enum import StrEnum


class AccessAction(StrEnum):
    """An act by which somebody learned or wrote something of a person."""

    SEARCHED = "searched"
    """The entry about the search itself; each person in its result has an entry of their own."""
    FOUND_IN_SEARCH = "found_in_search"
    SEARCH_READ = "search_read"
    PERSON_REGISTERED = "person_registered"
    REGISTRATION_READ = "registration_read"
    PERSON_READ = "person_read"
    PERSON_STATE_CHANGED = "person_state_changed"
    IDENTITY_CORRECTED = "identity_corrected"
    PAYOUT_WRITTEN = "payout_written"
    PAYOUT_CONFIRMED = "payout_confirmed"
    HOUSEHOLD_READ = "household_read"
    HOUSEHOLD_CHANGED = "household_changed"
    TIMELINE_READ = "timeline_read"
    VISIT_RECORDED = "visit_recorded"
    VISIT_READ = "visit_read"
    NEED_RECORDED = "need_recorded"
    NEEDS_READ = "needs_read"
    NEED_CHANGED = "need_changed"
    RESTRICTED_NEEDS_OPENED = "restricted_needs_opened"
    """Reading and writing alike, without a reference: a reader of the log must not learn that there is such a need."""
    PATHWAYS_READ = "pathways_read"
    GUIDANCE_GIVEN = "guidance_given"
    GUIDANCE_READ = "guidance_read"
    PROCEDURE_OPENED = "procedure_opened"
    PROCEDURES_READ = "procedures_read"
    PROCEDURE_CHANGED = "procedure_changed"
    ASKED_ELSEWHERE = "asked_elsewhere"
    """A question about a stranger: the entry is about the question, which holds nothing of the person."""
    QUESTIONS_UNUSUAL = "questions_unusual"
    """With this question a colleague's use became unusual."""
    ASSIGNED = "assigned"
    ASSIGNMENTS_READ = "assignments_read"
    ASSIGNMENT_ENDED = "assignment_ended"
    CONSENT_GRANTED = "consent_granted"
    CONSENTS_READ = "consents_read"
    CONSENT_ENDED = "consent_ended"
    CONSENT_USED = "consent_used"
    PREVIEW_FETCHED = "preview_fetched"
    PACKAGE_FETCHED = "package_fetched"
    PROFILE_FETCHED = "profile_fetched"
    PAYEE_FETCHED = "payee_fetched"
    COPY_MADE = "copy_made"
    LEGAL_HOLD_PLACED = "legal_hold_placed"
    LEGAL_HOLDS_READ = "legal_holds_read"
    LEGAL_HOLD_LIFTED = "legal_hold_lifted"
    PERSON_ERASED = "person_erased"


class AccessReason(StrEnum):
    """The reason for which somebody who is not assigned to a person needs to know.

    A closed list: it is counted, and free text would put facts about the person into the log.
    """

    PERSON_PRESENT = "person_present"
    REQUEST_OF_PERSON = "request_of_person"
    COVERS_COLLEAGUE = "covers_colleague"
    REFERRAL = "referral"
    EMERGENCY = "emergency"
    SUPERVISION = "supervision"
