"""The SQL of payment orders."""

from __future__ import annotations

from sqlalchemy import text

DELETE_ORDER_FILES = text("SELECT machinery.delete_order_files(:before)")
