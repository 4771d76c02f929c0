"""The author of a correction of sex, group and language, which decide on a payment as a name does.

The revision may run again. The condition is no comparison of rows: PostgreSQL shows one otherwise after a restore, and
what was restored then differs from its backup.
"""

from alembic import op

revision = "intake_0011"
down_revision = "intake_0010"
branch_labels = None
depends_on = None

TRIGGER = """
CREATE OR REPLACE TRIGGER record_author_of_statements AFTER UPDATE OF sex, population_group, language ON data.person
    FOR EACH ROW WHEN (OLD.sex IS DISTINCT FROM NEW.sex OR OLD.population_group IS DISTINCT FROM NEW.population_group
        OR OLD.language IS DISTINCT FROM NEW.language)
    EXECUTE FUNCTION machinery.record_author('identity', 'id');
"""


def upgrade() -> None:
    op.execute(TRIGGER)
