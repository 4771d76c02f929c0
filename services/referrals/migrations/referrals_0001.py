"""The directory, the consents that are known here, and referrals on their way."""

from alembic import op
from solidary.platform.database.migrations import guard, open_to_service, service

revision = "referrals_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

OWNED = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT now()"""

ENTRY = """
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
    capacity_said timestamptz,
    modified timestamptz NOT NULL"""

TABLES = f"""
CREATE TABLE data.service ({OWNED},{ENTRY},
    CHECK (id = root),
    UNIQUE (id, confidential)
);
CREATE INDEX ON data.service (agency, created, id);
CREATE INDEX ON data.service USING gin (needs) WHERE confidential;

-- What everybody may read. The database itself keeps a confidential service out.
CREATE TABLE published.service (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL,{ENTRY},
    CONSTRAINT published_not_confidential CHECK (NOT confidential),
    CONSTRAINT published_as_owned FOREIGN KEY (id, confidential) REFERENCES data.service (id, confidential)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ON published.service (name, id);
CREATE INDEX ON published.service USING gin (needs);

-- What intake told of consents: id and root are the consent's own.
CREATE TABLE data.known_consent ({OWNED},
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    purpose text NOT NULL,
    recipient uuid NOT NULL,
    package_id uuid NOT NULL,
    valid_until timestamptz,
    ended timestamptz,
    CHECK (id = root),
    UNIQUE (id, agency, person_id, recipient, package_id)
);

CREATE TABLE data.referral ({OWNED},
    person_id uuid NOT NULL,
    household_id uuid,
    consent_id uuid,
    package_id uuid,
    service_id uuid REFERENCES data.service,
    receiver uuid,
    confidential boolean NOT NULL DEFAULT false,
    purpose text NOT NULL CHECK (purpose IN ('service', 'cash')),
    urgency text NOT NULL,
    need text,
    age_band text,
    language text,
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
    forgotten timestamptz,
    CHECK (id = root),
    CONSTRAINT referral_sent_whole CHECK (state IN ('draft', 'cancelled', 'entered_in_error')
        OR num_nulls(consent_id, package_id, service_id, receiver, requested_at, due_at) = 0),
    CONSTRAINT referral_rejection_says_why CHECK (state <> 'rejected'
        OR (reason IS NOT NULL AND (coalesce(comment, '') <> '' OR forgotten IS NOT NULL))),
    CONSTRAINT referral_failure_says_why CHECK (state <> 'failed' OR reason IS NOT NULL),
    CONSTRAINT referral_completion_says_what CHECK (state <> 'completed' OR outcome IS NOT NULL),
    CONSTRAINT referral_as_consented FOREIGN KEY (consent_id, agency, person_id, receiver, package_id)
        REFERENCES data.known_consent (id, agency, person_id, recipient, package_id)
);
CREATE UNIQUE INDEX referral_open ON data.referral (agency, person_id, service_id)
    WHERE state IN ('requested', 'accepted', 'in_progress', 'on_hold');
CREATE UNIQUE INDEX referral_replaced_once ON data.referral (agency, replaces);
CREATE INDEX ON data.referral (agency, created, id);
CREATE INDEX ON data.referral (agency, consent_id);
CREATE INDEX ON data.referral (due_at) WHERE state = 'requested' AND overdue_at IS NULL;

CREATE TABLE data.referral_step ({OWNED},
    from_state text,
    to_state text NOT NULL,
    code text,
    by_agency uuid NOT NULL,
    by_subject uuid NOT NULL,
    FOREIGN KEY (root) REFERENCES data.referral
);
CREATE INDEX ON data.referral_step (agency, root, created);

-- The receiver's own record of what it answered: it outlives the share, and says nothing of the person.
CREATE TABLE data.referral_decision ({OWNED},
    referral_id uuid NOT NULL REFERENCES data.referral,
    answer text NOT NULL CHECK (answer IN ('accepted', 'rejected')),
    reason text,
    CONSTRAINT decision_once UNIQUE (referral_id)
);
CREATE INDEX ON data.referral_decision (agency, created, id);
"""

FUNCTIONS = """
-- The states' table, who may lead a referral into which, and what stays as it was sent. The same as
-- `referrals.casework.referrals.rules`, which a test holds to it.
CREATE FUNCTION machinery.referral_way() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    me uuid := current_setting('app.agency')::uuid;
    was text := CASE TG_OP WHEN 'INSERT' THEN NULL ELSE OLD.state END;
BEGIN
    IF NEW.state IS DISTINCT FROM was THEN
        IF was IS NULL AND NEW.state NOT IN ('draft', 'requested') OR was IS NOT NULL
            AND NEW.state <> 'entered_in_error' AND (was, NEW.state) NOT IN (
            ('draft', 'requested'), ('draft', 'cancelled'),
            ('requested', 'accepted'), ('requested', 'rejected'), ('requested', 'cancelled'),
            ('accepted', 'in_progress'), ('accepted', 'on_hold'), ('accepted', 'cancelled'),
            ('in_progress', 'completed'), ('in_progress', 'failed'), ('in_progress', 'on_hold'),
            ('on_hold', 'in_progress'), ('on_hold', 'cancelled')) THEN
            RAISE EXCEPTION 'a referral does not go from % to %', was, NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_way';
        END IF;
        IF NEW.state IN ('accepted', 'rejected', 'in_progress', 'on_hold', 'completed') AND me <> NEW.receiver
            OR NEW.state IN ('draft', 'requested', 'cancelled', 'entered_in_error') AND me <> NEW.agency THEN
            RAISE EXCEPTION 'the other side leads a referral to %', NEW.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_side';
        END IF;
        IF NEW.state = 'requested' AND NOT EXISTS (SELECT FROM data.known_consent c WHERE c.id = NEW.consent_id
            AND c.ended IS NULL AND (c.valid_until IS NULL OR c.valid_until > now())) THEN
            RAISE EXCEPTION 'no consent in force'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_consent_in_force';
        END IF;
    END IF;
    IF was <> 'draft' AND ((NEW.person_id, NEW.household_id, NEW.consent_id, NEW.package_id, NEW.service_id,
            NEW.receiver, NEW.confidential, NEW.purpose, NEW.urgency, NEW.requested_at, NEW.due_at, NEW.replaces)
        IS DISTINCT FROM (OLD.person_id, OLD.household_id, OLD.consent_id, OLD.package_id, OLD.service_id,
            OLD.receiver, OLD.confidential, OLD.purpose, OLD.urgency, OLD.requested_at, OLD.due_at, OLD.replaces)
            OR NEW.forgotten IS NULL
            AND (NEW.need, NEW.age_band, NEW.language) IS DISTINCT FROM (OLD.need, OLD.age_band, OLD.language)
        ) THEN RAISE EXCEPTION 'what was sent stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_stays_as_sent';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER way BEFORE INSERT OR UPDATE ON data.referral FOR EACH ROW
    EXECUTE FUNCTION machinery.referral_way();

-- A receiver that said no, or whose ground is gone, sees nothing from the commit on; one that is done reads on.
-- Deferred, so that the transaction that ends the share can still write its own rows under it.
CREATE FUNCTION machinery.referral_ends_share() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data AS $$
BEGIN
    IF NEW.state IN ('rejected', 'cancelled', 'entered_in_error')
        OR NEW.reason IN ('consent_withdrawn', 'consent_expired', 'person_erased') THEN
        DELETE FROM share WHERE root = NEW.root;
    ELSIF NEW.state IN ('completed', 'failed') THEN
        UPDATE share SET level = 'read' WHERE root = NEW.root;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ends_share AFTER UPDATE OF state ON data.referral DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION machinery.referral_ends_share();

-- Over all agencies, ids only: for the timer, which then acts for each agency by itself.
CREATE FUNCTION machinery.referrals_overdue(at timestamptz) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data AS $$
    SELECT r.id, r.agency FROM referral r
    WHERE r.state = 'requested' AND r.overdue_at IS NULL AND r.due_at <= at
$$;
REVOKE ALL ON FUNCTION machinery.referrals_overdue FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.referrals_overdue TO {s}_app;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FUNCTIONS.format(s=service()))
    for aggregate in ("service", "known_consent", "referral"):
        guard(aggregate, root=True)
    guard("referral_step", append_only=True)
    guard("referral_decision", root=True, append_only=True)
    open_to_service("published.service")
