"""The holds for audits that the outcomes of payments bring."""

from __future__ import annotations

from datetime import UTC, date, datetime

from intake.registry.legal_holds.rules import audited_until


def test_delivered_payment_may_be_audited_until_the_end_of_the_year():
    assert audited_until(datetime(2026, 11, 30, tzinfo=UTC), audit_years=7) == date(2033, 12, 31)
