"""The SQL of enrolments."""

from __future__ import annotations

from sqlalchemy import text

CLAIM_MISSING_PROFILES = text(
    "SELECT id, agency FROM machinery.claim_missing_profiles(:limit) ORDER BY agency"
)
CLAIM_PENDING_REFERRALS = text(
    "SELECT id, agency FROM machinery.claim_pending_referrals(:limit) ORDER BY agency"
)
