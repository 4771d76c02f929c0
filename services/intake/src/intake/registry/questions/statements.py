"""The SQL of questions about strangers."""

from __future__ import annotations

from sqlalchemy import text

ASK = text("SELECT id, questions FROM machinery.ask_other_agencies(:reason, :tokens)")
RECEIVED = text("SELECT asked_by, day, reason, questions, matching FROM machinery.questions_received(:since)")
