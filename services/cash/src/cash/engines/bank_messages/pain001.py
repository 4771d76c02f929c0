"""Writes a customer credit transfer initiation, pain.001.001.09 (ISO 20022), as a stream.

Written as text, for the file is flat and its shape stands here to be read; every value passes the door of
`text.py`, which refuses or escapes it. Three times as fast as building elements, and memory does not grow
with the file: see docs/using/bank-messages.md. That the result is valid is held by tests against
the official schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import IO, TypeVar

from cash.engines.bank_messages.text import Alphabet, BadText, bic, iban, identifier, words
from cash.engines.bank_messages.transfers import Account, Agent, CreditTransfer, Iban, PaymentOrder
from cash.engines.money import MOST_MINOR, Money

R = TypeVar("R")

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
END = b"</PmtInf></CstmrCdtTrfInitn></Document>\n"
"""What stands after the transfers."""


MOST_OFFSET = timedelta(hours=14)
"""From UTC: as far as clocks on earth go, and all that a time in XML Schema may say."""


class BadOrder(BadText):
    """A value of the order itself that must not be written; `field` is its name."""

    def __init__(self, field: str, reason: str):
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


class BadTransfer(ValueError):
    """A transfer that must not be written. `number` counts from 1."""

    def __init__(self, number: int, end_to_end_id: str, reason: str):
        self.number, self.end_to_end_id, self.reason = number, end_to_end_id, reason
        super().__init__(f"transfer {number} ({end_to_end_id}): {reason}")


class TotalsDiffer(ValueError):
    """The transfers are not those that the head of the file announces: it must not be sent."""


def write_order(order: PaymentOrder, transfers: Iterable[CreditTransfer], out: IO[bytes]) -> None:
    """Writes the whole message to `out`.

    Raises BadOrder for the order's own values, BadTransfer for the first bad transfer, and TotalsDiffer at
    the end. After an error `out` holds a part of a message: discard it (`whole_binary_file` does).
    """
    out.write(head(order))
    count = total = 0
    for count, transfer in enumerate(transfers, start=1):
        try:
            out.write(written(transfer, order.total.currency, order.alphabet))
        except BadText as error:
            raise BadTransfer(count, transfer.end_to_end_id, str(error)) from None
        total += transfer.amount.minor
    together = Money(total, order.total.currency)
    if (count, together) != (order.count, order.total):
        announced = f"{order.count:,} transfers of {order.total}"
        raise TotalsDiffer(f"the order announces {announced}, but has {count:,} of {together}")
    out.write(END)


def head(order: PaymentOrder) -> bytes:
    """What stands before the transfers. Raises BadOrder."""
    message_id = _own("message_id", identifier, order.message_id)
    created = _own("created", _moment, order.created)
    initiating_party = _own("initiating_party", words, order.initiating_party, order.alphabet, 140)
    debtor = _own("debtor", words, order.debtor, order.alphabet, 140)
    account, agent = _own("account", _account, order.account), _own("agent", _agent, order.agent)
    _own("total", _payable, order.total)
    totals = f"<NbOfTxs>{order.count}</NbOfTxs><CtrlSum>{order.total.major}</CtrlSum>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>{message_id}</MsgId>"
        f"<CreDtTm>{created}</CreDtTm>{totals}<InitgPty><Nm>{initiating_party}</Nm></InitgPty></GrpHdr>"
        f"<PmtInf><PmtInfId>{message_id}</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>false</BtchBookg>{totals}"
        f"<ReqdExctnDt><Dt>{order.execution.isoformat()}</Dt></ReqdExctnDt>"
        f"<Dbtr><Nm>{debtor}</Nm></Dbtr><DbtrAcct>{account}</DbtrAcct><DbtrAgt>{agent}</DbtrAgt>"
        f"<ChrgBr>{order.charges}</ChrgBr>\n"
    ).encode()


def written(transfer: CreditTransfer, currency: str, alphabet: Alphabet) -> bytes:
    """One transfer of an order. Raises BadText."""
    amount = transfer.amount
    if amount.currency != currency:
        raise BadText(f"{amount} in an order of {currency}")
    _payable(amount)
    agent = f"<CdtrAgt>{_agent(transfer.agent)}</CdtrAgt>" if transfer.agent else ""
    remittance = (
        f"<RmtInf><Ustrd>{words(transfer.remittance, alphabet, 140)}</Ustrd></RmtInf>"
        if transfer.remittance
        else ""
    )
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{identifier(transfer.end_to_end_id)}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{amount.currency}">{amount.major}</InstdAmt></Amt>{agent}'
        f"<Cdtr><Nm>{words(transfer.creditor, alphabet, 140)}</Nm></Cdtr>"
        f"<CdtrAcct>{_account(transfer.account)}</CdtrAcct>{remittance}</CdtTrfTxInf>\n"
    ).encode()


def _own(field: str, write: Callable[..., R], *said: object) -> R:
    try:
        return write(*said)
    except BadText as error:
        raise BadOrder(field, str(error)) from None


def _moment(created: datetime) -> str:
    offset = created.utcoffset()
    if offset is None:
        raise BadText("has no time zone")
    if abs(offset) > MOST_OFFSET or offset % timedelta(minutes=1):
        raise BadText(f"its time zone is {offset} from UTC; whole minutes up to 14 hours can be written")
    return created.isoformat(timespec="seconds")


def _payable(amount: Money) -> None:
    if not 0 < amount.minor <= MOST_MINOR:
        raise BadText(f"{amount} is not an amount that can be paid")


def _account(account: Account) -> str:
    if isinstance(account, Iban):
        return f"<Id><IBAN>{iban(account.iban)}</IBAN></Id>"
    scheme = f"<SchmeNm><Prtry>{identifier(account.scheme)}</Prtry></SchmeNm>" if account.scheme else ""
    kind = f"<Tp><Cd>{account.type}</Cd></Tp>" if account.type else ""
    return f"<Id><Othr><Id>{identifier(account.number, 34)}</Id>{scheme}</Othr></Id>{kind}"


def _agent(agent: Agent) -> str:
    if agent.bic:
        return f"<FinInstnId><BICFI>{bic(agent.bic)}</BICFI></FinInstnId>"
    if agent.member:
        member = identifier(agent.member)
        return f"<FinInstnId><ClrSysMmbId><MmbId>{member}</MmbId></ClrSysMmbId></FinInstnId>"
    raise BadText("the bank has neither a BIC nor a member number")
