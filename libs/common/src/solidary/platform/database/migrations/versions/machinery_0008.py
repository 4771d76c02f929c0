"""The relay sweeps the outbox itself: what it has deleted there would be in its own way until autovacuum comes."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "machinery_0008"
down_revision = "machinery_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"GRANT MAINTAIN ON machinery.outbox TO {service()}_relay")
