"""Long work, and how far it is: in place of `progress`, which nothing used."""

from alembic import op
from solidary.platform.database.migrations import guard, service

revision = "machinery_0004"
down_revision = "machinery_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        DROP TABLE data.progress;
        CREATE TABLE data.work (
            id uuid PRIMARY KEY,
            agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
            root uuid NOT NULL,
            created timestamptz NOT NULL DEFAULT clock_timestamp(),
            what text NOT NULL,
            done bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
            total bigint CHECK (total >= 0),
            result text,
            finished timestamptz,
            failure jsonb,
            CHECK (failure IS NULL OR finished IS NOT NULL)
        );
        CREATE INDEX ON data.work (agency, created DESC, id DESC);
        """
    )
    guard("work", root=True, write=())
    app = f"{service()}_app"
    op.execute(f"REVOKE UPDATE, DELETE ON data.work FROM {app}")
    op.execute(f"GRANT UPDATE (done, total, result, finished, failure) ON data.work TO {app}")
