"""The SQL of searches."""

from __future__ import annotations

from sqlalchemy import text

DELETE_OLD_SEARCHES = text("SELECT machinery.delete_searches_before(now() - interval '1 day')")
