"""The transitions of every state machine of a service, and the trigger that admits no other change of state."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "machinery_0009"
down_revision = "machinery_0008"
branch_labels = None
depends_on = None

TABLES = """
-- `source` is null for the states in which an aggregate may begin.
CREATE TABLE machinery.transition (
    machine text NOT NULL,
    source text,
    target text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (machine, source, target)
);
"""

FUNCTIONS = """
-- CREATE TRIGGER payment_plan_transition BEFORE INSERT OR UPDATE OF state ON data.payment_plan FOR EACH ROW
--     EXECUTE FUNCTION machinery.check_transition('payment_plan');
CREATE FUNCTION machinery.check_transition() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = machinery, pg_temp AS $$
DECLARE
    before text := CASE TG_OP WHEN 'UPDATE' THEN OLD.state END;
BEGIN
    IF NEW.state IS DISTINCT FROM before AND NOT EXISTS (SELECT FROM transition t
        WHERE t.machine = TG_ARGV[0] AND t.source IS NOT DISTINCT FROM before AND t.target = NEW.state) THEN
        RAISE EXCEPTION 'no transition of % from % to %', TG_ARGV[0], before, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0] || '_transition';
    END IF;
    RETURN NEW;
END $$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    op.execute(f"GRANT SELECT ON machinery.transition TO {service()}_app, {service()}_backup")
