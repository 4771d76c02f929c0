"""The tables of cash, and the rules on money that the database itself enforces.

The SQL is in the folder `sql` beside this revision. Whatever must never happen with money is refused there, by
constraints, privileges, policies and triggers, regardless of the code above. Functions that read rows of other
agencies, or write columns that nobody may write by hand (balances, makers, rounds), run as the role that migrates
(SECURITY DEFINER).

Statement triggers check all rows of a statement at once. A query that joins its transition table is planned for the
actual number of rows each time (EXECUTE), counts (EXISTS would expect an early end) and finds other rows by their index
(LATERAL … LIMIT 1), whatever the statistics of a table are that was filled a moment ago. Otherwise a plan of 100,000
payments would take hours.

`services/cash/tests/invariants` tries each rule with plain SQL; docs/using/cash.md lists them.
"""

from pathlib import Path

from alembic import op
from solidary.platform.database import ShareLevel
from solidary.platform.database.migrations import guard, record_transitions, service
from solidary.platform.database.scope import CURRENT_AGENCY

revision = "cash_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

SQL = Path(__file__).parent / "sql"
OWNED = """
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""
"""The columns of every table of an agency."""

SINGLE, RESERVATION = ("single",), ("pending", "post", "void")
AVAILABLE, CLEARING, PAYABLE = "fund:available", "fsp:clearing:*", "beneficiary:payable"
MOVEMENTS = {
    "grant": (SINGLE, [("fund:granted", AVAILABLE)]),
    "payment": (RESERVATION, [(AVAILABLE, CLEARING), (PAYABLE, CLEARING)]),
    "settlement": (SINGLE, [(CLEARING, "delivered")]),
    "late_return": (SINGLE, [(CLEARING, PAYABLE), ("delivered", PAYABLE)]),
    "write_off": (SINGLE, [(PAYABLE, AVAILABLE)]),
    "fee": (SINGLE, [(AVAILABLE, "fees")]),
}

ENROLMENT_TRANSITIONS = {None: "enrolled", "enrolled": "consent_ended"}
PLAN_TRANSITIONS = {
    None: "draft",
    "draft": "populated cancelled",
    "populated": "locked cancelled",
    "locked": "entitled populated cancelled",
    "entitled": "populated submitted cancelled",
    "submitted": "approved entitled cancelled",
    "approved": "authorised entitled cancelled",
    "authorised": "released entitled cancelled",
    "released": "dispatched cancelled",
    "dispatched": "reconciling",
    "reconciling": "reconciled",
}
FINAL_REPORTS = "delivered partial returned rejected"
PAYMENT_TRANSITIONS = {
    None: "planned",
    "planned": "reserved cancelled",
    "reserved": "sent failed cancelled",
    "sent": f"accepted_by_fsp unknown {FINAL_REPORTS}",
    "accepted_by_fsp": f"unknown {FINAL_REPORTS}",
    "unknown": f"accepted_by_fsp {FINAL_REPORTS}",
    "rejected": "delivered partial returned failed",
    "delivered": "returned",
    "partial": "returned",
}


def upgrade() -> None:
    for name in ("accounting", "targeting", "delivery"):
        _execute(name)
    _record_movements()
    record_transitions("enrolment", _pairs(ENROLMENT_TRANSITIONS))
    record_transitions("payment_plan", _pairs(PLAN_TRANSITIONS))
    record_transitions("payment", _pairs(PAYMENT_TRANSITIONS))
    for name in ("ledger_triggers", "approval_triggers", "payment_triggers", "timers"):
        _execute(name)
    guard("budget_line", root=True, append_only=True, write=())
    guard("account", append_only=True, write=(ShareLevel.DRAW,))
    guard("transfer", append_only=True, write=(ShareLevel.DRAW,))
    guard("consent", root=True)
    guard("programme", root=True)
    guard("programme_debtor", append_only=True, write=())
    guard("approval_tier", append_only=True)
    guard("payment_control", root=True, append_only=True, write=())
    guard("least_approval_tier", append_only=True, write=())
    guard("pending_referral")
    guard("referred_household", root=True, append_only=True)
    guard("enrolment", root=True)
    guard("household_token", write=())
    guard("payment_plan", root=True)
    guard("sign_off", append_only=True)
    guard("calculation", append_only=True, write=())
    guard("payment")
    guard("instruction")
    guard("order_file", append_only=True, write=())
    guard("status_report", root=True, append_only=True)
    guard("status_report_upload", append_only=True, write=())
    guard("contradiction", append_only=True, write=())
    guard("booked_entry", append_only=True, write=())
    guard("confirmed_rejection", append_only=True, write=())
    guard("flag_decision", append_only=True, write=())
    _execute("privileges")


def _execute(name: str) -> None:
    """Run a file of the folder `sql`, in which the names between @ signs are replaced."""
    sql = (SQL / f"{name}.sql").read_text("utf-8")
    values = {"owned": OWNED, "app": f"{service()}_app", "agency": CURRENT_AGENCY}
    for value in values:
        sql = sql.replace(f"@{value}@", values[value])
    op.execute(sql)


def _pairs(transitions: dict[str | None, str]) -> list[tuple[str | None, str]]:
    return [(source, target) for source, targets in transitions.items() for target in targets.split()]


def _record_movements() -> None:
    rows = [
        f"('{code}', '{kind}', '{debit}', '{credit}')"
        for code, (kinds, accounts) in MOVEMENTS.items()
        for kind in kinds
        for debit, credit in accounts
    ]
    op.execute(f"INSERT INTO published.movement VALUES {', '.join(rows)}")
