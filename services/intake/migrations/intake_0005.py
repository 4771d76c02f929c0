"""Centres, and complaints with their restricted circle.

Beside the policies of the agency, a sensitive complaint and its history are for transactions with a duty of the circle.
Filing one needs no duty: it is an INSERT, which no such policy restricts.
"""

from alembic import op
from solidary.platform.database.migrations import guard, record_transitions, record_updates, service

revision = "intake_0005"
down_revision = "intake_0004"
branch_labels = None
depends_on = None

OWNED = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""

CENTRES = """
CREATE TABLE data.centre ({owned},
    code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    area text NOT NULL,
    is_open boolean NOT NULL,
    details jsonb NOT NULL,
    CONSTRAINT centre_code UNIQUE (agency, code),
    CONSTRAINT centre_of_agency UNIQUE (id, agency)
);
CREATE INDEX centre_list ON data.centre (agency, created, id);

CREATE TABLE published.centre (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    area text NOT NULL,
    is_open boolean NOT NULL,
    details jsonb NOT NULL
);
GRANT SELECT ON published.centre TO {app};

-- A trigger: keeps the public copy of each centre, which the service cannot write itself.
CREATE FUNCTION machinery.publish_centre() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = published, pg_temp AS $$
BEGIN
    INSERT INTO centre (id, agency, kind, name, area, is_open, details)
    VALUES (NEW.id, NEW.agency, NEW.kind, NEW.name, NEW.area, NEW.is_open, NEW.details)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, area = excluded.area,
        is_open = excluded.is_open, details = excluded.details;
    RETURN NULL;
END $$;
CREATE TRIGGER publish_centre AFTER INSERT OR UPDATE ON data.centre FOR EACH ROW
    EXECUTE FUNCTION machinery.publish_centre();
"""

COMPLAINTS = """
-- The texts are in the entries, encrypted with a key of each complaint. Of the code there is a digest only.
CREATE TABLE data.complaint ({owned},
    centre_id uuid NOT NULL,
    kind text NOT NULL,
    is_sensitive boolean NOT NULL,
    area text NOT NULL,
    channel text NOT NULL,
    language text NOT NULL,
    state text NOT NULL,
    answer_by date NOT NULL,
    code_hash bytea NOT NULL,
    request_digest bytea NOT NULL,
    CONSTRAINT complaint_code UNIQUE (code_hash),
    CONSTRAINT complaint_sensitivity UNIQUE (id, is_sensitive),
    CONSTRAINT complaint_centre FOREIGN KEY (centre_id, agency) REFERENCES data.centre (id, agency)
);
CREATE INDEX complaint_list ON data.complaint (agency, is_sensitive, created, id);
CREATE INDEX complaint_state ON data.complaint (agency, is_sensitive, state, created, id);
CREATE INDEX complaint_centre_list ON data.complaint (centre_id, is_sensitive, created, id);
CREATE INDEX complaint_age ON data.complaint (state, created);
CREATE TRIGGER complaint_transition BEFORE INSERT OR UPDATE OF state ON data.complaint FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('complaint');

CREATE TABLE data.complaint_entry ({owned},
    step text NOT NULL,
    is_sensitive boolean NOT NULL,
    content bytea,
    CONSTRAINT complaint_entry_complaint FOREIGN KEY (root, is_sensitive)
        REFERENCES data.complaint (id, is_sensitive) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX complaint_entry_list ON data.complaint_entry (root, created);

CREATE TABLE data.complaint_report ({owned},
    period_start date NOT NULL,
    period_end date NOT NULL,
    k int NOT NULL,
    withheld int NOT NULL,
    content jsonb NOT NULL,
    CONSTRAINT complaint_report_period UNIQUE (agency, period_start)
);
CREATE INDEX complaint_report_list ON data.complaint_report (agency, created, id);
"""

RULES = """
CREATE POLICY circle_select ON data.{table} AS RESTRICTIVE FOR SELECT USING (NOT is_sensitive OR {held});
CREATE POLICY circle_update ON data.{table} AS RESTRICTIVE FOR UPDATE USING (NOT is_sensitive OR {held});
"""
HELD = """string_to_array((SELECT current_setting('app.duties')), ',')
    && ARRAY['protection_officer', 'data_protection_officer']"""

FUNCTIONS = """
REVOKE UPDATE, DELETE ON data.complaint FROM {app};
GRANT UPDATE (state, answer_by) ON data.complaint TO {app};

-- A trigger: the answer to a complaint and the decision of its appeal are by two people.
CREATE FUNCTION machinery.check_complaint_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.step = 'decided' AND EXISTS (SELECT FROM data.complaint_entry e
        WHERE e.root = NEW.root AND e.step = 'answered' AND e.recorded_by = NEW.recorded_by) THEN
        RAISE EXCEPTION 'an appeal is decided by somebody else than the answer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'complaint_decided_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_complaint_entry BEFORE INSERT ON data.complaint_entry FOR EACH ROW
    EXECUTE FUNCTION machinery.check_complaint_entry();

-- The complaint of a code, of whatever agency: what its status page needs, and neither its text nor its contact.
CREATE FUNCTION machinery.complaint_of_code(code bytea) RETURNS TABLE (id uuid, agency uuid, kind text, state text,
    created timestamptz, answer_by date, request_digest bytea, answer bytea, answered timestamptz, decision bytea,
    decided timestamptz, wrapped bytea, wrapped_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT c.id, c.agency, c.kind, c.state, c.created, c.answer_by, c.request_digest, a.content, a.created, d.content,
        d.created, k.wrapped, k.wrapped_by
    FROM complaint c JOIN keys.subject_key k ON k.id = c.id
        LEFT JOIN complaint_entry a ON a.root = c.id AND a.step = 'answered'
        LEFT JOIN complaint_entry d ON d.root = c.id AND d.step = 'decided'
    WHERE c.code_hash = code
$$;

-- Appeals by a code, once.
CREATE FUNCTION machinery.appeal_complaint(code bytea, content bytea, answer_by date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, pg_temp AS $$
DECLARE
    appealed complaint;
BEGIN
    UPDATE complaint c SET state = 'appealed', answer_by = appeal_complaint.answer_by
        WHERE c.code_hash = code AND c.state = 'answered' RETURNING * INTO appealed;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only an answer can be appealed against'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'complaint_transition';
    END IF;
    INSERT INTO complaint_entry (id, agency, root, step, is_sensitive, content) VALUES (gen_random_uuid(),
        appealed.agency, appealed.id, 'appealed', appealed.is_sensitive, appeal_complaint.content);
END $$;

-- Hands a complaint of the acting agency to the circle; the entries follow by their foreign key.
CREATE FUNCTION machinery.restrict_complaint(restricted uuid, kind text, answer_by date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, pg_temp AS $$
BEGIN
    INSERT INTO complaint_entry (id, root, step, is_sensitive)
        SELECT gen_random_uuid(), c.id, 'restricted', false FROM complaint c
        WHERE c.id = restricted AND c.agency = current_setting('app.agency')::uuid AND NOT c.is_sensitive;
    UPDATE complaint c SET is_sensitive = true, kind = restrict_complaint.kind,
            answer_by = least(c.answer_by, restrict_complaint.answer_by)
        WHERE c.id = restricted AND c.agency = current_setting('app.agency')::uuid AND NOT c.is_sensitive;
END $$;

-- For the timer of all agencies: closes complaints whose answer is older than a time.
CREATE FUNCTION machinery.close_answered_complaints(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    WITH closed AS (
        UPDATE complaint c SET state = 'closed' WHERE c.state = 'answered' AND EXISTS (SELECT FROM complaint_entry e
            WHERE e.root = c.id AND e.step = 'answered' AND e.created < before)
        RETURNING c.id, c.agency, c.is_sensitive
    )
    INSERT INTO complaint_entry (id, agency, root, step, is_sensitive, recorded_by)
        SELECT gen_random_uuid(), agency, id, 'closed', is_sensitive, '00000000-0000-0000-0000-000000000000' FROM closed
$$;

-- For the timer of all agencies: deletes complaints that were closed before a time, with their keys.
CREATE FUNCTION machinery.delete_closed_complaints(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, machinery, pg_temp AS $$
    WITH old AS (
        DELETE FROM complaint c WHERE c.state = 'closed' AND c.created < before AND NOT EXISTS (
            SELECT FROM complaint_entry e WHERE e.root = c.id AND e.step <> 'read' AND e.created >= before)
        RETURNING c.id
    ), owners AS (DELETE FROM aggregate_owner WHERE root IN (SELECT id FROM old))
    DELETE FROM keys.subject_key WHERE id IN (SELECT id FROM old)
$$;

REVOKE ALL ON FUNCTION machinery.complaint_of_code, machinery.appeal_complaint, machinery.restrict_complaint,
    machinery.close_answered_complaints, machinery.delete_closed_complaints FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.complaint_of_code, machinery.appeal_complaint, machinery.restrict_complaint,
    machinery.close_answered_complaints, machinery.delete_closed_complaints TO {app};
"""

TRANSITIONS = [
    (None, "received"),
    ("received", "in_hand"),
    ("received", "answered"),
    ("in_hand", "answered"),
    ("answered", "appealed"),
    ("appealed", "closed"),
    ("answered", "closed"),
]


def upgrade() -> None:
    names = {"owned": OWNED, "app": f"{service()}_app", "held": HELD}
    record_transitions("complaint", TRANSITIONS)
    op.execute(CENTRES.format(**names))
    op.execute(COMPLAINTS.format(**names))
    for table in ("centre", "complaint"):
        guard(table, root=True, write=())
    guard("complaint_report", root=True, append_only=True, write=())
    guard("complaint_entry", append_only=True, write=())
    record_updates("centre", "complaint")
    for table in ("complaint", "complaint_entry"):
        op.execute(RULES.format(table=table, **names))
    op.execute(FUNCTIONS.format(**names))
