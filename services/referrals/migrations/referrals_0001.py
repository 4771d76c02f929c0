"""The directory of services, the ends of consents, and referrals with their states and decisions."""

from alembic import op
from solidary.platform.database.migrations import guard, open_to_service, record_transitions, service

revision = "referrals_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

AGENCY_COLUMNS = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""

ENTRY_COLUMNS = """
    name text NOT NULL,
    organization text NOT NULL,
    description text NOT NULL,
    category text NOT NULL,
    needs text[] NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('service', 'cash')),
    status text NOT NULL,
    confidential boolean NOT NULL,
    eligibility text,
    area text NOT NULL,
    languages text[] NOT NULL,
    latitude double precision,
    longitude double precision,
    remote boolean NOT NULL,
    answers_within_hours int,
    details jsonb NOT NULL,
    available int CHECK (available >= 0),
    maximum int CHECK (maximum >= available),
    waiting_list boolean NOT NULL,
    capacity_updated_at timestamptz,
    modified timestamptz NOT NULL"""

DIRECTORY = rf"""
CREATE TABLE data.service ({AGENCY_COLUMNS},{ENTRY_COLUMNS},
    CHECK (id = root),
    UNIQUE (id, confidential)
);
CREATE INDEX service_by_agency ON data.service (agency, created, id);
-- The few confidential services. Under row-level security PostgreSQL searches no array in an index.
CREATE INDEX service_confidential ON data.service (category, id) WHERE confidential AND status = 'active';

-- The public copies. The database itself keeps a confidential service out.
CREATE TABLE published.service (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL,{ENTRY_COLUMNS},
    CONSTRAINT published_service_not_confidential CHECK (NOT confidential),
    CONSTRAINT published_service_matches_entry FOREIGN KEY (id, confidential)
        REFERENCES data.service (id, confidential) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX published_service_by_name ON published.service (name, id);
CREATE INDEX published_service_by_need ON published.service USING gin (array_append(needs, category))
    WITH (fastupdate = off) WHERE status = 'active';
CREATE INDEX published_service_by_area ON published.service (area COLLATE "C");
CREATE INDEX published_service_remote ON published.service (id) WHERE remote;

-- Words without accents, marks and punctuation: «clinica» finds «Clínica», «nino» finds «niño».
CREATE FUNCTION published.fold(content text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(
        regexp_replace(normalize(content, NFKD), '[\u0300-\u036f]', '', 'g'), '[!-/:-@[-`{{-~¡¿«»]', ' ', 'g'))
$$;
ALTER TABLE published.service ADD COLUMN words tsvector GENERATED ALWAYS AS (
    to_tsvector('simple', published.fold(name || ' ' || organization || ' ' || description))) STORED;
CREATE INDEX published_service_by_word ON published.service USING gin (words) WITH (fastupdate = off);

-- Each word of a search is the beginning of a word; null where it has none.
CREATE FUNCTION published.search_query(search text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg('''' || replace(replace(word, '\', '\\'), '''', '''''') || ''':*', ' & ')::tsquery
    FROM unnest(tsvector_to_array(to_tsvector('simple', published.fold(search)))) AS word
$$;
"""

PUBLICATION = f"""
-- The requests of one person to publish a confidential service, and their confirmation by another one.
CREATE TABLE data.publication_request ({AGENCY_COLUMNS},
    reason text NOT NULL CHECK (reason <> ''),
    requested_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    confirmed_by uuid,
    confirmed_at timestamptz,
    FOREIGN KEY (root) REFERENCES data.service,
    CHECK (num_nulls(confirmed_by, confirmed_at) IN (0, 2)),
    CONSTRAINT publication_request_confirmed_by_another CHECK (confirmed_by <> requested_by)
);

-- The person who acts is that of the transaction, whatever the statement contains.
CREATE FUNCTION machinery.sign_publication_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.requested_by := current_setting('app.subject')::uuid;
        NEW.confirmed_by := NULL;
        NEW.confirmed_at := NULL;
        RETURN NEW;
    END IF;
    IF OLD.confirmed_at IS NOT NULL OR (NEW.id, NEW.created, NEW.reason, NEW.requested_by)
        IS DISTINCT FROM (OLD.id, OLD.created, OLD.reason, OLD.requested_by) THEN
        RAISE EXCEPTION 'a publication request is only ever confirmed, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'publication_request_unchanged';
    END IF;
    NEW.confirmed_by := current_setting('app.subject')::uuid;
    NEW.confirmed_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER publication_request_signed BEFORE INSERT OR UPDATE ON data.publication_request FOR EACH ROW
    EXECUTE FUNCTION machinery.sign_publication_request();

-- From confidential to public: only in the transaction in which another person confirmed the request.
CREATE FUNCTION machinery.check_service_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM data.publication_request r WHERE r.root = NEW.id AND r.confirmed_at = now()) THEN
        RAISE EXCEPTION 'a confidential service is published by two people'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'service_publication_by_two_people';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER service_publication_by_two_people BEFORE UPDATE OF confidential ON data.service FOR EACH ROW
    WHEN (OLD.confidential AND NOT NEW.confidential) EXECUTE FUNCTION machinery.check_service_publication();
"""

CONSENTS = f"""
-- Consents that have ended within a day: their ids and nothing else. A referral whose consent intake confirmed a moment
-- before is refused by them.
CREATE TABLE data.ended_consent ({AGENCY_COLUMNS},
    CHECK (id = root)
);
CREATE INDEX ended_consent_by_agency ON data.ended_consent (agency, created);
"""

REFERRALS = f"""
CREATE TABLE data.referral ({AGENCY_COLUMNS},
    person_id uuid NOT NULL,
    household_id uuid,
    consent_id uuid,
    package_id uuid,
    service_id uuid REFERENCES data.service,
    receiver uuid,
    confidential boolean NOT NULL DEFAULT false,
    purpose text NOT NULL CHECK (purpose IN ('service', 'cash')),
    urgency text NOT NULL,
    state text NOT NULL,
    requested_at timestamptz,
    due_at timestamptz,
    overdue_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    reason text,
    comment text,
    outcome text,
    replaces uuid REFERENCES data.referral,
    erased_at timestamptz,
    CHECK (id = root),
    CONSTRAINT referral_complete_when_sent CHECK (state IN ('draft', 'cancelled', 'entered_in_error')
        OR num_nulls(consent_id, package_id, service_id, receiver, requested_at, due_at) = 0),
    CONSTRAINT referral_rejection_reason_required CHECK (state <> 'rejected'
        OR (reason IS NOT NULL AND (coalesce(comment, '') <> '' OR erased_at IS NOT NULL))),
    CONSTRAINT referral_failure_reason_required CHECK (state <> 'failed' OR reason IS NOT NULL),
    CONSTRAINT referral_outcome_required CHECK (state <> 'completed' OR outcome IS NOT NULL)
);
CREATE UNIQUE INDEX referral_open_unique ON data.referral (agency, person_id, service_id)
    WHERE state IN ('requested', 'accepted', 'in_progress', 'on_hold');
CREATE UNIQUE INDEX referral_replacement_unique ON data.referral (agency, replaces);
CREATE INDEX referral_by_agency ON data.referral (agency, created, id);
CREATE INDEX referral_by_consent ON data.referral (agency, consent_id);
CREATE INDEX referral_by_person ON data.referral (person_id, agency, created, id);
CREATE INDEX referral_by_due_time ON data.referral (due_at) WHERE state = 'requested' AND overdue_at IS NULL;

CREATE TABLE data.referral_step ({AGENCY_COLUMNS},
    from_state text,
    to_state text NOT NULL,
    code text,
    by_agency uuid NOT NULL,
    by_subject uuid NOT NULL,
    FOREIGN KEY (root) REFERENCES data.referral
);
CREATE INDEX referral_step_by_referral ON data.referral_step (agency, root, created);

-- The receiver's own record of its decision: it outlives the share and holds no fact about the person.
CREATE TABLE data.referral_decision ({AGENCY_COLUMNS},
    referral_id uuid NOT NULL REFERENCES data.referral,
    answer text NOT NULL CHECK (answer IN ('accepted', 'rejected')),
    reason text,
    CONSTRAINT referral_decision_unique UNIQUE (referral_id)
);
CREATE INDEX referral_decision_by_agency ON data.referral_decision (agency, created, id);
"""

TRANSITIONS = (
    (None, "draft"),
    (None, "requested"),
    ("draft", "requested"),
    ("draft", "cancelled"),
    ("requested", "accepted"),
    ("requested", "rejected"),
    ("requested", "cancelled"),
    ("accepted", "in_progress"),
    ("accepted", "on_hold"),
    ("accepted", "cancelled"),
    ("in_progress", "completed"),
    ("in_progress", "failed"),
    ("in_progress", "on_hold"),
    ("on_hold", "in_progress"),
    ("on_hold", "cancelled"),
    ("draft", "entered_in_error"),
    ("requested", "entered_in_error"),
    ("accepted", "entered_in_error"),
    ("rejected", "entered_in_error"),
    ("in_progress", "entered_in_error"),
    ("on_hold", "entered_in_error"),
    ("completed", "entered_in_error"),
    ("failed", "entered_in_error"),
    ("cancelled", "entered_in_error"),
)

TRIGGERS = """
-- Triggers fire in the order of their names: first the transition, then its actor, then the consent.
CREATE TRIGGER referral_transition BEFORE INSERT OR UPDATE OF state ON data.referral FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('referral');

-- The end of a consent acts for the sender, so `failed` may be set by either party.
CREATE FUNCTION machinery.check_referral_actor() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    acting uuid := current_setting('app.agency')::uuid;
BEGIN
    IF NEW.state IN ('accepted', 'rejected', 'in_progress', 'on_hold', 'completed') AND acting <> NEW.receiver
        OR NEW.state IN ('draft', 'requested', 'cancelled', 'entered_in_error') AND acting <> NEW.agency THEN
        RAISE EXCEPTION 'the other party of a referral sets the state %', NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_actor';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referral_transition_actor_of_insert BEFORE INSERT ON data.referral FOR EACH ROW
    EXECUTE FUNCTION machinery.check_referral_actor();
CREATE TRIGGER referral_transition_actor_of_update BEFORE UPDATE OF state ON data.referral FOR EACH ROW
    WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION machinery.check_referral_actor();

CREATE FUNCTION machinery.check_referral_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The lock of the end of a consent: whichever comes second sees the other.
    PERFORM pg_advisory_xact_lock(hashtextextended('consent ' || NEW.consent_id, 0));
    IF EXISTS (SELECT FROM data.ended_consent e WHERE e.id = NEW.consent_id) THEN
        RAISE EXCEPTION 'the consent of the referral has ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_consent_in_force';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referral_transition_consent_of_insert BEFORE INSERT ON data.referral FOR EACH ROW
    WHEN (NEW.state = 'requested') EXECUTE FUNCTION machinery.check_referral_consent();
CREATE TRIGGER referral_transition_consent_of_update BEFORE UPDATE OF state ON data.referral FOR EACH ROW
    WHEN (NEW.state = 'requested' AND OLD.state <> 'requested') EXECUTE FUNCTION machinery.check_referral_consent();

CREATE FUNCTION machinery.check_referral_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.person_id, NEW.household_id, NEW.consent_id, NEW.package_id, NEW.service_id, NEW.receiver,
            NEW.confidential, NEW.purpose, NEW.urgency, NEW.requested_at, NEW.due_at, NEW.replaces)
        IS DISTINCT FROM (OLD.person_id, OLD.household_id, OLD.consent_id, OLD.package_id, OLD.service_id,
            OLD.receiver, OLD.confidential, OLD.purpose, OLD.urgency, OLD.requested_at, OLD.due_at, OLD.replaces) THEN
        RAISE EXCEPTION 'a referral that has been sent cannot be changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_unchanged_after_sending';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referral_unchanged_after_sending BEFORE UPDATE ON data.referral FOR EACH ROW
    WHEN (OLD.state <> 'draft') EXECUTE FUNCTION machinery.check_referral_unchanged();

-- From the commit on, a receiver that rejected, or whose consent has ended, sees nothing; after the end it may read.
-- The trigger is deferred, so that the transaction that ends the share can still write its own rows under it.
CREATE FUNCTION machinery.end_referral_share() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF NEW.state IN ('rejected', 'cancelled', 'entered_in_error')
        OR NEW.reason IN ('consent_ended', 'person_erased') THEN
        DELETE FROM share WHERE root = NEW.root;
    ELSIF NEW.state IN ('completed', 'failed') THEN
        UPDATE share SET level = 'read' WHERE root = NEW.root;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER referral_end_ends_share AFTER UPDATE OF state ON data.referral
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.end_referral_share();
"""

TIMERS = """
-- The ids of all agencies' overdue referrals: for the timer, which then acts for each agency by itself.
CREATE FUNCTION machinery.find_overdue_referrals(at timestamptz) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT r.id, r.agency FROM referral r
    WHERE r.state = 'requested' AND r.overdue_at IS NULL AND r.due_at <= at
$$;
REVOKE ALL ON FUNCTION machinery.find_overdue_referrals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.find_overdue_referrals TO {service}_app;
"""


def upgrade() -> None:
    for statements in (DIRECTORY, PUBLICATION, CONSENTS, REFERRALS, TRIGGERS):
        op.execute(statements)
    op.execute(TIMERS.format(service=service()))
    record_transitions("referral", TRANSITIONS)
    for aggregate in ("service", "referral"):
        guard(aggregate, root=True)
    guard("ended_consent")
    guard("publication_request", write=())
    op.execute(f"REVOKE DELETE ON data.publication_request FROM {service()}_app")
    guard("referral_step", append_only=True)
    guard("referral_decision", root=True, append_only=True)
    open_to_service("published.service")
