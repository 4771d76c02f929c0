-- These functions read the rows of all agencies; each returns no more than its caller may have.
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

CREATE FUNCTION machinery.agencies_with_seals() RETURNS TABLE (agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT DISTINCT s.agency FROM access_seal s
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
    DELETE FROM keys.subject_key WHERE id = deleted AND agency = acting;
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
            AND c.relname NOT IN ('person', 'access_entry', 'access_seal', 'access_cut', 'access_verification',
                'erasure') ORDER BY 1
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
            WHERE h.root = p.person_id AND h.until >= (now() AT TIME ZONE 'Etc/GMT+12')::date AND h.lifted IS NULL)
$$;

CREATE FUNCTION machinery.delete_ended_packages(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, machinery, pg_temp AS $$
    WITH deleted AS (
        DELETE FROM package p USING consent c WHERE c.id = p.consent_id AND p.id = ANY(ids)
            AND p.agency = current_setting('app.agency')::uuid AND c.state <> 'granted' RETURNING p.id
    )
    DELETE FROM aggregate_owner WHERE root IN (SELECT id FROM deleted)
$$;

-- The acting agency's restricted needs of a period that is over, of people under no legal hold. The timer of retention has
-- none of the duties that see them.
CREATE FUNCTION machinery.restricted_needs_before(before date) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT n.id FROM restricted_need n
    WHERE n.agency = current_setting('app.agency')::uuid AND n.created < before AND NOT EXISTS (SELECT FROM legal_hold h
        WHERE h.root = n.root AND h.agency = n.agency AND h.until >= (now() AT TIME ZONE 'Etc/GMT+12')::date AND h.lifted IS NULL)
$$;

CREATE FUNCTION machinery.delete_restricted_needs(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    DELETE FROM restricted_need WHERE id = ANY(ids) AND agency = current_setting('app.agency')::uuid
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
    machinery.agencies_with_people, machinery.packages_ended_before, machinery.delete_ended_packages,
    machinery.restricted_needs_before, machinery.delete_restricted_needs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.erase_person, machinery.require_replayed_erasures,
    machinery.agencies_with_people, machinery.packages_ended_before, machinery.delete_ended_packages,
    machinery.restricted_needs_before, machinery.delete_restricted_needs TO @app@;

REVOKE ALL ON FUNCTION machinery.delete_searches_before,
    machinery.agencies_with_keys_not_wrapped_by, machinery.agencies_with_people_not_indexed_by,
    machinery.agencies_with_unsealed_entries, machinery.agencies_with_seals, machinery.consents_to_expire FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.delete_searches_before,
    machinery.agencies_with_keys_not_wrapped_by, machinery.agencies_with_people_not_indexed_by,
    machinery.agencies_with_unsealed_entries, machinery.agencies_with_seals, machinery.consents_to_expire TO @app@;
