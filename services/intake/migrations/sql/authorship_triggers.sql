REVOKE INSERT ON data.authorship FROM @app@;

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
