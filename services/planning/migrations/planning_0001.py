"""Cities and their cells, Territorial Intervention Units, plans with their actions, ballots and budget, and demand.

The SQL is in the folder `sql` beside this revision.
"""

from pathlib import Path

from alembic import op
from solidary.platform.database.migrations import guard, open_to_service, record_transitions, service
from solidary.platform.database.scope import CURRENT_AGENCY

revision = "planning_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

SQL = Path(__file__).parent / "sql"
OWNED = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""
"""The columns of every table of an agency."""

PLAN_TRANSITIONS = (
    (None, "draft"),
    ("draft", "diagnosis"),
    ("diagnosis", "needs_agreed"),
    ("needs_agreed", "co_creation"),
    ("co_creation", "feasibility"),
    ("feasibility", "costs_published"),
    ("costs_published", "balloting"),
    ("balloting", "ballots_reviewed"),
    ("ballots_reviewed", "allocated"),
    ("allocated", "submitted_to_government"),
    ("submitted_to_government", "validated"),
    ("submitted_to_government", "returned"),
    ("returned", "co_creation"),
    ("validated", "implementing"),
    ("implementing", "closed"),
    ("closed", "evaluated"),
)
ACTION_TRANSITIONS = (
    (None, "proposed"),
    (None, "not_feasible"),
    ("proposed", "feasible"),
    ("proposed", "not_feasible"),
    ("feasible", "not_feasible"),
    ("not_feasible", "feasible"),
    ("feasible", "accepted"),
    ("feasible", "not_funded"),
    ("feasible", "proposed"),
    ("not_feasible", "proposed"),
)
STATION_TRANSITIONS = ((None, "open"), ("open", "reconciled"))


def upgrade() -> None:
    for name in ("territory", "plans", "polling", "ballots", "budget"):
        _execute(name)
    record_transitions("plan", PLAN_TRANSITIONS)
    record_transitions("action", ACTION_TRANSITIONS)
    record_transitions("station", STATION_TRANSITIONS)
    for table in ("city", "dataset", "area", "cell", "cell_map", "plan", "demand"):
        open_to_service(f"published.{table}")
    guard("city_upload", write=())
    for table in ("tiu", "plan"):
        guard(table, root=True)
    for table in ("need", "action", "budget_line"):
        guard(table)
    for table in ("ballot_entry", "allocation"):
        guard(table, append_only=True)
    guard("polling_agency", write=())
    guard("station")
    # Of a secret ballot nothing may disclose whose it is. The act of casting names its actor in ballot_entry.
    for table in ("ballot", "used_ballot_card"):
        guard(table, append_only=True, writer=False)
    guard("ballot_box", writer=False)
    for table in ("station", "ballot_entry", "ballot_box", "ballot"):
        _limit_to_polling("INSERT WITH CHECK", table)
    for table in ("station", "ballot_box"):
        _limit_to_polling("UPDATE USING", table)
    _execute("polling_privileges")


def _execute(name: str) -> None:
    """Run a file of the folder `sql`, in which the names between @ signs are replaced."""
    sql = (SQL / f"{name}.sql").read_text("utf-8")
    op.execute(sql.replace("@owned@", OWNED).replace("@app@", f"{service()}_app"))


def _limit_to_polling(command: str, table: str) -> None:
    """Let only the owner of a plan and the partners that it allowed write a table."""
    op.execute(
        f"CREATE POLICY polling_{command.split()[0].lower()} ON data.{table} AS RESTRICTIVE FOR {command} "
        f"({table}.agency = {CURRENT_AGENCY} OR EXISTS (SELECT FROM data.polling_agency p "
        f"WHERE p.root = {table}.root AND p.partner = {CURRENT_AGENCY}))"
    )
