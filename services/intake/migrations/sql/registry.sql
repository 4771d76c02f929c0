CREATE TABLE data.household (@owned@,
    version int NOT NULL DEFAULT 1,
    area text NOT NULL,
    cell text CONSTRAINT household_cell_resolution CHECK (cell ~ '^8[0-9]'),
    shelter text,
    own_income bigint NOT NULL DEFAULT 0,
    other_aid bigint NOT NULL DEFAULT 0,
    CONSTRAINT household_own_income_not_negative CHECK (own_income >= 0),
    CONSTRAINT household_other_aid_not_negative CHECK (other_aid >= 0)
);

-- `identity` and `payout` are encrypted with the person's own key. In the open is what counting needs.
CREATE TABLE data.person (@owned@,
    household_id uuid NOT NULL,
    state text NOT NULL,
    relation text NOT NULL,
    sex text NOT NULL,
    birth_year int,
    population_group text NOT NULL,
    language text NOT NULL,
    indexed_by text NOT NULL,
    identity bytea NOT NULL,
    payout bytea,
    payout_version int NOT NULL DEFAULT 0,
    CONSTRAINT person_household FOREIGN KEY (household_id) REFERENCES data.household
);
CREATE INDEX person_list ON data.person (agency, created, id);
CREATE INDEX person_household ON data.person (household_id);

-- Keyed tokens of the sounds of names, dates of birth, documents and telephones, compared for equality.
CREATE TABLE data.search_token (
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    token bytea NOT NULL,
    root uuid NOT NULL,
    is_strong boolean NOT NULL,
    PRIMARY KEY (agency, token, root) INCLUDE (is_strong)
);
CREATE INDEX search_token_strong ON data.search_token (token, agency) WHERE is_strong;
CREATE INDEX search_token_person ON data.search_token (root);

-- `result` is encrypted with a key of its own; a timer deletes each search after a day.
CREATE TABLE data.search (@owned@,
    candidates uuid[] NOT NULL,
    result bytea NOT NULL
);
CREATE INDEX search_age ON data.search (created);

-- Who in the agency works with a person, until when.
CREATE TABLE data.assignment (@owned@,
    assignee uuid NOT NULL,
    role text NOT NULL,
    valid_until timestamptz
);
CREATE INDEX assignment_person ON data.assignment (root, agency, assignee);

CREATE TABLE data.timeline_entry (@owned@,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    reference uuid
);
CREATE INDEX timeline_entry_list ON data.timeline_entry (root, agency, created, id);
