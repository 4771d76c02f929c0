"""The number of provisional people, for telemetry.

What comes before the index may run again: it is committed first.
"""

from alembic import op
from solidary.platform.database.migrations import create_index_concurrently, service

revision = "intake_0003"
down_revision = "intake_0002"
branch_labels = None
depends_on = None

FUNCTION = """
-- Rounded down to tens: an exact number would show when somebody in particular was registered.
CREATE OR REPLACE FUNCTION machinery.count_provisional_people() RETURNS bigint
STABLE LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT count(*) / 10 * 10 FROM person WHERE state = 'provisional'
$$;
REVOKE ALL ON FUNCTION machinery.count_provisional_people FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.count_provisional_people TO {s}_app;
"""


def upgrade() -> None:
    op.execute(FUNCTION.format(s=service()))
    create_index_concurrently("person_provisional", "data.person (created) WHERE state = 'provisional'")
