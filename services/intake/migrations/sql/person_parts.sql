-- A row about a person is committed only while the person is there. The check runs at the commit and locks the person
-- until its end: it waits for an erasure that has begun, and an erasure waits for it and then finds the row.
-- Search tokens are written under the person's own lock.
CREATE FUNCTION machinery.require_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, pg_temp AS $$
DECLARE
    is_left boolean;
BEGIN
    PERFORM FROM person p WHERE p.id = NEW.root AND p.agency = NEW.agency FOR KEY SHARE;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    -- An erasure writes that consents have ended before it deletes that row with all others.
    EXECUTE format('SELECT EXISTS (SELECT FROM data.%I WHERE id = $1)', TG_TABLE_NAME) INTO is_left USING NEW.id;
    IF is_left THEN
        RAISE EXCEPTION 'there is no such person' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'person_exists';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION machinery.require_person FROM PUBLIC;
CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.timeline_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.assignment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.visit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.need
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.restricted_need
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.guidance
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.procedure
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.legal_hold
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.consent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
