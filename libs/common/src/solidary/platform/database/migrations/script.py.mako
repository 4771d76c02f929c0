"""${message}"""

from alembic import op

from solidary.database.migrations import guard

revision = "${up_revision}"
down_revision = ${repr(down_revision)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
