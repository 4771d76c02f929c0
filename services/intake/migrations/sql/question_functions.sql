-- Who may ask what, of whom and how often is decided here, so that no process of the service can ask for more.
REVOKE INSERT ON data.question, data.question_match FROM @app@;

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
GRANT EXECUTE ON FUNCTION machinery.ask_other_agencies, machinery.questions_received TO @app@;
