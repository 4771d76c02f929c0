"""The SQL that forgets who was in a queue."""

from __future__ import annotations

from sqlalchemy import text

FORGET_QUEUE = text("SELECT machinery.forget_queue(CAST(:named_until AS date), CAST(:kept_until AS date))")
