"""The holds for audits that the outcomes of payments bring."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from intake.registry.legal_holds.rules import PaymentOutcome, audit_holds


def test_delivered_payment_holds_its_payee_for_the_audit_and_a_failed_one_nobody():
    time = datetime(2026, 11, 30, tzinfo=UTC)
    delivered, failed = (
        PaymentOutcome(uuid4(), uuid4(), time, is_delivered) for is_delivered in (True, False)
    )
    held = audit_holds([delivered, failed, delivered], audit_years=7)
    assert held == {(delivered.payee, delivered.payment_id): date(2033, 12, 31)}
