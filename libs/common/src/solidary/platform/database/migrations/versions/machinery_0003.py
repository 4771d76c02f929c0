"""How far each subscriber is behind, as its worker last measured it: for the health page."""

from alembic import op
from solidary.platform.database.migrations import open_to_service

revision = "machinery_0003"
down_revision = "machinery_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        -- A worker measures the partitions that it reads; one that nobody reads keeps its old time.
        CREATE TABLE machinery.lag (
            subscriber text NOT NULL,
            topic text NOT NULL,
            partition int NOT NULL,
            events bigint NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (subscriber, topic, partition)
        ) WITH (fillfactor = 50)
        """
    )
    open_to_service("machinery.lag")
