"""Where the ids stand that routes take: in an address, in a query, in a body. What is not said here fails a test."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import psycopg
from stack.run_file import Run

PLACES: dict[str, dict[str, str]] = {
    "intake": {
        "consent_id": "consent",
        "given_by": "person",
        "guidance_id": "guidance",
        "household_id": "household",
        "need_id": "need",
        "package_id": "package",
        "package_ids": "package",
        "person_id": "person",
        "procedure_id": "procedure",
        "report_id": "demand_report",
        "search_id": "search",
        "visit_id": "visit",
        "work_id": "work",
        "about": "person",
    },
    "referrals": {
        "consent_id": "known_consent",
        "decision_id": "referral_decision",
        "package_id": "intake.package",
        "person_id": "intake.person",
        "referral_id": "referral",
        "service_id": "service",
        "work_id": "work",
    },
    "planning": {
        "action_id": "action",
        "approvals": "action",
        "needs": "need",
        "plan_id": "plan",
        "selected": "action",
        "tiu_id": "tiu",
        "work_id": "work",
    },
    "market": {
        "assessment_id": "assessment",
        "plan_id": "planning.plan",
        "plan_line_id": "plan_line",
        "work_id": "work",
    },
    "cash": {
        "budget_line_id": "budget_line",
        "enrolment_id": "enrolment",
        "instruction_id": "instruction",
        "line_id": "budget_line",
        "payment_id": "payment",
        "plan_id": "payment_plan",
        "programme_id": "programme",
        "referral_id": "referred",
        "report_id": "status_report",
        "work_id": "work",
    },
}
"""By service: the name of an id, and the table of `data` it stands in; `other.table` where another service keeps it."""

ELSEWHERE = {("/restricted-needs", "need_id"): "restricted_need"}
"""Where a part of the address says that the id of that name stands in another table."""

AGENCIES = {"agency_id", "recipient", "agency", "agencies", "municipality", "organization_id"}
"""Who somebody is, not what they hold."""

PUBLIC = {"city"}
"""Codes of what everybody may read."""

MADE_UP = {"registration_id"}
"""The client makes it up; another agency's same id is another registration."""


def place_of(service: str, path: str, name: str) -> str | None:
    """The table an id stands in, as `service.table`; None where it names no row. Raises KeyError where nobody said."""
    if name in AGENCIES | PUBLIC | MADE_UP:
        return None
    for part, table in ELSEWHERE.items():
        if part[0] in path and part[1] == name:
            return f"{service}.{table}"
    table = PLACES[service][name]
    return table if "." in table else f"{service}.{table}"


@dataclass(frozen=True)
class Row:
    """Something held: whose it is, the aggregate it hangs on, and with whom that is shared."""

    id: UUID
    owner: UUID
    root: UUID
    shared_with: frozenset[UUID]

    def is_foreign_to(self, agency: UUID) -> bool:
        return agency != self.owner and agency not in self.shared_with


def rows_of(run: Run, service: str) -> dict[str, list[Row]]:
    """Every row of every agency's table, the oldest first: `service.table` → rows."""
    with psycopg.connect(run.postgres.admin, dbname=service) as connection:
        tables = connection.execute(
            """SELECT table_name FROM information_schema.columns WHERE table_schema = 'data'
            AND column_name IN ('id', 'agency', 'root', 'created') GROUP BY 1 HAVING count(*) = 4"""
        ).fetchall()
        return {
            f"{service}.{table}": [
                Row(id_, owner, root, frozenset(shared))
                for id_, owner, root, shared in connection.execute(
                    f"""SELECT t.id, t.agency, t.root,
                        ARRAY(SELECT s.agency FROM data.share s WHERE s.root = t.root)
                    FROM data.{table} t ORDER BY t.created, t.id""".encode()
                ).fetchall()
            ]
            for (table,) in tables
        }


def first_and_last(rows: list[Row]) -> list[Row]:
    """The oldest and the newest of each owner, by whom they are shared with."""
    chosen: dict[Row, None] = {}
    for kind in {(row.owner, row.shared_with) for row in rows}:
        alike = [row for row in rows if (row.owner, row.shared_with) == kind]
        chosen |= {alike[0]: None, alike[-1]: None}
    return list(chosen)
