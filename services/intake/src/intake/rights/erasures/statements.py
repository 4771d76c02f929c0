"""The SQL of erasures, and of their list."""

from __future__ import annotations

from sqlalchemy import text

ERASE_PERSON = text("SELECT machinery.erase_person(:person)")
