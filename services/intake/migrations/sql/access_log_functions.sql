-- The service adds entries and never names their writer, time, number or seal; only the function below seals them.
REVOKE INSERT ON data.access_entry, data.access_seal FROM @app@;
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
REVOKE ALL ON FUNCTION machinery.seal_access_entries FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.seal_access_entries TO @app@;
