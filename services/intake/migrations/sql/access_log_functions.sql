-- The service adds entries and never names their writer, time, number or seal; only the functions below seal them, and
-- delete those whose period is over.
REVOKE INSERT ON data.access_entry, data.access_seal, data.access_cut FROM @app@;
GRANT INSERT (id, agency, root, action, reason, reference, service, cause, on_behalf_of, recipient)
    ON data.access_entry TO @app@;

CREATE FUNCTION machinery.access_text(e data.access_entry) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT jsonb_build_array(e.number, e.id, e.root, extract(epoch FROM e.created), e.recorded_by, e.action,
        e.reason, e.reference, e.service, e.cause, e.on_behalf_of, e.recipient)::text
$$;

CREATE FUNCTION machinery.access_digest(before bytea, entries text[]) RETURNS bytea STABLE LANGUAGE sql AS $$
    SELECT sha256(coalesce(before, ''::bytea) || convert_to(array_to_string(entries, E'\n'), 'UTF8'))
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

-- The newest seal of the acting agency that was made before a day, up to which the chain was verified, and before any
-- entry about somebody under a legal hold; and the number of the entries up to it that are still there.
CREATE FUNCTION machinery.access_log_due(before date) RETURNS TABLE (seal int, entries bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    WITH scope AS (SELECT current_setting('app.agency')::uuid AS agency),
    cut AS (
        SELECT coalesce(max(c.seal), 0) AS seal FROM access_cut c JOIN scope USING (agency)
    ), verified AS (
        SELECT CASE WHEN v.broken_seal IS NULL THEN v.verified_seal ELSE 0 END AS seal
        FROM access_verification v JOIN scope USING (agency) ORDER BY v.created DESC, v.id DESC LIMIT 1
    ), held AS (
        SELECT min(e.seal) - 1 AS seal FROM scope JOIN legal_hold h USING (agency)
            JOIN access_entry e ON e.agency = h.agency AND e.root = h.root
        WHERE h.until >= (now() AT TIME ZONE 'Etc/GMT+12')::date AND h.lifted IS NULL
    ), due AS (
        SELECT least((SELECT max(s.number) FROM access_seal s JOIN scope USING (agency) WHERE s.created < before),
            (SELECT seal FROM verified), (SELECT seal FROM held)) AS seal
    )
    SELECT due.seal, sum(s.entries) FROM due, cut, scope JOIN access_seal s USING (agency)
    WHERE EXISTS (SELECT FROM verified) AND s.number > cut.seal AND s.number <= due.seal GROUP BY due.seal
$$;

-- Deletes the entries of at most `at_most` seals that are due, and returns how many there were. No period is so short that
-- younger entries than these could be due: whoever may call this cannot remove what was done lately.
CREATE FUNCTION machinery.cut_access_log(before date, at_most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, pg_temp AS $$
DECLARE
    acting uuid := current_setting('app.agency')::uuid;
    last int;
    deleted bigint;
BEGIN
    IF before > current_date - interval '5 years' THEN
        RAISE EXCEPTION 'the access log is kept for five years or more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'access_cut_period';
    END IF;
    SELECT least(due.seal, at_most + (SELECT coalesce(max(c.seal), 0) FROM access_cut c WHERE c.agency = acting))
        INTO last FROM machinery.access_log_due(before) due;
    IF last IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM access_entry e WHERE e.agency = acting AND e.seal <= last;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    INSERT INTO access_cut (id, root, seal, entries) VALUES (gen_random_uuid(), acting, last, deleted);
    RETURN deleted;
END $$;
REVOKE ALL ON FUNCTION machinery.seal_access_entries, machinery.access_log_due, machinery.cut_access_log FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.seal_access_entries, machinery.access_log_due, machinery.cut_access_log TO @app@;
