"""Events of cash: payments that were delivered or failed."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from solidary.language.events.event import Audience, Event


class PaymentDelivered(Event, name="cash.payment.delivered", key="payment_id", audience=Audience.MONEY):
    """A payment was delivered. Neither the household nor the programme nor the amount is part of the event.

    Intake knows the household by the id of the enrolment, under which cash used the consent.
    """

    payment_id: UUID
    enrolment_id: UUID


_CODE = re.compile(
    "[A-Z]{2}[0-9]{2}|AGNT|CNOR|CURR|CUST|CUTA|DNOR|DUPL|DUPR|EMVL|ERIN|FOCR|FRAD|FRTR|LEGL|NARR|NERI|NOAS|NOCM|NOOR"
    "|PINL|RUTA|SVNR|TECH|TRAC|UPAY"
)
"""ISO 20022's external codes for a return or a status (ExternalReturnReason1Code, ExternalStatusReason1Code).

They have two letters and two digits, or four letters. The latter are listed, for a surname may have four letters too.
"""


def _code_or_none(reason: object) -> object:
    return reason if isinstance(reason, str) and _CODE.fullmatch(reason) else None


class PaymentFailed(Event, name="cash.payment.failed", key="payment_id", audience=Audience.MONEY):
    """A payment was not delivered.

    `reason` is the provider's reason as an ISO 20022 code, `not_sent` the reason why the payment was never sent. A bank
    may write its reason as free text that contains a name, so anything but a code is dropped, by the writer and by
    the reader.
    """

    payment_id: UUID
    enrolment_id: UUID
    reason: Annotated[str | None, BeforeValidator(_code_or_none)] = None
    not_sent: str | None = Field(
        default=None, description="A code: consent_ended, no_account, account_changed or not_writable."
    )
