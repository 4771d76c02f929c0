"""Batches and effects. No constraint prevents a duplicated effect, so that the round can find it."""

from alembic import op
from solidary.platform.database.migrations import guard, service

revision = "samples_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE data.batch (
            id uuid PRIMARY KEY,
            agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
            root uuid NOT NULL,
            created timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE data.effect (
            seen bigint GENERATED ALWAYS AS IDENTITY,
            agency uuid NOT NULL,
            root uuid NOT NULL,
            event_id uuid NOT NULL,
            sequence bigint NOT NULL
        );
        """
    )
    guard("batch", root=True)
    guard("effect", append_only=True)
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA data TO {service()}_app")
