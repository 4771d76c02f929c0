"""The problems of intake, and those that its constraints mean."""

from __future__ import annotations

from collections.abc import Mapping

from solidary.language.problems import Conflict, Forbidden, NotAllowed, Problem, TransitionNotAllowed
from solidary.platform.external_ids import ExternalIdTaken


class RegistrationIdReused(Conflict):
    """A registration was sent with an id that the agency has used for another household."""

    slug, title = "registration-id-reused", "This registration id was used with other content"
    action = "Read the first registration, or send this one with a new id."


class PersonNotProvisional(NotAllowed):
    """A user decides that a person is another one, but the registration was confirmed."""

    slug, title = "person-not-provisional", "This registration was confirmed"
    action = "Read the person: only a provisional registration is compared with others."


class PersonIsDuplicate(NotAllowed):
    """A user decides that a person is another one, who is a duplicate of a third."""

    slug, title = "person-is-duplicate", "The other person is a duplicate too"
    action = "Name the person who the other one is; the other's `same_as` has the id."


class NeedRestricted(Forbidden):
    """A user of the desk records a code of need that only a protection officer may record."""

    slug, title = "need-restricted", "Only a protection officer records this code of need"
    action = "Offer the person a talk with a protection officer, and ask nothing more about it."


class NeedToKnowMissing(Forbidden):
    """A user opens notes, needs or restricted records of a person with whom they do not work, and states no reason."""

    slug, title = "need-to-know-missing", "You are not assigned to this person"
    action = "Ask for an assignment, or state a reason in the header Solidary-Reason; it is logged."


class NeedAlreadyOpen(Conflict):
    """A need is recorded for a person who already has the same need, and it is open."""

    slug, title = "need-already-open", "This need is already open for this person"
    action = "Read the person's needs; close the open one before you record it again."


class ProcedureAlreadyOpen(Conflict):
    """A procedure is opened for a person who already has one on the same pathway without a resolution."""

    slug, title = "procedure-already-open", "This person already has an open procedure on this pathway"
    action = "Read the person's procedures and continue the open one."


class WarningsNotDiscussed(NotAllowed):
    """A procedure is opened on a pathway with warnings, without a statement that they were discussed."""

    slug, title = "warnings-not-discussed", "The warnings of this pathway were not discussed with the person"
    action = "Discuss the warnings that `errors` lists, with legal aid, and then send `warnings_discussed`."


class QuestionsUsedUp(Problem):
    """A colleague, or all of an agency together, asked about strangers as often as is permitted in a day."""

    status, slug, title = 429, "questions-used-up", "The questions about strangers of this day are used up"
    action = "Ask tomorrow, or ask the other agency's focal point by telephone."


class InquiryAnswered(Conflict):
    """An inquiry is answered a second time."""

    slug, title = "inquiry-answered", "This inquiry is already answered"
    action = "Read the inquiry: its first answer stands."


class InquiryOfAnother(NotAllowed):
    """An inquiry is answered by the agency that made it."""

    slug, title = "inquiry-of-another", "Only the agency that asked answers this inquiry"
    action = "Wait for the other agency's data protection officer."


class PersonUnderLegalHold(NotAllowed):
    """A person is to be erased while the law or a data protection officer keeps their record."""

    slug, title = "person-under-legal-hold", "This person cannot be erased yet"
    action = "Tell the person why and until when, as `errors` lists it, and erase them after that day."


class PersonGone(NotAllowed):
    """A person was erased while the request was served."""

    slug, title = "person-gone", "This person was erased in the meantime"
    action = "Search again."


class ErasuresNotReplayed(Problem):
    """The database is a restored copy, and the erasures since its backup have not been replayed."""

    status, slug, title = 503, "erasures-not-replayed", "The database was restored and may not be used yet"
    action = "Ask the operator to run `python -m intake erasures replay` (docs/operating/backup.md)."


class DemandAlreadyPublished(Conflict):
    """The demand of a month is published a second time by the same agency."""

    slug, title = "demand-already-published", "The demand of this month is already published"
    action = "Read the published report: a published month is never counted again."


class PayoutUnknown(NotAllowed):
    """An account was to be confirmed that nobody has recorded."""

    slug, title = "payout-unknown", "No account is recorded for this person"
    action = "Record where the person is paid."


class PayoutConfirmedByWriter(Conflict):
    """An account was to be confirmed by somebody who wrote it, in this or an earlier version."""

    slug, title = "payout-confirmed-by-writer", "You wrote this account, so you cannot confirm it"
    action = "Ask a colleague of the desk to compare it with what the person shows."


class PermitOver(NotAllowed):
    """Payees were asked for by a permit whose time is over."""

    slug, title = "permit-over", "The time in which these payees may be read is over"
    action = "Let a releaser order the payments again."


class PermitMismatch(NotAllowed):
    """Payees were asked for that are not those of the permit's batch."""

    slug, title = "permit-mismatch", "The releaser permitted other payees"
    action = "Ask for the payments of the order, in its batches."


class PermitUsed(Conflict):
    """Payees were asked for a second time by one permit."""

    slug, title = "permit-used", "These payees were read by this permit already"
    action = "Let a releaser order the payments again."


class CentreCodeTaken(Conflict):
    """A centre is added, or changed, with the code of another centre of the agency."""

    slug, title = "centre-code-taken", "Another centre of your agency has this code"
    action = "Choose another code, or change the centre that has it."


class CentreClosed(NotAllowed):
    """A number is to be given at a centre that receives nobody."""

    slug, title = "centre-closed", "This centre receives nobody now"
    action = "Choose another centre, or ask a directory editor to open it."


class QueueEmpty(NotAllowed):
    """The next person is to be called, and nobody waits."""

    slug, title = "queue-empty", "The queue is empty"
    action = "Give a number to the next person who arrives."


class ComplaintReferenceReused(Conflict):
    """A complaint was sent with a reference that another complaint has, or that was used more than a day ago."""

    slug, title = "complaint-reference-reused", "This reference was used for another complaint"
    action = "Send the complaint with a new random reference."


class AppealOfOwnAnswer(NotAllowed):
    """An appeal is decided by somebody who gave the answer against which it is."""

    slug, title = "appeal-of-own-answer", "You gave the answer that the person appeals against"
    action = "Ask a colleague to read the complaint and to decide."


class ComplaintReportExists(Conflict):
    """The reports of discrimination of a month are counted a second time by the same agency."""

    slug, title = "complaint-report-exists", "The reports of this month are already counted"
    action = "Read the published report: a published month is never counted again."


CONSTRAINT_PROBLEMS: Mapping[str, type[Problem]] = {
    "centre_code": CentreCodeTaken,
    "complaint_code": ComplaintReferenceReused,
    "complaint_decided_by_another": AppealOfOwnAnswer,
    "complaint_report_period": ComplaintReportExists,
    "complaint_transition": TransitionNotAllowed,
    "person_external_id_once": ExternalIdTaken,
    "demand_report_period": DemandAlreadyPublished,
    "question_quota": QuestionsUsedUp,
    "need_open": NeedAlreadyOpen,
    "payee_permit_in_force": PermitMismatch,
    "payee_permit_use_once": PermitUsed,
    "payout_confirmed_by_another": PayoutConfirmedByWriter,
    "procedure_open": ProcedureAlreadyOpen,
    "queue_ticket_transition": TransitionNotAllowed,
    "registration_transition": TransitionNotAllowed,
    "need_transition": TransitionNotAllowed,
    "procedure_transition": TransitionNotAllowed,
    "consent_transition": TransitionNotAllowed,
    "consent_person": PersonGone,
    "person_exists": PersonGone,
    "erasure_no_legal_hold": PersonUnderLegalHold,
    "erasures_replayed": ErasuresNotReplayed,
}
