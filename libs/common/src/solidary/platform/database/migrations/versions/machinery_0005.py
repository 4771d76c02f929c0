"""What an operator gave up is marked, and parked headers keep their bytes."""

from alembic import op

revision = "machinery_0005"
down_revision = "machinery_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        -- Given up by an operator: it has no effect, nor gets one when the read model is rebuilt.
        ALTER TABLE machinery.inbox ADD COLUMN given_up boolean NOT NULL DEFAULT false;

        -- A header's value is bytes that need be no text: base64.
        UPDATE machinery.parked_event SET headers = (
            SELECT coalesce(jsonb_agg(jsonb_build_array(
                header ->> 0, translate(encode(convert_to(header ->> 1, 'UTF8'), 'base64'), chr(10), '')
            ) ORDER BY place), '[]')
            FROM jsonb_array_elements(headers) WITH ORDINALITY AS each(header, place)
        );
        """
    )
