CREATE TABLE data.consent (@owned@,
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
CREATE INDEX consent_list ON data.consent (root, agency);
CREATE INDEX consent_end ON data.consent (valid_until) WHERE state = 'granted';
CREATE INDEX consent_person ON data.consent (person_id);
CREATE INDEX consent_given_by ON data.consent (given_by);

-- A package is an aggregate of its own, so that a share opens this row and no other. It is never changed.
CREATE TABLE data.package (@owned@,
    consent_id uuid NOT NULL,
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    purpose text NOT NULL,
    recipient uuid NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT package_consent FOREIGN KEY (consent_id) REFERENCES data.consent
);
CREATE INDEX package_consent ON data.package (consent_id);

-- The use of a consent for a case of another service. The id is that of the referral or of the enrolment in cash:
-- their events name nothing else.
CREATE TABLE data.consent_use (@owned@,
    consent_id uuid NOT NULL REFERENCES data.consent ON DELETE CASCADE,
    package_id uuid NOT NULL REFERENCES data.package ON DELETE CASCADE,
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    service text NOT NULL
);
CREATE INDEX consent_use_by_person ON data.consent_use (person_id, agency);
CREATE INDEX consent_use_consent ON data.consent_use (consent_id);
CREATE INDEX consent_use_package ON data.consent_use (package_id);

-- A case stays about the same person (`privileges.sql` lets no other column change): another consent of that person may
-- take the place of the first, such as for a draft that is sent later.
CREATE FUNCTION machinery.check_consent_use() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM package p JOIN consent c ON c.id = p.consent_id AND c.person_id = p.person_id
            WHERE p.id = NEW.package_id AND p.agency = NEW.agency AND c.id = NEW.consent_id AND c.agency = NEW.agency
                AND p.person_id = NEW.person_id AND p.household_id = NEW.household_id) THEN
        RAISE EXCEPTION 'a case is about the person of its consent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'consent_use_person';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consent_use_person BEFORE INSERT OR UPDATE ON data.consent_use
    FOR EACH ROW EXECUTE FUNCTION machinery.check_consent_use();

-- The permission of a releaser of the paying agency (`recorded_by`) for one payment order: cash may read the payees of
-- each batch once, without the human, for a short time. `digests` are those of the batches, `reference` is the order.
CREATE TABLE data.payee_permit (@owned@,
    reference uuid NOT NULL,
    digests bytea[] NOT NULL,
    valid_until timestamptz NOT NULL,
    CONSTRAINT payee_permit_short CHECK (valid_until <= created + interval '1 hour')
);
CREATE TABLE data.payee_permit_use (@owned@,
    batch int NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT payee_permit_use_once UNIQUE (root, batch),
    FOREIGN KEY (root) REFERENCES data.payee_permit
);
CREATE FUNCTION machinery.check_payee_permit_use() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payee_permit p WHERE p.id = NEW.root AND p.agency = NEW.agency
            AND p.valid_until > clock_timestamp() AND p.digests[NEW.batch] = NEW.digest) THEN
        RAISE EXCEPTION 'no permit in force has this batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payee_permit_in_force';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_payee_permit_use BEFORE INSERT ON data.payee_permit_use FOR EACH ROW
    EXECUTE FUNCTION machinery.check_payee_permit_use();
