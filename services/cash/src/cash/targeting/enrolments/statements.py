"""The SQL of enrolments."""

from __future__ import annotations

from sqlalchemy import text

CLAIM_MISSING_PROFILES = text(
    "SELECT id, agency FROM machinery.claim_missing_profiles(:limit) ORDER BY agency"
)
