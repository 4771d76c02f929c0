-- The keys of people and searches, apart from the rows that they open: a backup of the rows leaves this schema out.
CREATE SCHEMA keys;
GRANT USAGE ON SCHEMA keys TO @app@, @service@_backup;

CREATE TABLE keys.subject_key (@owned@,
    wrapped bytea NOT NULL,
    wrapped_by text NOT NULL
);
