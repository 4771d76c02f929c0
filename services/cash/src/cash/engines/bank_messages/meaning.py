"""What a bank's status means for a payment: one table.

Codes: ISO 20022 external code sets, ExternalPaymentTransactionStatus1Code and ExternalPaymentGroupStatus1Code
(pain.002), ExternalEntryStatus1Code (camt.053, camt.054).
"""

from __future__ import annotations

from cash.delivery.payments.rules import PaymentState
from cash.engines.bank_messages.reports import Direction, PaymentStatus

_S = PaymentState

#: pain.002. A code that is not here, or ambiguous on purpose (blocked, partly accepted), leaves the payment
#: unknown: a person looks.
PAYMENT_STATUS: dict[str, PaymentState] = {
    "RCVD": _S.SENT,  # received, nothing said yet
    "PDNG": _S.SENT,  # pending: further checks
    "ACTC": _S.SENT,  # the file is well formed
    "PATC": _S.SENT,  # partly so
    "ACFC": _S.ACCEPTED,  # funds checked
    "ACCP": _S.ACCEPTED,  # customer profile checked
    "ACSP": _S.ACCEPTED,  # settlement under way
    "ACWC": _S.ACCEPTED,  # accepted with a change
    "ACWP": _S.ACCEPTED,  # accepted, not yet posted to the creditor
    "ACSC": _S.DELIVERED,  # settlement completed
    "ACCC": _S.DELIVERED,  # completed on the creditor's account
    "RJCT": _S.FAILED,
    "CANC": _S.FAILED,
    "BLCK": _S.UNKNOWN,  # neither posted nor returned
    "PART": _S.UNKNOWN,  # of a group: some accepted, some not
}

#: camt.053 and camt.054, for an entry that took money from our account.
DEBIT_ENTRY: dict[str, PaymentState] = {
    "BOOK": _S.DELIVERED,
    "PDNG": _S.ACCEPTED,
    "FUTR": _S.ACCEPTED,
}


def meaning(message: str, report: PaymentStatus) -> PaymentState | None:
    """The state that a report speaks for; None where it says nothing of money moved (INFO).

    Money that comes back has to be booked, and marked as a return or a reversal; any other sign on a payment
    of ours leaves it unknown.
    """
    if message == "pain.002":
        return PAYMENT_STATUS.get(report.status or "", _S.UNKNOWN)
    if report.status == "INFO":
        return None
    if report.direction is Direction.CREDIT and report.comes_back and report.status == "BOOK":
        return _S.RETURNED
    if report.direction is Direction.DEBIT and not report.comes_back:
        return DEBIT_ENTRY.get(report.status or "", _S.UNKNOWN)
    return _S.UNKNOWN
