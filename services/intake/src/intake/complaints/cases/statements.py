"""The functions of the database by which a code finds its complaint, whatever agency it belongs to."""

from __future__ import annotations

from sqlalchemy import text

FIND_BY_CODE = "SELECT * FROM machinery.complaint_of_code(%(code_hash)s)"
APPEAL_BY_CODE = "SELECT machinery.appeal_complaint(%(code_hash)s, %(content)s, %(answer_by)s)"
RESTRICT = "SELECT machinery.restrict_complaint(%(id)s, %(kind)s, %(answer_by)s)"
CLOSE_ANSWERED = text("SELECT machinery.close_answered_complaints(now() - make_interval(days => :days))")
DELETE_CLOSED = text("SELECT machinery.delete_closed_complaints(now() - make_interval(months => :months))")
