"""A plan that nobody goes on with does not keep its households from being paid by another."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "cash_0005"
down_revision = "cash_0004"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE data.payment_plan ADD COLUMN touched timestamptz NOT NULL DEFAULT clock_timestamp();

CREATE FUNCTION machinery.plan_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.touched := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER touched BEFORE UPDATE ON data.payment_plan FOR EACH ROW EXECUTE FUNCTION machinery.plan_touched();

CREATE FUNCTION machinery.abandoned_plans(before timestamptz) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data AS $$
    SELECT p.id, p.agency FROM payment_plan p
    WHERE p.state IN ('draft', 'populated', 'locked', 'entitled', 'submitted', 'approved', 'authorised')
        AND p.touched < before AND NOT EXISTS (SELECT FROM signature s WHERE s.root = p.id AND s.created >= before)
$$;
REVOKE ALL ON FUNCTION machinery.abandoned_plans FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.abandoned_plans TO {s}_app;
"""


def upgrade() -> None:
    op.execute(STATEMENTS.format(s=service()))
