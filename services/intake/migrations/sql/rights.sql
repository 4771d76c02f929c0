-- Reasons for which a person may not be erased yet. Payments bring the first two kinds.
CREATE TABLE data.legal_hold (@owned@,
    kind text NOT NULL CONSTRAINT legal_hold_kind CHECK (kind IN ('open_payment', 'financial_records', 'proceedings')),
    reference uuid NOT NULL,
    until date NOT NULL,
    reason text,
    lifted timestamptz,
    CONSTRAINT legal_hold_reference UNIQUE (agency, root, kind, reference)
);

-- Who was erased, by ids that mean nothing any more. The list is exported, and replayed in a restored database.
CREATE TABLE data.erasure (@owned@,
    reason text NOT NULL,
    CONSTRAINT erasure_once UNIQUE (root)
);

-- The database in which the list was replayed last. A restored copy is another one, and serves nobody until then.
CREATE TABLE data.retention_run (@owned@,
    execute_on date NOT NULL,
    announced jsonb NOT NULL,
    erased jsonb,
    finished timestamptz
);
CREATE INDEX retention_run_list ON data.retention_run (agency, created, id);

CREATE TABLE machinery.erasures_replayed AS SELECT machinery.database_identity() AS identity;

CREATE FUNCTION machinery.check_no_legal_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM data.legal_hold
            WHERE root = NEW.root AND agency = NEW.agency AND until >= (now() AT TIME ZONE 'Etc/GMT+12')::date AND lifted IS NULL) THEN
        RAISE EXCEPTION 'a person under a legal hold cannot be erased'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_no_legal_hold';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER erasure_no_legal_hold BEFORE INSERT ON data.erasure
    FOR EACH ROW EXECUTE FUNCTION machinery.check_no_legal_hold();
