"""The SQL of consents."""

from __future__ import annotations

from sqlalchemy import text

CONSENTS_TO_EXPIRE = text("SELECT id, agency FROM machinery.consents_to_expire(now())")
