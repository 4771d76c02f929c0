"""The problems that constraints of the cash database mean, by constraint."""

from __future__ import annotations

from solidary.language.problems import Conflict, Problem


class SignatureOnce(Conflict):
    """You prepared this plan or approved it in this round, so you cannot approve it."""

    slug = "signature-once"
    title = "You prepared this plan or approved it in this round, so you cannot approve it"


class SignatureInTurn(Conflict):
    """The plan is not asked for this yes now."""

    slug = "signature-in-turn"
    title = "The plan is not asked for this yes now"


class SignatureContent(Conflict):
    """A yes holds for the payments that were submitted, and they have changed."""

    slug = "signature-content"
    title = "A yes holds for the payments that were submitted, and they have changed"


class PlanWay(Conflict):
    """A plan does not go this way."""

    slug = "plan-way"
    title = "A plan does not go this way"


class PlanFixed(Conflict):
    """What a plan pays does not change under review or after it."""

    slug = "plan-fixed"
    title = "What a plan pays does not change under review or after it"


class PlanContent(Conflict):
    """The payments are not those that were agreed to."""

    slug = "plan-content"
    title = "The payments are not those that were agreed to"


class PlanYeses(Conflict):
    """Not everybody who must say yes has."""

    slug = "plan-yeses"
    title = "Not everybody who must say yes has"


class PaymentOnce(Conflict):
    """This household is paid in this cycle for this purpose already."""

    slug = "payment-once"
    title = "This household is paid in this cycle for this purpose already"


class PaymentFixed(Conflict):
    """A payment's household, account and amount do not change under review or after it."""

    slug = "payment-fixed"
    title = "A payment's household, account and amount do not change under review or after it"


class PaymentWay(Conflict):
    """A payment does not go this way."""

    slug = "payment-way"
    title = "A payment does not go this way"


class PaymentInLedger(Conflict):
    """A payment is where the ledger says that its money is."""

    slug = "payment-in-ledger"
    title = "A payment is where the ledger says that its money is"


class PaymentDelivered(Conflict):
    """No more is delivered than was entitled."""

    slug = "payment-delivered"
    title = "No more is delivered than was entitled"


class Budget(Conflict):
    """The budget line has less left than this."""

    slug = "budget"
    title = "The budget line has less left than this"


class TransferByOwner(Conflict):
    """Who may draw on a budget line draws for payments only."""

    slug = "transfer-by-owner"
    title = "Who may draw on a budget line draws for payments only"


class TransferMovement(Conflict):
    """Money does not move this way."""

    slug = "transfer-movement"
    title = "Money does not move this way"


class TransferDebit(Conflict):
    """Both ends of a transfer are accounts of one budget line, in one currency."""

    slug = "transfer-debit"
    title = "Both ends of a transfer are accounts of one budget line, in one currency"


class TransferCredit(Conflict):
    """Both ends of a transfer are accounts of one budget line, in one currency."""

    slug = "transfer-credit"
    title = "Both ends of a transfer are accounts of one budget line, in one currency"


class TransferAmount(Conflict):
    """A transfer moves more than nothing."""

    slug = "transfer-amount"
    title = "A transfer moves more than nothing"


class TransferPending(Conflict):
    """A post or a void names the reservation that it resolves."""

    slug = "transfer-pending"
    title = "A post or a void names the reservation that it resolves"


class TransferResolves(Conflict):
    """A post or a void resolves its own reservation, and no more than it."""

    slug = "transfer-resolves"
    title = "A post or a void resolves its own reservation, and no more than it"


class TransferResolvedOnce(Conflict):
    """This reservation is resolved already."""

    slug = "transfer-resolved-once"
    title = "This reservation is resolved already"


class TransferReservedOnce(Conflict):
    """Money is reserved for this payment already."""

    slug = "transfer-reserved-once"
    title = "Money is reserved for this payment already"


class TransferSettledOnce(Conflict):
    """This payment is settled already."""

    slug = "transfer-settled-once"
    title = "This payment is settled already"


class TransferReturnedOnce(Conflict):
    """This payment came back already."""

    slug = "transfer-returned-once"
    title = "This payment came back already"


class TransferOwn(Conflict):
    """A reservation is resolved by who made it, for the same payment."""

    slug = "transfer-own"
    title = "A reservation is resolved by who made it, for the same payment"


class TransferOfPayment(Conflict):
    """What is settled or comes back is a payment that its drawer delivered."""

    slug = "transfer-of-payment"
    title = "What is settled or comes back is a payment that its drawer delivered"


class TransferReleased(Conflict):
    """Money is reserved for the payments of a released plan only."""

    slug = "transfer-released"
    title = "Money is reserved for the payments of a released plan only"


class EnrolmentOnce(Conflict):
    """This household is enrolled in this programme already."""

    slug = "enrolment-once"
    title = "This household is enrolled in this programme already"


class TierLeast(Conflict):
    """Two tiers begin at the same total."""

    slug = "tier-least"
    title = "Two tiers begin at the same total"


class TierFixed(Conflict):
    """How many must say yes is fixed before the first plan."""

    slug = "tier-fixed"
    title = "How many must say yes is fixed before the first plan"


class InstructionOnce(Conflict):
    """This plan has its order already."""

    slug = "instruction-once"
    title = "This plan has its order already"


class StatusReportOnce(Conflict):
    """This file was taken in already."""

    slug = "status-report-once"
    title = "This file was taken in already"


CONSTRAINT_PROBLEMS: dict[str, type[Problem]] = {
    "signature_once": SignatureOnce,
    "signature_in_turn": SignatureInTurn,
    "signature_content": SignatureContent,
    "plan_way": PlanWay,
    "plan_fixed": PlanFixed,
    "plan_content": PlanContent,
    "plan_yeses": PlanYeses,
    "payment_once": PaymentOnce,
    "payment_fixed": PaymentFixed,
    "payment_way": PaymentWay,
    "payment_in_ledger": PaymentInLedger,
    "payment_delivered": PaymentDelivered,
    "budget": Budget,
    "transfer_by_owner": TransferByOwner,
    "transfer_movement": TransferMovement,
    "transfer_debit": TransferDebit,
    "transfer_credit": TransferCredit,
    "transfer_amount": TransferAmount,
    "transfer_pending": TransferPending,
    "transfer_resolves": TransferResolves,
    "transfer_resolved_once": TransferResolvedOnce,
    "transfer_reserved_once": TransferReservedOnce,
    "transfer_settled_once": TransferSettledOnce,
    "transfer_returned_once": TransferReturnedOnce,
    "transfer_own": TransferOwn,
    "transfer_of_payment": TransferOfPayment,
    "transfer_released": TransferReleased,
    "enrolment_once": EnrolmentOnce,
    "tier_least": TierLeast,
    "tier_fixed": TierFixed,
    "instruction_once": InstructionOnce,
    "status_report_once": StatusReportOnce,
}
