"""Assessments, their findings, and the plan lines they propose."""

from alembic import op
from solidary.platform.database.migrations import guard

revision = "market_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

OWNED = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""
THOUSANDTHS = "int NOT NULL CHECK (%s BETWEEN 0 AND 1000)"


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE data.assessment ({OWNED},
            title text NOT NULL,
            area text NOT NULL,
            co_lead uuid NOT NULL,
            fielded_from date,
            state text NOT NULL
        );
        CREATE INDEX ON data.assessment (agency, created, id);
        CREATE TABLE data.sector ({OWNED},
            ciiu text NOT NULL,
            employment_before int NOT NULL CHECK (employment_before >= 0),
            employment_after int NOT NULL CHECK (employment_after >= 0),
            self_employed_after int NOT NULL CHECK (self_employed_after >= 0),
            vacancies int NOT NULL CHECK (vacancies >= 0),
            CONSTRAINT uq_sector_ciiu UNIQUE (root, ciiu)
        );
        CREATE TABLE data.barrier ({OWNED},
            ciiu text NOT NULL,
            kind text NOT NULL,
            scope text NOT NULL,
            severity {THOUSANDTHS % "severity"},
            share_affected {THOUSANDTHS % "share_affected"},
            removability {THOUSANDTHS % "removability"}
        );
        CREATE INDEX ON data.barrier (root);
        CREATE TABLE data.plan_line ({OWNED},
            assessment_id uuid NOT NULL REFERENCES data.assessment,
            plan_id uuid NOT NULL,
            title text NOT NULL,
            ciiu text NOT NULL,
            currency char(3) NOT NULL,
            cost_minor bigint NOT NULL CHECK (cost_minor > 0),
            state text NOT NULL,
            reason text,
            action_id uuid
        );
        CREATE INDEX ON data.plan_line (assessment_id, created, id);
        """
    )
    guard("assessment", root=True)
    guard("sector")
    guard("barrier")
    guard("plan_line", root=True)
