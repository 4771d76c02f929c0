"""Market assessments, their findings, and the plan lines that they propose."""

from alembic import op
from solidary.platform.database.migrations import guard, record_transitions

revision = "market_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

OWNED = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""

ASSESSMENTS = f"""
CREATE TABLE data.assessment ({OWNED},
    title text NOT NULL,
    area text NOT NULL,
    municipality uuid NOT NULL,
    fieldwork_starts_on date,
    state text NOT NULL
);
CREATE INDEX ON data.assessment (agency, created, id);
CREATE TRIGGER assessment_transition BEFORE INSERT OR UPDATE OF state ON data.assessment FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('market_assessment');
"""

ASSESSMENT_TRANSITIONS = [
    (None, "designed"),
    ("designed", "agreed_with_municipality"),
    ("agreed_with_municipality", "fielding"),
    ("fielding", "cleaned"),
    ("cleaned", "scored"),
    ("scored", "validated_in_workshop"),
    ("validated_in_workshop", "action_plan"),
    ("action_plan", "adopted"),
    ("adopted", "monitored"),
]

FINDINGS = f"""
CREATE TABLE data.sector ({OWNED},
    code text NOT NULL,
    employment_before int NOT NULL CHECK (employment_before >= 0),
    employment_after int NOT NULL CHECK (employment_after >= 0),
    self_employed_after int NOT NULL CHECK (self_employed_after >= 0),
    vacancies int NOT NULL CHECK (vacancies >= 0),
    CONSTRAINT uq_sector_root_code UNIQUE (root, code)
);
CREATE TABLE data.barrier ({OWNED},
    sector text NOT NULL,
    kind text NOT NULL,
    scope text NOT NULL,
    severity int NOT NULL CHECK (severity BETWEEN 0 AND 1000),
    share_affected int NOT NULL CHECK (share_affected BETWEEN 0 AND 1000),
    removability int NOT NULL CHECK (removability BETWEEN 0 AND 1000)
);
CREATE INDEX ON data.barrier (root);
"""

PLAN_LINES = f"""
CREATE TABLE data.plan_line ({OWNED},
    assessment_id uuid NOT NULL REFERENCES data.assessment,
    plan_id uuid NOT NULL,
    title text NOT NULL,
    sector text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
    cost_minor bigint NOT NULL CHECK (cost_minor > 0),
    state text NOT NULL,
    reason text,
    action_id uuid,
    CONSTRAINT plan_line_reason_required CHECK (state <> 'rejected' OR reason IS NOT NULL)
);
CREATE INDEX ON data.plan_line (assessment_id, created, id);
CREATE TRIGGER plan_line_transition BEFORE INSERT OR UPDATE OF state ON data.plan_line FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('plan_line');
"""

PLAN_LINE_TRANSITIONS = [
    (None, "proposed"),
    ("proposed", "accepted"),
    ("proposed", "rejected"),
    ("accepted", "rejected"),
    ("rejected", "accepted"),
]


def upgrade() -> None:
    """Create the tables, with their state machines and row-level security."""
    record_transitions("market_assessment", ASSESSMENT_TRANSITIONS)
    record_transitions("plan_line", PLAN_LINE_TRANSITIONS)
    for statements in (ASSESSMENTS, FINDINGS, PLAN_LINES):
        op.execute(statements)
    guard("assessment", root=True)
    guard("sector")
    guard("barrier")
    guard("plan_line", root=True)
