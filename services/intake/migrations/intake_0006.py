"""The queue of the day at a centre."""

from alembic import op
from solidary.platform.database.migrations import guard, record_transitions, service

revision = "intake_0006"
down_revision = "intake_0005"
branch_labels = None
depends_on = None

QUEUE = """
CREATE TABLE data.queue_ticket (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    centre_id uuid NOT NULL,
    day date NOT NULL,
    number int NOT NULL,
    person_id uuid,
    state text NOT NULL,
    called timestamptz,
    ended timestamptz,
    CONSTRAINT queue_ticket_number UNIQUE (centre_id, day, number),
    CONSTRAINT queue_ticket_centre FOREIGN KEY (centre_id, agency) REFERENCES data.centre (id, agency),
    CONSTRAINT queue_ticket_person FOREIGN KEY (person_id) REFERENCES data.person ON DELETE SET NULL
);
CREATE INDEX queue_ticket_person ON data.queue_ticket (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX queue_ticket_age ON data.queue_ticket (day);
CREATE TRIGGER queue_ticket_transition BEFORE INSERT OR UPDATE OF state ON data.queue_ticket FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('queue_ticket');
"""

FUNCTION = """
REVOKE UPDATE, DELETE ON data.queue_ticket FROM {app};
GRANT UPDATE (state, called, ended) ON data.queue_ticket TO {app};

-- For the timer of all agencies: forgets who was in the queue of a day before one, and deletes tickets before another.
CREATE FUNCTION machinery.forget_queue(named_until date, kept_until date) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, machinery, pg_temp AS $$
    WITH old AS (DELETE FROM queue_ticket WHERE day < kept_until RETURNING id)
    DELETE FROM aggregate_owner WHERE root IN (SELECT id FROM old);
    UPDATE queue_ticket SET person_id = NULL WHERE person_id IS NOT NULL AND day < named_until;
$$;
REVOKE ALL ON FUNCTION machinery.forget_queue FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.forget_queue TO {app};
"""

TRANSITIONS = [
    (None, "waiting"),
    ("waiting", "called"),
    ("called", "waiting"),
    ("called", "served"),
    ("waiting", "left"),
    ("called", "left"),
]


def upgrade() -> None:
    record_transitions("queue_ticket", TRANSITIONS)
    op.execute(QUEUE)
    guard("queue_ticket", root=True, write=())
    op.execute(FUNCTION.format(app=f"{service()}_app"))
