"""The events that the feeds hold become notices, so that the subscriptions begin with them.

It takes no lock on which anybody waits. An event of which a notice was sent already is recognised by its id.
"""

from alembic import op
from solidary.platform.database.migrations import service

revision = "machinery_0003"
down_revision = "machinery_0002"
branch_labels = None
depends_on = None

COPY = """
INSERT INTO machinery.outbox (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
SELECT id, '{s}.parties', subject, 'org.solidary.notice.v1',
    '{{"type":' || to_json(type) || ',"agencies":' || json_agg(agency) || ',"data":' || payload || '}}',
    owner, sequence, time
FROM machinery.feed GROUP BY id, outbox_position, subject, type, payload, owner, sequence, time ORDER BY outbox_position
"""


def upgrade() -> None:
    op.execute(COPY.format(s=service()))
