"""The tables whose ids occur in requests, and the rows that the scenario has left in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from uuid import UUID

import psycopg
from solidary.platform.database.entity import metadata_of
from solidary.platform.registry import load_service, service_names
from stack.run_file import Run

EXCEPTIONS: dict[str, dict[str, str]] = {
    "intake": {
        "given_by": "person",
        "report_id": "demand_report",
        "about": "person",
        "permit_id": "payee_permit",
        "ticket_id": "queue_ticket",
        "import_id": "bulk_import",
    },
    "referrals": {
        "consent_id": "intake.consent",
        "decision_id": "referral_decision",
        "import_id": "bulk_import",
    },
    "planning": {"approvals": "action", "needs": "need", "selected": "action"},
    "cash": {
        "line_id": "budget_line",
        "import_id": "bulk_import",
        "plan_id": "payment_plan",
        "referral_id": "referred_household",
        "report_id": "status_report",
    },
}
"""The tables of ids whose names do not lead to them, by service; one of another service with its name before it.

All other names do: `plan_line_id` and `plan_line_ids` belong to the service's own table `plan_line`, or else to the
only service that has such a table.
"""

PATH_EXCEPTIONS = {
    ("/restricted-needs", "need_id"): "restricted_need",
    ("/erasure", "person_id"): "erasure",
    ("/complaint-reports", "report_id"): "complaint_report",
}
"""Parts of a path after which the id of a name belongs to another table."""

AGENCIES = {
    *("agency_id", "asked_by", "recipient", "agency", "agencies", "municipality", "organization_id"),
    *("receiver", "sender"),
}
"""Names of ids of agencies, which are no rows."""

PUBLIC = {"city"}
"""Names of public codes."""

CLIENT_IDS = {"registration_id", "reference"}
"""Names of ids that clients choose: the same id of another agency is another registration."""

ACCOUNTS = {"assignee"}
"""Names of ids of people's accounts, which are no rows."""


def table_of(service: str, path: str, name: str) -> str | None:
    """Return the table of an id in a request as `service.table`, or None for an id that is no row.

    Raises LookupError when the table is unknown.
    """
    if name in AGENCIES | PUBLIC | CLIENT_IDS | ACCOUNTS:
        return None
    for (part, id_name), table in PATH_EXCEPTIONS.items():
        if part in path and id_name == name:
            return f"{service}.{table}"
    table = EXCEPTIONS.get(service, {}).get(name, name.removesuffix("s").removesuffix("_id"))
    if "." in table:
        return table
    owners = [service] if _has_table(service, table) else [s for s in service_names() if _has_table(s, table)]
    if len(owners) != 1:
        raise LookupError(
            f"{service} {path}: the table of the id «{name}» is unknown. Name it in EXCEPTIONS of "
            "tests/isolation/ids.py, or list the id there as one of an agency, as public or as chosen by the client."
        )
    return f"{owners[0]}.{table}"


def _has_table(service: str, table: str) -> bool:
    return table in _tables(service)


@cache
def _tables(service: str) -> frozenset[str]:
    load_service(service)
    mapped = (*metadata_of(service).tables.values(), *metadata_of("solidary").tables.values())
    return frozenset(
        [table.name for table in mapped if table.schema == "data"]
        + list(EXCEPTIONS.get(service, {}).values())
    )


@dataclass(frozen=True)
class Row:
    """A stored row: its owner, the root of its aggregate, and the agencies that have a share in it."""

    id: UUID
    owner: UUID
    root: UUID
    shared_with: frozenset[UUID]

    def is_foreign_to(self, agency: UUID) -> bool:
        """Return whether an agency neither owns the row nor has a share in it."""
        return agency != self.owner and agency not in self.shared_with


def rows_of(run: Run, service: str) -> dict[str, list[Row]]:
    """Return the rows of every agency table of a service, the oldest first, by `service.table`."""
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
    """Return the oldest and the newest row for each owner and each set of agencies with a share."""
    chosen: dict[Row, None] = {}
    for owner, shared_with in {(row.owner, row.shared_with) for row in rows}:
        same = [row for row in rows if (row.owner, row.shared_with) == (owner, shared_with)]
        chosen |= {same[0]: None, same[-1]: None}
    return list(chosen)
