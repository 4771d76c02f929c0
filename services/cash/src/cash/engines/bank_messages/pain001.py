"""A writer of customer credit transfer initiations, pain.001.001.09 (ISO 20022), as a stream.

The message is written as text: it is flat, and its structure can be read here. Every value passes a function of
`text.py`, which escapes or refuses it. This is three times as fast as building elements, and memory does not grow
with the file (docs/using/bank-messages.md). Tests validate the result against the official schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import IO, TypeVar

from solidary.language.problems import count_of

from cash.engines.bank_messages.orders import Account, Agent, CreditTransfer, Iban, PaymentOrder
from cash.engines.bank_messages.text import (
    Alphabet,
    InvalidText,
    format_bic,
    format_iban,
    format_identifier,
    format_text,
)
from cash.engines.money import MAX_MINOR_UNITS, Money

R = TypeVar("R")

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
FOOTER = b"</PmtInf></CstmrCdtTrfInitn></Document>\n"
"""The end of the message, after the transfers."""

MAX_NAME = 140
"""The length that ISO 20022 gives a name or a remittance line."""

MAX_ACCOUNT_NUMBER = 34

MAX_UTC_OFFSET = timedelta(hours=14)
"""The largest time zone on earth, and the largest that XML Schema allows."""


class InvalidOrder(InvalidText):
    """A value of the order itself that cannot be written; `field` is its name."""

    def __init__(self, field: str, reason: str):
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


class InvalidTransfer(ValueError):
    """A transfer that cannot be written. `number` counts from 1."""

    def __init__(self, number: int, end_to_end_id: str, reason: str):
        self.number, self.end_to_end_id, self.reason = number, end_to_end_id, reason
        super().__init__(f"transfer {number} ({end_to_end_id}): {reason}")


class TotalsMismatch(ValueError):
    """The transfers differ from the number or the sum in the header: the file must not be sent."""


def write_order(order: PaymentOrder, transfers: Iterable[CreditTransfer], out: IO[bytes]) -> None:
    """Write the whole message to `out`.

    Raises InvalidOrder for the order's own values, InvalidTransfer for the first invalid transfer, and
    TotalsMismatch at the end. After an error `out` holds a part of a message: discard it
    (`atomic_binary_file` does).
    """
    out.write(format_header(order))
    count = total = 0
    for count, transfer in enumerate(transfers, start=1):
        try:
            out.write(format_transfer(transfer, order.total.currency, order.alphabet))
        except InvalidText as error:
            raise InvalidTransfer(count, transfer.end_to_end_id, str(error)) from None
        total += transfer.amount.minor
    written = Money(total, order.total.currency)
    if (count, written) != (order.count, order.total):
        raise TotalsMismatch(
            f"The header announces {count_of(order.count, 'transfer')} of {order.total} in total, "
            f"but there are {count_of(count, 'transfer')} of {written}."
        )
    out.write(FOOTER)


def format_header(order: PaymentOrder) -> bytes:
    """Return the part of the message before the transfers. Raises InvalidOrder."""
    message_id = _field("message_id", format_identifier, order.message_id)
    created = _field("created", _format_time, order.created)
    initiating_party = _field(
        "initiating_party", format_text, order.initiating_party, order.alphabet, MAX_NAME
    )
    debtor = _field("debtor", format_text, order.debtor, order.alphabet, MAX_NAME)
    account = _field("account", _format_account, order.account)
    agent = _field("agent", _format_agent, order.agent)
    _field("total", _require_payable, order.total)
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


def format_transfer(transfer: CreditTransfer, currency: str, alphabet: Alphabet) -> bytes:
    """Return one transfer of an order in `currency`. Raises InvalidText."""
    amount = transfer.amount
    if amount.currency != currency:
        raise InvalidText(f"The amount is {amount}, but the order is in {currency}.")
    _require_payable(amount)
    agent = f"<CdtrAgt>{_format_agent(transfer.agent)}</CdtrAgt>" if transfer.agent else ""
    remittance = (
        f"<RmtInf><Ustrd>{format_text(transfer.remittance, alphabet, MAX_NAME)}</Ustrd></RmtInf>"
        if transfer.remittance
        else ""
    )
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{format_identifier(transfer.end_to_end_id)}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{amount.currency}">{amount.major}</InstdAmt></Amt>{agent}'
        f"<Cdtr><Nm>{format_text(transfer.creditor, alphabet, MAX_NAME)}</Nm></Cdtr>"
        f"<CdtrAcct>{_format_account(transfer.account)}</CdtrAcct>{remittance}</CdtTrfTxInf>\n"
    ).encode()


def _field(name: str, format_value: Callable[..., R], *arguments: object) -> R:
    try:
        return format_value(*arguments)
    except InvalidText as error:
        raise InvalidOrder(name, str(error)) from None


def _format_time(created: datetime) -> str:
    offset = created.utcoffset()
    if offset is None:
        raise InvalidText("The time has no time zone.")
    if abs(offset) > MAX_UTC_OFFSET or offset % timedelta(minutes=1):
        raise InvalidText(
            f"The time zone is {offset} from UTC. Only whole minutes up to 14 hours can be written."
        )
    return created.isoformat(timespec="seconds")


def _require_payable(amount: Money) -> None:
    if not 0 < amount.minor <= MAX_MINOR_UNITS:
        raise InvalidText(f"{amount} is not an amount that can be paid.")


def _format_account(account: Account) -> str:
    if isinstance(account, Iban):
        return f"<Id><IBAN>{format_iban(account.iban)}</IBAN></Id>"
    scheme = ""
    if account.scheme:
        scheme = f"<SchmeNm><Prtry>{format_identifier(account.scheme)}</Prtry></SchmeNm>"
    type_ = f"<Tp><Cd>{account.type}</Cd></Tp>" if account.type else ""
    number = format_identifier(account.number, MAX_ACCOUNT_NUMBER)
    return f"<Id><Othr><Id>{number}</Id>{scheme}</Othr></Id>{type_}"


def _format_agent(agent: Agent) -> str:
    if agent.bic:
        return f"<FinInstnId><BICFI>{format_bic(agent.bic)}</BICFI></FinInstnId>"
    if agent.member:
        member = format_identifier(agent.member)
        return f"<FinInstnId><ClrSysMmbId><MmbId>{member}</MmbId></ClrSysMmbId></FinInstnId>"
    raise InvalidText("The bank has neither a BIC nor a member number.")
