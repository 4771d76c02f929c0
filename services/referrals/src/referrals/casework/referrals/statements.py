"""SQL statements of referrals that call functions of the database."""

from __future__ import annotations

from sqlalchemy import text

FIND_OVERDUE_REFERRALS = text("SELECT id, agency FROM machinery.find_overdue_referrals(now())")
"""The ids and agencies of requested referrals of all agencies whose time to answer has passed."""
