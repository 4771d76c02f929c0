"""The time of a row's last change, for lists of what changed."""

from alembic import op
from solidary.platform.database.migrations import record_updates

revision = "machinery_0005"
down_revision = "machinery_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the trigger's function, and give long work its time."""
    op.execute(
        """
        CREATE OR REPLACE FUNCTION machinery.record_update() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated := clock_timestamp();
            RETURN NEW;
        END $$
        """
    )
    record_updates("work")
