"""The problems of the cash service, and those that constraints of its database mean."""

from __future__ import annotations

from solidary.language.problems import Conflict, Invalid, NotAllowed, Problem, TransitionNotAllowed
from solidary.platform import external_ids


class IdempotencyKeyMissing(Problem):
    """A POST to cash has no `Idempotency-Key`: such requests move money or prepare to."""

    slug, title = "idempotency-key-missing", "This request needs an Idempotency-Key"
    action = "Send an `Idempotency-Key`. Requests with the same key and body act only once."


class BudgetExceeded(Conflict):
    """A reservation or a fee is larger than the money that the budget line has left."""

    slug, title = "budget-exceeded", "The budget line does not have enough money left"
    action = "Make a smaller plan, or ask the government for another budget line."


class TransferForOwnerOnly(Conflict):
    """An agency that may only draw on a budget line tried to enter a grant, a fee or a write-off."""

    slug, title = "transfer-for-owner-only", "Only the owner of a budget line may enter this transfer"
    action = "Ask the government that owns the budget line to enter it."


class MovementNotAllowed(Conflict):
    """The chart of movements has no transfer of this kind between these accounts."""

    slug, title = "movement-not-allowed", "Money cannot be moved between these accounts in this way"
    action = "Use a movement of the chart in the documentation of the ledger."


class TransferAccountsMismatch(Conflict):
    """The two accounts of a transfer belong to different budget lines or currencies."""

    slug, title = "transfer-accounts-mismatch", "The two accounts do not belong together"
    action = "Use two accounts of one budget line in one currency."


class TransferAmountNotPositive(Conflict):
    """The amount of a transfer is zero or negative."""

    slug, title = "transfer-amount-not-positive", "The amount of a transfer must be positive"
    action = "Enter an amount above zero."


class ReservationRequired(Conflict):
    """A post or a void does not name its reservation, or another kind of transfer names one."""

    slug, title = "reservation-required", "A post or a void needs its reservation"
    action = "Name the reservation that the transfer resolves."


class ReservationMismatch(Conflict):
    """A post or a void does not fit its reservation: other accounts, or more than was reserved."""

    slug, title = "reservation-mismatch", "The transfer does not fit its reservation"
    action = "Use the accounts of the reservation, and no more than its amount."


class ReservationAlreadyResolved(Conflict):
    """The reservation was posted or voided before."""

    slug, title = "reservation-already-resolved", "This reservation is already resolved"
    action = "Read the transfers of the budget line: nothing more needs to be done."


class ReservationOfAnotherAgency(Conflict):
    """A post or a void names a reservation that another agency made, or that is for another payment."""

    slug, title = "reservation-of-another-agency", "This reservation belongs to another agency or payment"
    action = "Resolve only your agency's own reservations, each for its payment."


class PaymentAlreadyReserved(Conflict):
    """Money was already reserved for the payment."""

    slug, title = "payment-already-reserved", "Money is already reserved for this payment"
    action = "Read the payment: nothing more needs to be done."


class PaymentAlreadySettled(Conflict):
    """The payment was already settled by a statement."""

    slug, title = "payment-already-settled", "This payment is already settled"
    action = "Read the transfers of the budget line: nothing more needs to be done."


class PaymentAlreadyReturned(Conflict):
    """The return of the payment was already recorded."""

    slug, title = "payment-already-returned", "The return of this payment is already recorded"
    action = "Read the transfers of the budget line: nothing more needs to be done."


class PaymentNotDelivered(Conflict):
    """A settlement or a late return names a payment that the agency did not deliver, or another amount."""

    slug, title = (
        "payment-not-delivered",
        "Only a payment that your agency delivered can be settled or returned",
    )
    action = "Check the payment and its delivered amount."


class PlanNotReleased(Conflict):
    """Money was to be reserved for a payment whose plan is not released."""

    slug, title = "plan-not-released", "Money is reserved only for the payments of a released plan"
    action = "Release the plan first."


class HouseholdAlreadyEnrolled(Conflict):
    """The household is already enrolled in the programme."""

    slug, title = "household-already-enrolled", "This household is already enrolled in this programme"
    action = "Look for the household in the programme's enrolments."


class ConsentEnded(NotAllowed):
    """The consent under which the household was referred is withdrawn or has expired."""

    slug, title = "consent-ended", "The household's consent has ended"
    action = "Ask the agency that registered the household for a new consent."


class ApprovalTierRepeated(Conflict):
    """Two approval tiers of a programme begin at the same total."""

    slug, title = "approval-tier-repeated", "Two approval tiers begin at the same total"
    action = "Give each tier another `from_total`."


class ApprovalTiersFixed(Conflict):
    """An approval tier was to be added to a programme that already has a payment plan."""

    slug, title = "approval-tiers-fixed", "The approval tiers are fixed once the programme has a payment plan"
    action = "Start another programme with the tiers that you need."


class SeparationOfDuties(Conflict):
    """The person already has a part in this round of the plan: they prepared it, or approved it at some stage."""

    slug, title = "separation-of-duties", "You prepared this plan or already approved it in this round"
    action = "Ask a colleague who has no part in it."


class ApproverPreparedPlan(SeparationOfDuties):
    """The person prepared the plan, or wrote what it pays, and tried to approve it.

    They created it, wrote its rule or its debtor, changed its payments or submitted it; or they wrote an identity, a
    household, an account or a consent, accepted the referral or enrolled a household that it pays.
    """

    slug, title = "approver-prepared-plan", "You prepared this plan, so you cannot approve it"
    action = "Ask another checker."


class AlreadyApproved(SeparationOfDuties):
    """The person already approved the plan in this round, at this stage or at another one."""

    slug, title = "already-approved", "You already approved this plan in this round"
    action = "Ask another checker for the next approval."


class ApprovalOutOfTurn(NotAllowed):
    """The plan does not wait for an approval at this stage, or the approval is for another round."""

    slug, title = "approval-out-of-turn", "The plan does not wait for this approval"
    action = "Read the plan again: its state shows the stage that it waits for."


class ApprovalsMissing(Conflict):
    """A plan was to advance before the number of people that its tier requires approved it."""

    slug, title = "approvals-missing", "Some approvals are still missing"
    action = "Wait until everybody whom the approval tier requires has approved the plan."


class PaymentsChanged(Conflict):
    """The payments are no longer those that were submitted: their SHA-256 is another one."""

    slug, title = "payments-changed", "The payments are not those that were submitted"
    action = "Reject the plan, compute its amounts again and submit it in a new round."


class PlanUnderReview(Conflict):
    """The payments or the total of a plan were to be changed while it is under review, or later."""

    slug, title = "plan-under-review", "The payments of a plan under review cannot be changed"
    action = "Reject the plan first: it can be changed again until it is submitted."


class PlanWithoutPayments(NotAllowed):
    """A plan whose total is zero was to be submitted."""

    slug, title = "plan-without-payments", "A plan that pays nothing cannot be submitted"
    action = "Compute the amounts, or cancel the plan."


class PlanNotPayable(NotAllowed):
    """No payment of the plan can be put into the order at the moment; `errors` gives the reason of each."""

    slug, title = "plan-not-payable", "No payment of this plan can be ordered at the moment"
    action = "Cancel the plan, or try again after the reasons in `errors` are resolved."


class PlanChangedMeanwhile(Conflict):
    """The plan changed between the drafting of its order and the moment at which it was to be dispatched."""

    slug, title = "plan-changed-meanwhile", "The plan changed while its order was prepared"
    action = "Send the request again with a new Idempotency-Key."


class DebtorNotWritable(NotAllowed):
    """The name or the account of the programme's debtor cannot be written into a payment order."""

    slug, title = "debtor-not-writable", "The programme's debtor cannot be written into a payment order"
    action = "Correct the debtor of the programme, and compute the amounts again."


class ExecutionDateNotPossible(Invalid):
    """The execution date of an order is in the past, or too far ahead."""

    slug, title = "execution-date-not-possible", "The provider cannot pay on this day"
    action = "Give today or one of the next 60 days."


class AnswerNotIndependent(SeparationOfDuties):
    """The answer of the provider to a payment was brought by who prepared, approved, released or ordered it."""

    slug, title = "answer-not-independent", "You had a part in this payment, so you cannot bring its answer"
    action = "Let the provider's own channel bring the report."


class AnswerRequired(NotAllowed):
    """A payment that was sent was to change without a report of its provider."""

    slug, title = "answer-required", "A payment that was sent changes by a report of its provider only"
    action = "Import the provider's report."


class RejectionNotConfirmed(SeparationOfDuties):
    """A rejected payment was to fail without the confirmation of a second person, who has no other part in it."""

    slug, title = "rejection-not-confirmed", "Somebody else must confirm that this payment has failed"
    action = "Ask a checker who neither prepared or released the plan nor brought the report."


class PlanNotPayableYet(Conflict):
    """A plan was to be submitted that pays a provisional person, or an account that has changed lately."""

    slug, title = "plan-not-payable-yet", "The plan pays somebody who cannot be paid yet"
    action = "Compute the amounts again: people who are provisional and accounts that rest are then left out."


class FlagsUndecided(Conflict):
    """A plan was to be released while a flagged payment has no decision to pay it."""

    slug, title = "flags-undecided", "Some flagged payments of the plan are not decided"
    action = "Read the review of the plan and decide on each flagged payment, or reject the plan."


class MakerDecides(SeparationOfDuties):
    """The flagged payments of a plan were decided by who made it, or what it pays."""

    slug, title = "maker-decides", "You prepared this plan, so you cannot decide on its payments"
    action = "Ask another checker."


class MakerOrders(SeparationOfDuties):
    """The payment order of a plan was to be taken by who made it, or what it pays."""

    slug, title = "maker-orders", "You prepared this plan, so you cannot take its payment order"
    action = "Ask another releaser."


class NothingRejected(NotAllowed):
    """The plan has no rejected payment that could be confirmed."""

    slug, title = "nothing-rejected", "The plan has no rejected payment"
    action = "Read the plan's payments: nothing more needs to be done."


class HouseholdAlreadyPaid(Conflict):
    """The household already has a live payment in this cycle for this purpose, in some plan of some agency."""

    slug, title = "household-already-paid", "This household is already paid in this cycle for this purpose"
    action = "Leave the household out of this plan."


class PaymentNotInLedger(Conflict):
    """A payment was to get a state that differs from where the ledger has its money."""

    slug, title = "payment-not-in-ledger", "The ledger does not have the money where this state would need it"
    action = "Record the transfer first."


class DeliveredMoreThanEntitled(Conflict):
    """The delivered amount of a payment is larger than its entitlement."""

    slug, title = "delivered-more-than-entitled", "More cannot be delivered than the household is entitled to"
    action = "Check the amount in the provider's report."


class PlanAlreadyOrdered(Conflict):
    """The plan already has its payment order."""

    slug, title = "plan-already-ordered", "This plan already has its payment order"
    action = "Request the file of the existing instruction again."


class OrderFileNotKept(Conflict):
    """The file of an order was asked for after its time, or by another person than the one who had it written."""

    slug, title = "order-file-not-kept", "There is no file of this order for you"
    action = "Let the file be written again: POST to the same path."


class PayeeChanged(Conflict):
    """The payment order cannot be written again byte for byte, because a payee's name, account or consent changed."""

    slug, title = "payee-changed", "A payee has changed since the file was handed over"
    action = "Use the file that was handed over: another one cannot be made for this order."


class StatusReportAlreadyImported(Conflict):
    """The same file was imported before."""

    slug, title = "status-report-already-imported", "This file was already imported"
    action = "Look for it in the list of status reports."


class StatusReportsWaiting(Conflict):
    """Too many reports of the agency wait for their import."""

    slug, title = "status-reports-waiting", "Too many reports wait for their import"
    action = "Send the report again when the work of earlier ones has finished."


CONSTRAINT_PROBLEMS: dict[str, type[Problem]] = {
    **external_ids.CONSTRAINT_PROBLEMS,
    "account_not_overdrawn": BudgetExceeded,
    "transfer_owner_only": TransferForOwnerOnly,
    "transfer_movement": MovementNotAllowed,
    "transfer_debit_account": TransferAccountsMismatch,
    "transfer_credit_account": TransferAccountsMismatch,
    "transfer_amount_positive": TransferAmountNotPositive,
    "transfer_reservation_required": ReservationRequired,
    "transfer_matches_reservation": ReservationMismatch,
    "transfer_resolved_once": ReservationAlreadyResolved,
    "transfer_same_drawer": ReservationOfAnotherAgency,
    "transfer_reserved_once": PaymentAlreadyReserved,
    "transfer_settled_once": PaymentAlreadySettled,
    "transfer_returned_once": PaymentAlreadyReturned,
    "transfer_of_delivered_payment": PaymentNotDelivered,
    "transfer_plan_released": PlanNotReleased,
    "enrolment_once": HouseholdAlreadyEnrolled,
    "enrolment_transition": TransitionNotAllowed,
    "approval_tier_once": ApprovalTierRepeated,
    "approval_tiers_fixed": ApprovalTiersFixed,
    "sign_off_once_per_round": SeparationOfDuties,
    "sign_off_in_turn": ApprovalOutOfTurn,
    "sign_off_content": PaymentsChanged,
    "payment_plan_transition": TransitionNotAllowed,
    "plan_unchanged_in_review": PlanUnderReview,
    "plan_content": PaymentsChanged,
    "plan_approvals": ApprovalsMissing,
    "plan_payable": PlanNotPayableYet,
    "plan_flags_decided": FlagsUndecided,
    "flag_decision_independent": MakerDecides,
    "plan_ordered_by_another": MakerOrders,
    "least_approval_tier_once": ApprovalTierRepeated,
    "payment_once_per_cycle": HouseholdAlreadyPaid,
    "payment_unchanged_in_review": PlanUnderReview,
    "payment_transition": TransitionNotAllowed,
    "payment_answer_independent": AnswerNotIndependent,
    "payment_answered_by_report": AnswerRequired,
    "payment_rejection_confirmed": RejectionNotConfirmed,
    "payment_state_in_ledger": PaymentNotInLedger,
    "payment_delivered_amount": DeliveredMoreThanEntitled,
    "instruction_execution_date": ExecutionDateNotPossible,
    "instruction_once_per_plan": PlanAlreadyOrdered,
    "status_report_once": StatusReportAlreadyImported,
    "status_report_upload_once": StatusReportsWaiting,
}
