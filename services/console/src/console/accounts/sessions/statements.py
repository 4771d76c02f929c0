"""The statements on sessions, which belong to a person and to no agency."""

from __future__ import annotations

from sqlalchemy import text

INSERT = text("INSERT INTO machinery.page_session (id, subject, content) VALUES (:id, :subject, :content)")
SELECT = text("SELECT subject, content, created, used FROM machinery.page_session WHERE id = :id")
LOCK = text("SELECT content FROM machinery.page_session WHERE id = :id FOR UPDATE")
UPDATE = text("UPDATE machinery.page_session SET content = :content WHERE id = :id")
USE = text(
    "UPDATE machinery.page_session SET used = now() WHERE id = :id AND used < now() - interval '1 minute'"
)
DELETE = text("DELETE FROM machinery.page_session WHERE id = :id")
DELETE_ALL = text("DELETE FROM machinery.page_session WHERE subject = :subject")
COUNT = text(
    "SELECT count(*) FROM machinery.page_session WHERE subject = :subject"
    " AND created > now() - CAST(:longest AS interval)"
)
PURGE = text("DELETE FROM machinery.page_session WHERE used < now() - CAST(:age AS interval)")
