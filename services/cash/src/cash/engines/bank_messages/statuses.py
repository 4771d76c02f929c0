"""The status of a payment that a bank's code stands for.

Codes: ISO 20022 external code sets, ExternalPaymentTransactionStatus1Code and ExternalPaymentGroupStatus1Code
(pain.002), ExternalEntryStatus1Code (camt.053, camt.054).
"""

from __future__ import annotations

from enum import StrEnum

from cash.engines.bank_messages.reports import Direction, PaymentReport


class ReportedStatus(StrEnum):
    """The status of a payment in a report. `docs/using/bank-messages.md` shows the tables of codes."""

    SENT = "sent"
    ACCEPTED = "accepted_by_fsp"
    DELIVERED = "delivered"
    RETURNED = "returned"
    FAILED = "failed"
    UNKNOWN = "unknown"


_R = ReportedStatus

#: The codes of pain.002. Any other code, and those that are ambiguous on purpose (blocked, partly accepted), leave
#: the payment unknown, so that a person looks into it.
PAYMENT_STATUS_CODES: dict[str, ReportedStatus] = {
    "RCVD": _R.SENT,  # received
    "PDNG": _R.SENT,  # pending: further checks
    "ACTC": _R.SENT,  # the file is well formed
    "PATC": _R.SENT,  # a part of the file is
    "ACFC": _R.ACCEPTED,  # funds checked
    "ACCP": _R.ACCEPTED,  # customer profile checked
    "ACSP": _R.ACCEPTED,  # settlement in process
    "ACWC": _R.ACCEPTED,  # accepted with a change
    "ACWP": _R.ACCEPTED,  # accepted, not yet posted to the creditor
    "ACSC": _R.DELIVERED,  # settlement completed
    "ACCC": _R.DELIVERED,  # settlement completed on the creditor's account
    "RJCT": _R.FAILED,
    "CANC": _R.FAILED,
    "BLCK": _R.UNKNOWN,  # neither posted nor returned
    "PART": _R.UNKNOWN,  # some payments of a group are accepted, others not
}

#: The codes of camt.053 and camt.054, for an entry that debits our account.
DEBIT_ENTRY_CODES: dict[str, ReportedStatus] = {
    "BOOK": _R.DELIVERED,
    "PDNG": _R.ACCEPTED,
    "FUTR": _R.ACCEPTED,
}


def reported_status(message: str, report: PaymentReport) -> ReportedStatus | None:
    """Return the status that a report in a `message` (`pain.002`) states; None where no money moves (INFO).

    A credit counts as returned only when it is booked and marked as a return or a reversal. Any other
    combination leaves the payment unknown.
    """
    if message == "pain.002":
        return PAYMENT_STATUS_CODES.get(report.status or "", _R.UNKNOWN)
    if report.status == "INFO":
        return None
    if report.direction is Direction.CREDIT and report.is_return and report.status == "BOOK":
        return _R.RETURNED
    if report.direction is Direction.DEBIT and not report.is_return:
        return DEBIT_ENTRY_CODES.get(report.status or "", _R.UNKNOWN)
    return _R.UNKNOWN
