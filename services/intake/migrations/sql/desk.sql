CREATE TABLE data.registration (@owned@,
    client_id uuid NOT NULL,
    request_digest bytea NOT NULL,
    members uuid[] NOT NULL,
    CONSTRAINT registration_client_id UNIQUE (agency, client_id)
);
CREATE INDEX registration_household ON data.registration (root);

CREATE TABLE data.visit (@owned@,
    day date NOT NULL,
    centre text NOT NULL,
    reason text NOT NULL,
    note bytea
);
CREATE INDEX visit_person ON data.visit (root, agency);

CREATE TABLE data.need (@owned@,
    code text NOT NULL,
    tier text NOT NULL,
    list_version text NOT NULL,
    category text NOT NULL,
    severity text NOT NULL,
    day date NOT NULL,
    state text NOT NULL DEFAULT 'open',
    CONSTRAINT need_tier_ordinary CHECK (tier = 'ordinary')
);
CREATE UNIQUE INDEX need_open ON data.need (agency, root, code) WHERE state = 'open';
CREATE INDEX need_day ON data.need (agency, day);
CREATE INDEX need_person ON data.need (root, agency);

-- No list, count, export, timeline or event reads this table, and a policy opens it to two duties only. `content` is
-- encrypted: code, severity and note.
CREATE TABLE data.restricted_need (@owned@,
    content bytea NOT NULL
);
CREATE INDEX restricted_need_person ON data.restricted_need (root, agency);

CREATE TABLE data.guidance (@owned@,
    pathway text NOT NULL,
    language text NOT NULL,
    review text NOT NULL,
    deadline date
);
CREATE INDEX guidance_person ON data.guidance (root, agency);
CREATE INDEX guidance_pathway ON data.guidance (agency, pathway);

CREATE TABLE data.procedure (@owned@,
    pathway text NOT NULL,
    state text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    deadline date
);
CREATE INDEX procedure_person ON data.procedure (root, agency);
CREATE UNIQUE INDEX procedure_open ON data.procedure (agency, root, pathway)
    WHERE state NOT IN ('granted', 'denied', 'withdrawn');
