"""Of several agencies that draw on a budget line, each sees and moves what is its own."""

from alembic import op
from solidary.platform.database.scope import CURRENT_AGENCY

revision = "cash_0004"
down_revision = "cash_0003"
branch_labels = None
depends_on = None

STATEMENTS = f"""
CREATE POLICY owner_or_drawer ON data.transfer AS RESTRICTIVE FOR SELECT
    USING (agency = {CURRENT_AGENCY} OR drawn_by = {CURRENT_AGENCY});

CREATE FUNCTION machinery.transfers_stay_with_their_drawer() RETURNS trigger LANGUAGE plpgsql
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    wrong boolean;
BEGIN
    EXECUTE $q$ SELECT count(*) > 0 FROM added a
            LEFT JOIN LATERAL (SELECT * FROM transfer t WHERE t.id = a.pending LIMIT 1) r ON true
        WHERE a.pending IS NOT NULL
            AND (r.drawn_by, r.payment) IS DISTINCT FROM (a.drawn_by, a.payment) $q$ INTO wrong;
    IF wrong THEN
        PERFORM refuse('transfer_own', 'a reservation is resolved by who made it, for the same payment');
    END IF;
    EXECUTE $q$ SELECT count(*) > 0 FROM added a LEFT JOIN LATERAL
            (SELECT * FROM transfer t WHERE t.payment = a.payment AND t.kind = 'post' LIMIT 1) p ON true
        WHERE a.code IN ('settlement', 'late_return')
            AND (p.drawn_by, p.root, p.amount) IS DISTINCT FROM (a.drawn_by, a.root, a.amount) $q$ INTO wrong;
    IF wrong THEN
        PERFORM refuse('transfer_of_payment', 'what is settled or comes back is a payment that its drawer delivered');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stay_with_their_drawer AFTER INSERT ON data.transfer REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.transfers_stay_with_their_drawer();
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
