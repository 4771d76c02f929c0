"""The tables of intake: people and households, the work of the desk, consents and packages, published demand.

The SQL is in the folder `sql` beside this revision.
"""

from pathlib import Path

from alembic import op
from solidary.platform.database.migrations import guard, open_to_service, record_transitions, service

revision = "intake_0001"
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

TRANSITIONS = {
    "registration": [
        (None, "provisional"),
        (None, "registered"),
        ("provisional", "registered"),
        ("registered", "verified"),
    ],
    "need": [(None, "open"), ("open", "met"), ("open", "closed")],
    "procedure": [
        (None, "identified"),
        ("identified", "informed"),
        ("identified", "withdrawn"),
        ("informed", "gathering_documents"),
        ("informed", "submitted"),
        ("informed", "withdrawn"),
        ("gathering_documents", "submitted"),
        ("gathering_documents", "withdrawn"),
        ("submitted", "returned"),
        ("submitted", "granted"),
        ("submitted", "denied"),
        ("submitted", "withdrawn"),
        ("returned", "gathering_documents"),
        ("returned", "submitted"),
        ("returned", "withdrawn"),
        ("denied", "appealed"),
        ("appealed", "granted"),
        ("appealed", "denied"),
        ("appealed", "withdrawn"),
    ],
    "consent": [(None, "granted"), ("granted", "withdrawn"), ("granted", "expired")],
}


def upgrade() -> None:
    """Create the tables, their transitions and the functions over all agencies, and guard each table."""
    for section in (
        "registry",
        "keys",
        "access_log",
        "authorship",
        "desk",
        "sharing",
        "questions",
        "rights",
        "statistics",
    ):
        _execute(section)
    for machine, pairs in TRANSITIONS.items():
        record_transitions(machine, pairs)
    _execute("transition_triggers")
    _execute("functions")
    _execute("person_parts")
    for aggregate in ("household", "person", "demand_report", "retention_run"):
        guard(aggregate, root=True)
    guard("package", root=True, append_only=True)
    guard("consent_use", root=True)
    guard("payee_permit", root=True, append_only=True, write=())
    guard("payee_permit_use", append_only=True, write=())
    for part in (
        "search_token",
        "search",
        "timeline_entry",
        "assignment",
        "registration",
        "visit",
        "need",
        "guidance",
        "procedure",
        "consent",
        "legal_hold",
    ):
        guard(part)
    # The data protection officer answers requests of access and of erasure, which include these records.
    guard("restricted_need", duties=("protection_officer", "data_protection_officer"))
    guard("subject_key", schema="keys")
    for log in ("access_entry", "access_seal", "access_cut", "access_verification", "erasure"):
        guard(log, append_only=True)
    for record in ("authorship", "payout_confirmation"):
        guard(record, append_only=True)
    _execute("authorship_triggers")
    _execute("access_log_functions")
    guard("inquiry", root=True)
    guard("question", root=True, append_only=True)
    guard("question_match", append_only=True)
    _execute("question_functions")
    _execute("privileges")
    open_to_service("published.tiu")


def _execute(name: str) -> None:
    """Run a file of the folder `sql`, in which the names between @ signs are replaced."""
    sql = (SQL / f"{name}.sql").read_text("utf-8")
    values = {"owned": OWNED, "app": f"{service()}_app", "service": service()}
    for value in values:
        sql = sql.replace(f"@{value}@", values[value])
    op.execute(sql)
