"""The tables of the sample service of these tests."""

from alembic import op
from solidary.platform.database.migrations import guard, service

revision = "samples_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

TABLES = """
CREATE TABLE data.sample (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    content text NOT NULL CONSTRAINT sample_content_check CHECK (content <> '')
);
CREATE TABLE data.sample_count (
    agency uuid NOT NULL,
    root uuid NOT NULL,
    events bigint NOT NULL,
    last_sequence bigint NOT NULL,
    gaps bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (agency, root)
);
"""


def upgrade() -> None:
    op.execute(TABLES)
    guard("sample", root=True)
    guard("sample_count")
    op.execute(f"GRANT DELETE ON ALL TABLES IN SCHEMA data TO {service()}_migrate")
