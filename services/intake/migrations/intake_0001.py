"""The tables of intake: people and households, the work of the desk, consents and packages, published demand."""

from alembic import op
from solidary.platform.database.migrations import guard, open_to_service, record_transitions, service

revision = "intake_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

AGENCY_COLUMNS = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""

REGISTRY = f"""
CREATE TABLE data.household ({AGENCY_COLUMNS},
    version int NOT NULL DEFAULT 1,
    area text NOT NULL,
    cell text CONSTRAINT household_cell_resolution CHECK (cell ~ '^8[0-9]'),
    shelter text,
    own_income bigint NOT NULL DEFAULT 0,
    other_aid bigint NOT NULL DEFAULT 0,
    CONSTRAINT household_own_income_not_negative CHECK (own_income >= 0),
    CONSTRAINT household_other_aid_not_negative CHECK (other_aid >= 0)
);

-- `identity` and `payout` are encrypted with the person's own key. In the open is what counting needs.
CREATE TABLE data.person ({AGENCY_COLUMNS},
    household_id uuid NOT NULL,
    state text NOT NULL,
    relation text NOT NULL,
    sex text NOT NULL,
    birth_year int,
    population_group text NOT NULL,
    language text NOT NULL,
    indexed_by text NOT NULL,
    identity bytea NOT NULL,
    payout bytea,
    payout_version int NOT NULL DEFAULT 0,
    CONSTRAINT person_household FOREIGN KEY (household_id) REFERENCES data.household
);
CREATE INDEX person_list ON data.person (agency, created, id);
CREATE INDEX person_household ON data.person (household_id);

-- Keyed tokens of the sounds of names, dates of birth, documents and telephones, compared for equality.
CREATE TABLE data.search_token (
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    token bytea NOT NULL,
    root uuid NOT NULL,
    is_strong boolean NOT NULL,
    PRIMARY KEY (agency, token, root)
);
CREATE INDEX search_token_strong ON data.search_token (token, agency) WHERE is_strong;
CREATE INDEX search_token_person ON data.search_token (root);

-- `result` is encrypted with a key of its own; a timer deletes each search after a day.
CREATE TABLE data.search ({AGENCY_COLUMNS},
    candidates uuid[] NOT NULL,
    result bytea NOT NULL
);
CREATE INDEX search_age ON data.search (created);

-- Who in the agency works with a person, until when.
CREATE TABLE data.assignment ({AGENCY_COLUMNS},
    assignee uuid NOT NULL,
    role text NOT NULL,
    valid_until timestamptz
);
CREATE INDEX assignment_person ON data.assignment (agency, root, assignee);

CREATE TABLE data.timeline_entry ({AGENCY_COLUMNS},
    at timestamptz NOT NULL,
    kind text NOT NULL,
    reference uuid
);
CREATE INDEX timeline_entry_list ON data.timeline_entry (agency, root, created, id);
"""

KEYS = f"""
-- The keys of people and searches, apart from the rows that they open: a backup of the rows leaves this schema out.
CREATE SCHEMA keys;
GRANT USAGE ON SCHEMA keys TO {{service}}_app, {{service}}_backup;

CREATE TABLE keys.subject_key ({AGENCY_COLUMNS},
    wrapped bytea NOT NULL,
    wrapped_by text NOT NULL
);
"""

ACCESS_LOG = f"""
-- `recorded_by` (of `guard`) is who read or wrote. `number` orders the entries; `seal` is the one that covers an entry.
CREATE TABLE data.access_entry ({AGENCY_COLUMNS},
    number bigint GENERATED ALWAYS AS IDENTITY,
    action text NOT NULL,
    reason text,
    reference uuid,
    service text,
    cause text,
    on_behalf_of uuid,
    recipient uuid,
    seal int
);
CREATE INDEX access_entry_list ON data.access_entry (agency, created, id);
CREATE INDEX access_entry_subject ON data.access_entry (agency, root);
CREATE INDEX access_entry_unsealed ON data.access_entry (agency) WHERE seal IS NULL;
CREATE INDEX access_entry_seal ON data.access_entry (agency, seal);

-- Each seal covers the entries without one and the seal before it, so that none can be removed unnoticed.
CREATE TABLE data.access_seal ({AGENCY_COLUMNS},
    number int NOT NULL,
    entries int NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT access_seal_number UNIQUE (agency, number)
);
"""

AUTHORSHIP = f"""
-- Who wrote what decides on a payment: identity, household, account, needs and consent. Only triggers write here, so
-- that no code can forget. `root` is the person, the household or the consent.
CREATE TABLE data.authorship ({AGENCY_COLUMNS},
    part text NOT NULL,
    author uuid NOT NULL
);
CREATE INDEX authorship_root ON data.authorship (root, part);

CREATE TABLE data.payout_confirmation ({AGENCY_COLUMNS},
    payout_version int NOT NULL,
    confirmed_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid
);
CREATE INDEX payout_confirmation_person ON data.payout_confirmation (root);
"""

AUTHORSHIP_TRIGGERS = """
REVOKE INSERT ON data.authorship FROM {service}_app;

-- Its arguments: the part, and the column with the id of what was written.
CREATE FUNCTION machinery.record_author() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
DECLARE
    written uuid;
BEGIN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[1]) INTO written USING NEW;
    INSERT INTO authorship (id, agency, root, part, author)
        VALUES (gen_random_uuid(), NEW.agency, written, TG_ARGV[0], current_setting('app.subject')::uuid);
    RETURN NULL;
END $$;
CREATE TRIGGER record_author_of_identity AFTER INSERT OR UPDATE OF identity, state ON data.person
    FOR EACH ROW EXECUTE FUNCTION machinery.record_author('identity', 'id');
CREATE TRIGGER record_author_of_size AFTER INSERT OR UPDATE OF household_id ON data.person
    FOR EACH ROW EXECUTE FUNCTION machinery.record_author('household', 'household_id');
CREATE TRIGGER record_author_of_account AFTER UPDATE OF payout ON data.person FOR EACH ROW
    WHEN (OLD.payout IS DISTINCT FROM NEW.payout) EXECUTE FUNCTION machinery.record_author('account', 'id');
CREATE TRIGGER record_author_of_household AFTER INSERT OR UPDATE OF area, shelter, own_income, other_aid
    ON data.household FOR EACH ROW EXECUTE FUNCTION machinery.record_author('household', 'id');
CREATE TRIGGER record_author_of_need AFTER INSERT OR UPDATE ON data.need
    FOR EACH ROW EXECUTE FUNCTION machinery.record_author('needs', 'root');
CREATE TRIGGER record_author_of_consent AFTER INSERT ON data.consent
    FOR EACH ROW EXECUTE FUNCTION machinery.record_author('consent', 'id');

-- An account is confirmed by somebody who did not write it, in its current version.
CREATE FUNCTION machinery.check_payout_confirmation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    NEW.confirmed_by := current_setting('app.subject')::uuid;
    IF EXISTS (SELECT FROM authorship WHERE root = NEW.root AND part = 'account' AND author = NEW.confirmed_by) THEN
        RAISE EXCEPTION 'the writer of an account does not confirm it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payout_confirmed_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payout_confirmed_by_another BEFORE INSERT ON data.payout_confirmation
    FOR EACH ROW EXECUTE FUNCTION machinery.check_payout_confirmation();
"""

# The service adds entries and never names their writer, time, number or seal; only the function below seals them.
ACCESS_FUNCTIONS = """
REVOKE INSERT ON data.access_entry, data.access_seal FROM {service}_app;
GRANT INSERT (id, agency, root, action, reason, reference, service, cause, on_behalf_of, recipient)
    ON data.access_entry TO {service}_app;

CREATE FUNCTION machinery.access_text(e data.access_entry) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT jsonb_build_array(e.number, e.id, e.root, extract(epoch FROM e.created), e.recorded_by, e.action,
        e.reason, e.reference, e.service, e.cause, e.on_behalf_of, e.recipient)::text
$$;

CREATE FUNCTION machinery.access_digest(before bytea, entries text[]) RETURNS bytea STABLE LANGUAGE sql AS $$
    SELECT sha256(coalesce(before, ''::bytea) || convert_to(array_to_string(entries, E'\\n'), 'UTF8'))
$$;
CREATE FUNCTION machinery.seal_access_entries() RETURNS TABLE (number int, digest bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    WITH newest AS (
        SELECT s.number, s.digest FROM access_seal s WHERE s.agency = current_setting('app.agency')::uuid
        ORDER BY s.number DESC LIMIT 1
    ), sealed AS (
        UPDATE access_entry SET seal = coalesce((SELECT n.number FROM newest n), 0) + 1
        WHERE agency = current_setting('app.agency')::uuid AND seal IS NULL RETURNING access_entry AS entry
    )
    INSERT INTO access_seal AS made (id, root, number, entries, digest)
    SELECT gen_random_uuid(), current_setting('app.agency')::uuid, (entry).seal, count(*),
        machinery.access_digest((SELECT n.digest FROM newest n),
            array_agg(machinery.access_text(entry) ORDER BY (entry).number))
    FROM sealed GROUP BY (entry).seal
    RETURNING made.number, made.digest
$$;
REVOKE ALL ON FUNCTION machinery.seal_access_entries FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.seal_access_entries TO {service}_app;
"""

DESK = f"""
CREATE TABLE data.registration ({AGENCY_COLUMNS},
    client_id uuid NOT NULL,
    request_digest bytea NOT NULL,
    members uuid[] NOT NULL,
    CONSTRAINT registration_client_id UNIQUE (agency, client_id)
);

CREATE TABLE data.visit ({AGENCY_COLUMNS},
    day date NOT NULL,
    centre text NOT NULL,
    reason text NOT NULL,
    note bytea
);
CREATE INDEX visit_person ON data.visit (agency, root);

CREATE TABLE data.need ({AGENCY_COLUMNS},
    code text NOT NULL,
    tier text NOT NULL,
    list_version text NOT NULL,
    category text NOT NULL,
    severity text NOT NULL,
    day date NOT NULL,
    state text NOT NULL DEFAULT 'open',
    CONSTRAINT need_tier_ordinary CHECK (tier = 'ordinary')
);
CREATE UNIQUE INDEX need_open ON data.need (agency, root, code) WHERE state = 'open';
CREATE INDEX need_day ON data.need (agency, day);

-- No list, count, export, timeline or event reads this table, and a policy opens it to two duties only. `content` is
-- encrypted: code, severity and note.
CREATE TABLE data.restricted_need ({AGENCY_COLUMNS},
    content bytea NOT NULL
);
CREATE INDEX restricted_need_person ON data.restricted_need (agency, root);

CREATE TABLE data.guidance ({AGENCY_COLUMNS},
    pathway text NOT NULL,
    language text NOT NULL,
    review text NOT NULL,
    deadline date
);
CREATE INDEX guidance_person ON data.guidance (agency, root);
CREATE INDEX guidance_pathway ON data.guidance (agency, pathway);

CREATE TABLE data.procedure ({AGENCY_COLUMNS},
    pathway text NOT NULL,
    state text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    deadline date
);
CREATE INDEX procedure_person ON data.procedure (agency, root);
CREATE UNIQUE INDEX procedure_open ON data.procedure (agency, root, pathway)
    WHERE state NOT IN ('granted', 'denied', 'withdrawn');
"""

SHARING = f"""
CREATE TABLE data.consent ({AGENCY_COLUMNS},
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    package_id uuid NOT NULL,
    purpose text NOT NULL,
    recipient uuid NOT NULL,
    categories text[] NOT NULL,
    basis text NOT NULL,
    language text NOT NULL,
    channel text NOT NULL,
    given_by uuid,
    assent boolean NOT NULL DEFAULT false,
    best_interest date,
    text_version text NOT NULL,
    valid_until timestamptz NOT NULL,
    state text NOT NULL,
    ended timestamptz,
    CONSTRAINT consent_of_another_agency CHECK (recipient <> agency),
    CONSTRAINT consent_person FOREIGN KEY (person_id) REFERENCES data.person,
    CONSTRAINT consent_package UNIQUE (package_id)
);
CREATE INDEX consent_list ON data.consent (agency, root);
CREATE INDEX consent_end ON data.consent (valid_until) WHERE state = 'granted';

-- A package is an aggregate of its own, so that a share opens this row and no other. It is never changed.
CREATE TABLE data.package ({AGENCY_COLUMNS},
    consent_id uuid NOT NULL,
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    purpose text NOT NULL,
    recipient uuid NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT package_consent FOREIGN KEY (consent_id) REFERENCES data.consent
);

-- The use of a consent for a case of another service. The id is that of the referral or of the enrolment in cash:
-- their events name nothing else.
CREATE TABLE data.consent_use ({AGENCY_COLUMNS},
    consent_id uuid NOT NULL REFERENCES data.consent ON DELETE CASCADE,
    package_id uuid NOT NULL REFERENCES data.package ON DELETE CASCADE,
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    service text NOT NULL
);
CREATE INDEX consent_use_by_person ON data.consent_use (agency, person_id);
"""

QUESTIONS = f"""
-- Questions whether another agency may know one person. Nothing of the person is kept, and only the function below
-- writes here: who asks cannot do so without being counted.
CREATE TABLE data.question ({AGENCY_COLUMNS},
    reason text NOT NULL,
    day date NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC')::date,
    matched boolean NOT NULL
);
CREATE INDEX question_day ON data.question (day, agency);

-- One row for each agency that has somebody like the one in a question (`root`). `agency` is the one that was asked.
CREATE TABLE data.question_match ({AGENCY_COLUMNS});
CREATE INDEX question_match_question ON data.question_match (root, agency);

CREATE TABLE data.inquiry ({AGENCY_COLUMNS},
    asked_by uuid NOT NULL,
    day date NOT NULL,
    answer text
);
CREATE INDEX inquiry_list ON data.inquiry (agency, created, id);
CREATE INDEX inquiry_asked_by ON data.inquiry (asked_by, created, id);
"""

# Who may ask what, of whom and how often is decided here, so that no process of the service can ask for more.
QUESTION_FUNCTIONS = """
REVOKE INSERT ON data.question, data.question_match FROM {service}_app;

CREATE FUNCTION machinery.ask_other_agencies(question_reason text, tokens bytea[])
RETURNS TABLE (id uuid, questions int) LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, pg_temp AS $$
DECLARE
    asking uuid := current_setting('app.agency')::uuid;
    asked uuid := gen_random_uuid();
    today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    of_agency int;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('questions ' || asking, 0));
    SELECT count(*), count(*) FILTER (WHERE q.recorded_by = current_setting('app.subject')::uuid) + 1
        INTO of_agency, questions FROM question q WHERE q.day = today AND q.agency = asking;
    IF questions > 40 OR of_agency >= 400 THEN
        RAISE EXCEPTION 'the questions of this day are used up'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_quota';
    END IF;
    IF cardinality(tokens) > 14 THEN  -- those of one person, under two search keys while one replaces the other
        RAISE EXCEPTION 'a question holds one person';
    END IF;
    INSERT INTO question_match (id, root, agency)
        SELECT gen_random_uuid(), asked, t.agency FROM search_token t
        WHERE t.is_strong AND t.token = ANY(tokens) AND t.agency <> asking GROUP BY t.agency;
    INSERT INTO question (id, root, agency, reason, matched) VALUES (asked, asked, asking, question_reason, FOUND);
    id := asked;
    RETURN NEXT;
END $$;

-- How often the other agencies asked, and how often somebody of the acting agency was meant.
CREATE FUNCTION machinery.questions_received(since date)
RETURNS TABLE (asked_by uuid, day date, reason text, questions bigint, matching bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT q.agency, q.day, q.reason, count(*), count(m.id) FROM question q
    LEFT JOIN question_match m ON m.root = q.id AND m.agency = current_setting('app.agency')::uuid
    WHERE q.day >= since AND q.agency <> current_setting('app.agency')::uuid
    GROUP BY 1, 2, 3 ORDER BY 2 DESC, 1, 3 LIMIT 1000
$$;

REVOKE ALL ON FUNCTION machinery.ask_other_agencies, machinery.questions_received FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.ask_other_agencies, machinery.questions_received TO {service}_app;
"""

RIGHTS = f"""
-- Reasons for which a person may not be erased yet. Payments bring the first two kinds.
CREATE TABLE data.legal_hold ({AGENCY_COLUMNS},
    kind text NOT NULL CONSTRAINT legal_hold_kind CHECK (kind IN ('open_payment', 'financial_records', 'proceedings')),
    reference uuid NOT NULL,
    until date NOT NULL,
    reason text,
    lifted timestamptz,
    CONSTRAINT legal_hold_reference UNIQUE (agency, root, kind, reference)
);

-- Who was erased, by ids that mean nothing any more. The list is exported, and replayed in a restored database.
CREATE TABLE data.erasure ({AGENCY_COLUMNS},
    reason text NOT NULL,
    CONSTRAINT erasure_once UNIQUE (root)
);

-- The database in which the list was replayed last. A restored copy is another one, and serves nobody until then.
CREATE TABLE data.retention_run ({AGENCY_COLUMNS},
    execute_on date NOT NULL,
    announced jsonb NOT NULL,
    erased jsonb,
    finished timestamptz
);

CREATE TABLE machinery.erasures_replayed AS SELECT machinery.database_identity() AS identity;
"""

STATISTICS = f"""
CREATE TABLE data.demand_report ({AGENCY_COLUMNS},
    period_start date NOT NULL,
    period_end date NOT NULL,
    k int NOT NULL,
    cells jsonb NOT NULL,
    withheld int NOT NULL,
    tables jsonb NOT NULL,
    CONSTRAINT demand_report_period UNIQUE (agency, period_start)
);

CREATE TABLE published.tiu (
    id uuid PRIMARY KEY,
    label text NOT NULL,
    area text NOT NULL,
    cells text[] NOT NULL
);
"""

TRIGGERS = """
CREATE TRIGGER registration_transition BEFORE INSERT OR UPDATE OF state ON data.person
    FOR EACH ROW EXECUTE FUNCTION machinery.check_transition('registration');
CREATE TRIGGER need_transition BEFORE INSERT OR UPDATE OF state ON data.need
    FOR EACH ROW EXECUTE FUNCTION machinery.check_transition('need');
CREATE TRIGGER procedure_transition BEFORE INSERT OR UPDATE OF state ON data.procedure
    FOR EACH ROW EXECUTE FUNCTION machinery.check_transition('procedure');
CREATE TRIGGER consent_transition BEFORE INSERT OR UPDATE OF state ON data.consent
    FOR EACH ROW EXECUTE FUNCTION machinery.check_transition('consent');
"""

HOLD_TRIGGER = """
CREATE FUNCTION machinery.check_no_legal_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM data.legal_hold
            WHERE root = NEW.root AND agency = NEW.agency AND until >= current_date AND lifted IS NULL) THEN
        RAISE EXCEPTION 'a person under a legal hold cannot be erased'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_no_legal_hold';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER erasure_no_legal_hold BEFORE INSERT ON data.erasure
    FOR EACH ROW EXECUTE FUNCTION machinery.check_no_legal_hold();
"""

TRANSITIONS = {
    "registration": [
        (None, "provisional"),
        (None, "registered"),
        ("provisional", "registered"),
        ("registered", "verified"),
    ],
    "need": [(None, "open"), ("open", "met"), ("open", "closed")],
    "procedure": [
        (None, "identified"),
        ("identified", "informed"),
        ("identified", "withdrawn"),
        ("informed", "gathering_documents"),
        ("informed", "submitted"),
        ("informed", "withdrawn"),
        ("gathering_documents", "submitted"),
        ("gathering_documents", "withdrawn"),
        ("submitted", "returned"),
        ("submitted", "granted"),
        ("submitted", "denied"),
        ("submitted", "withdrawn"),
        ("returned", "gathering_documents"),
        ("returned", "submitted"),
        ("returned", "withdrawn"),
        ("denied", "appealed"),
        ("appealed", "granted"),
        ("appealed", "denied"),
        ("appealed", "withdrawn"),
    ],
    "consent": [(None, "granted"), ("granted", "withdrawn"), ("granted", "expired")],
}

# These functions read the rows of all agencies; each returns no more than its caller may have.
FUNCTIONS = """
CREATE FUNCTION machinery.delete_searches_before(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    WITH old AS (DELETE FROM search WHERE created < before RETURNING id)
    DELETE FROM keys.subject_key WHERE id IN (SELECT id FROM old)
$$;

CREATE FUNCTION machinery.agencies_with_keys_not_wrapped_by(newest text) RETURNS TABLE (agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = keys, pg_temp AS $$
    SELECT DISTINCT k.agency FROM subject_key k WHERE k.wrapped_by <> newest
$$;

CREATE FUNCTION machinery.agencies_with_people_not_indexed_by(newest text) RETURNS TABLE (agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT DISTINCT p.agency FROM person p WHERE p.indexed_by <> newest
$$;

CREATE FUNCTION machinery.agencies_with_unsealed_entries() RETURNS TABLE (agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT DISTINCT e.agency FROM access_entry e WHERE e.seal IS NULL
$$;

CREATE FUNCTION machinery.consents_to_expire(at timestamptz) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT c.id, c.agency FROM consent c WHERE c.state = 'granted' AND c.valid_until <= at
$$;

-- Deletes whatever belongs to a person of the acting agency, in whatever table, and their key. The access log keeps
-- that there was somebody; a registration keeps its id, so that a repeated request registers nobody again.
CREATE FUNCTION machinery.delete_person(deleted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, machinery, pg_temp AS $$
DECLARE
    acting uuid := current_setting('app.agency')::uuid;
    home uuid;
    packages uuid[];
    part name;
BEGIN
    DELETE FROM keys.subject_key WHERE root = deleted AND agency = acting;
    WITH showing AS (DELETE FROM search WHERE agency = acting AND deleted = ANY(candidates) RETURNING id)
    DELETE FROM keys.subject_key WHERE id IN (SELECT id FROM showing);
    SELECT household_id INTO home FROM person WHERE id = deleted AND agency = acting FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    packages := ARRAY(SELECT p.id FROM package p JOIN consent c ON c.id = p.consent_id
        WHERE deleted IN (c.person_id, c.given_by));
    DELETE FROM package WHERE id = ANY(packages);
    DELETE FROM share WHERE root = ANY(packages);
    FOR part IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'data'::regnamespace AND c.relkind = 'r' AND a.attname = 'root'
            AND c.relname NOT IN ('person', 'access_entry', 'access_seal', 'erasure') ORDER BY 1
    LOOP
        EXECUTE format('DELETE FROM data.%I WHERE root = $1', part) USING deleted;
    END LOOP;
    DELETE FROM person WHERE id = deleted;
    UPDATE registration SET members = array_remove(members, deleted), request_digest = ''
        WHERE root = home AND deleted = ANY(members);
    DELETE FROM aggregate_owner WHERE root = deleted OR root = ANY(packages);
    IF NOT EXISTS (SELECT FROM person WHERE household_id = home) THEN
        DELETE FROM household WHERE id = home;
        DELETE FROM aggregate_owner WHERE root = home;
    END IF;
END $$;

-- Deletes a person whose erasure is recorded; the record is refused during a legal hold.
CREATE FUNCTION machinery.erase_person(erased uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, machinery, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM erasure WHERE root = erased AND agency = current_setting('app.agency')::uuid) THEN
        RAISE EXCEPTION 'an erasure is recorded before it is done' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM delete_person(erased);
END $$;

CREATE FUNCTION machinery.agencies_with_people() RETURNS TABLE (agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT DISTINCT p.agency FROM person p
$$;

-- The packages of the acting agency whose consent ended before a day, and whose person is under no legal hold.
CREATE FUNCTION machinery.packages_ended_before(before date) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT p.id FROM package p JOIN consent c ON c.id = p.consent_id
    WHERE p.agency = current_setting('app.agency')::uuid AND c.state <> 'granted' AND c.ended < before
        AND NOT EXISTS (SELECT FROM legal_hold h
            WHERE h.root = p.person_id AND h.until >= current_date AND h.lifted IS NULL)
$$;

CREATE FUNCTION machinery.delete_ended_packages(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, machinery, pg_temp AS $$
    WITH deleted AS (
        DELETE FROM package p USING consent c WHERE c.id = p.consent_id AND p.id = ANY(ids)
            AND p.agency = current_setting('app.agency')::uuid AND c.state <> 'granted' RETURNING p.id
    )
    DELETE FROM aggregate_owner WHERE root IN (SELECT id FROM deleted)
$$;

-- Every new connection of the service calls this.
CREATE FUNCTION machinery.require_replayed_erasures() RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = machinery, pg_temp AS $$
BEGIN
    IF (SELECT identity FROM erasures_replayed) IS DISTINCT FROM database_identity() THEN
        RAISE EXCEPTION 'this database is a restored copy: replay the erasures first (docs/operating/backup.md)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasures_replayed';
    END IF;
END $$;

REVOKE ALL ON FUNCTION machinery.delete_person, machinery.erase_person, machinery.require_replayed_erasures,
    machinery.agencies_with_people, machinery.packages_ended_before, machinery.delete_ended_packages FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.erase_person, machinery.require_replayed_erasures,
    machinery.agencies_with_people, machinery.packages_ended_before, machinery.delete_ended_packages TO {service}_app;

REVOKE ALL ON FUNCTION machinery.delete_searches_before,
    machinery.agencies_with_keys_not_wrapped_by, machinery.agencies_with_people_not_indexed_by,
    machinery.agencies_with_unsealed_entries, machinery.consents_to_expire FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.delete_searches_before,
    machinery.agencies_with_keys_not_wrapped_by, machinery.agencies_with_people_not_indexed_by,
    machinery.agencies_with_unsealed_entries, machinery.consents_to_expire TO {service}_app;
"""


def upgrade() -> None:
    """Create the tables, their transitions and the functions over all agencies, and guard each table."""
    for section in (REGISTRY, ACCESS_LOG, AUTHORSHIP, DESK, SHARING, QUESTIONS, RIGHTS, STATISTICS):
        op.execute(section)
    op.execute(KEYS.format(service=service()))
    for machine, pairs in TRANSITIONS.items():
        record_transitions(machine, pairs)
    op.execute(TRIGGERS)
    op.execute(HOLD_TRIGGER)
    op.execute(FUNCTIONS.format(service=service()))
    for aggregate in ("household", "person", "demand_report", "retention_run"):
        guard(aggregate, root=True)
    guard("package", root=True, append_only=True)
    guard("consent_use", root=True)
    for part in (
        "search_token",
        "search",
        "timeline_entry",
        "assignment",
        "registration",
        "visit",
        "need",
        "guidance",
        "procedure",
        "consent",
        "legal_hold",
    ):
        guard(part)
    # The data protection officer answers requests of access and of erasure, which include these records.
    guard("restricted_need", duties=("protection_officer", "data_protection_officer"))
    guard("subject_key", schema="keys")
    for log in ("access_entry", "access_seal", "erasure"):
        guard(log, append_only=True)
    for record in ("authorship", "payout_confirmation"):
        guard(record, append_only=True)
    op.execute(AUTHORSHIP_TRIGGERS.format(service=service()))
    op.execute(ACCESS_FUNCTIONS.format(service=service()))
    guard("inquiry", root=True)
    guard("question", root=True, append_only=True)
    guard("question_match", append_only=True)
    op.execute(QUESTION_FUNCTIONS.format(service=service()))
    open_to_service("published.tiu")
