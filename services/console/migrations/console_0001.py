"""The sessions of people who are logged in at the pages."""

from alembic import op
from solidary.platform.database.migrations import open_to_service

revision = "console_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

SESSIONS = """
-- `id` is the SHA-256 of the cookie. `content` can be read with the cookie only (docs/decisions/0047): it is encrypted
-- with a key that is derived from the cookie and from the instance's secret.
CREATE TABLE machinery.page_session (
    id bytea PRIMARY KEY CHECK (length(id) = 32),
    subject uuid NOT NULL,
    content bytea NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    used timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON machinery.page_session (subject);
CREATE INDEX ON machinery.page_session (used);
"""


def upgrade() -> None:
    op.execute(SESSIONS)
    open_to_service("machinery.page_session")
