"""The indexes of provisional people, and the validation of the constraints of the revision before.

What comes before the indexes may run again: it is committed first.
"""

from alembic import op
from solidary.platform.database.migrations import create_index_concurrently

revision = "intake_0009"
down_revision = "intake_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Validate beside writers, and replace the index of provisional people by one for each list."""
    for constraint in ("person_same_as", "person_same_as_while_provisional"):
        op.execute(f"ALTER TABLE data.person VALIDATE CONSTRAINT {constraint}")
    undecided = "state = 'provisional' AND same_as IS NULL"
    create_index_concurrently("person_undecided", f"data.person (agency, created, id) WHERE {undecided}")
    create_index_concurrently(
        "person_duplicate", "data.person (agency, created, id) WHERE same_as IS NOT NULL"
    )
    create_index_concurrently("person_same_as", "data.person (same_as) WHERE same_as IS NOT NULL")
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS data.person_provisional")
