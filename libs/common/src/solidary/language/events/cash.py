"""What cash tells: that a payment went or did not, and how far the aid reaches."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from solidary.language.events.event import Event


class PaymentDelivered(Event, name="cash.payment.delivered", key="payment_id"):
    """A payment reached the household. The amount stays in cash."""

    payment_id: UUID
    household_id: UUID
    programme_id: UUID


_CODE = re.compile(
    "[A-Z]{2}[0-9]{2}|AGNT|CNOR|CURR|CUST|CUTA|DNOR|DUPL|DUPR|EMVL|ERIN|FOCR|FRAD|FRTR|LEGL|NARR|NERI|NOAS|NOCM|NOOR"
    "|PINL|RUTA|SVNR|TECH|TRAC|UPAY"
)
"""ISO 20022's external codes for a return or a status (ExternalReturnReason1Code, ExternalStatusReason1Code): two
letters and two digits, and those of four letters by name, for DIAZ is none."""


def _code_or_nothing(said: object) -> object:
    return said if isinstance(said, str) and _CODE.fullmatch(said) else None


class PaymentFailed(Event, name="cash.payment.failed", key="payment_id"):
    """A payment did not reach the household: the provider's reason by ISO 20022 code, or why it was not sent.

    A bank may say its reason in free text, with a name in it: what is no code is not told, and not read.
    """

    payment_id: UUID
    household_id: UUID
    programme_id: UUID
    reason: Annotated[str | None, BeforeValidator(_code_or_nothing)] = None
    not_sent: str | None = Field(
        default=None, description="Code: consent_ended, no_account, account_changed, not_writable"
    )


class CoverageCounted(Event, name="cash.coverage.counted", key="report_id"):
    """How many households the aid reached in a TIU, k or more."""

    report_id: UUID
    tiu_id: UUID
    period_start: date
    period_end: date
    households: int = Field(ge=1)
    k: int = Field(ge=2)
