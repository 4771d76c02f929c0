"""The SQL of imports."""

from __future__ import annotations

from sqlalchemy import text

DELETE_ABANDONED_BATCHES = text("SELECT machinery.delete_abandoned_batches(now() - interval '7 days')")
