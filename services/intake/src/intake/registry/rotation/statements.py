"""The SQL that finds what older secrets have written."""

from __future__ import annotations

from sqlalchemy import text

AGENCIES_TO_REWRAP = text("SELECT agency FROM machinery.agencies_with_keys_not_wrapped_by(:newest)")
AGENCIES_TO_RETOKEN = text("SELECT agency FROM machinery.agencies_with_people_not_indexed_by(:newest)")
