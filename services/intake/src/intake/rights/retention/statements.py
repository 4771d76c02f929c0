"""The SQL that finds the records whose period is over. A person under a legal hold keeps all of theirs.

A hold is in force until its last day is over everywhere, as the triggers and functions of the database have it.
"""

from __future__ import annotations

from collections.abc import Mapping

from solidary.language.country import RecordKind
from sqlalchemy import TextClause, text

AGENCIES = text("SELECT agency FROM machinery.agencies_with_people()")

_NOT_HELD = """NOT EXISTS (SELECT FROM data.legal_hold h
    WHERE h.root = r.root AND h.agency = r.agency AND h.until >= (now() AT TIME ZONE 'Etc/GMT+12')::date AND h.lifted
    IS NULL)"""

_IS_DUE: Mapping[RecordKind, str] = {
    RecordKind.PERSON: """r.created < :before AND NOT EXISTS (SELECT FROM data.person m
            JOIN data.timeline_entry t ON t.root = m.id AND t.agency = m.agency AND t.created >= :before
            WHERE m.household_id = r.household_id)
        AND NOT EXISTS (SELECT FROM data.consent c
            WHERE c.root = r.id AND c.state = 'granted' AND c.valid_until > now())""",
    RecordKind.VISIT: "r.day < :before",
    RecordKind.NEED: "r.created < :before AND r.state <> 'open'",
    RecordKind.TIMELINE_ENTRY: "r.created < :before",
    RecordKind.GUIDANCE: "r.created < :before",
    RecordKind.PROCEDURE: "r.since < :before AND r.state IN ('granted', 'denied', 'withdrawn')",
}
"""The condition under which a record `r` of each kind is due. Functions find packages, which nobody may change, and
restricted needs, which only their officers see."""

DUE: Mapping[RecordKind, TextClause] = {
    kind: text(
        "SELECT /* reads all: a timer finds what is due */ r.id "
        f"FROM data.{kind} r WHERE r.agency = :agency AND {is_due} AND {_NOT_HELD} ORDER BY r.id"
    )
    for kind, is_due in _IS_DUE.items()
} | {
    RecordKind.PACKAGE: text(
        "SELECT id FROM machinery.packages_ended_before(:before) WHERE :agency IS NOT NULL"
    ),
    RecordKind.RESTRICTED_NEED: text(
        "SELECT id FROM machinery.restricted_needs_before(:before) WHERE :agency IS NOT NULL"
    ),
}

COUNT_ACCESS_ENTRIES = text("SELECT coalesce(sum(entries), 0) FROM machinery.access_log_due(:before)")
CUT_ACCESS_LOG = text("SELECT machinery.cut_access_log(:before, :at_most)")
"""The access log is deleted up to a seal, so that its chain stays verifiable."""

DELETE: dict[RecordKind, TextClause] = {
    kind: text(f"DELETE FROM data.{kind} WHERE id = ANY(:ids)")
    for kind in _IS_DUE
    if kind != RecordKind.PERSON
}
DELETE[RecordKind.RESTRICTED_NEED] = text("SELECT machinery.delete_restricted_needs(:ids)")
DELETE[RecordKind.PACKAGE] = text("SELECT machinery.delete_ended_packages(:ids)")
"""The statement that deletes records of each kind; a person is erased (`intake.rights.erasures`)."""
