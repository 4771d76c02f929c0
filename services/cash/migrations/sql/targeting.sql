-- Consents, programmes and enrolments.

-- Consents in use for cash, as intake answered; shared with their recipient, and deleted when they end.
CREATE TABLE data.consent (@owned@,
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    package_id uuid NOT NULL,
    recipient uuid NOT NULL,
    valid_until timestamptz
);
CREATE INDEX ON data.consent (agency, household_id);
CREATE INDEX ON data.consent (agency, person_id);

CREATE TABLE data.programme (@owned@,
    name text NOT NULL,
    purpose text NOT NULL CHECK (purpose ~ '^[a-z][a-z0-9_-]{0,39}$'),
    budget_line_id uuid NOT NULL REFERENCES data.budget_line,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    fsp text NOT NULL CHECK (fsp ~ '^[a-z][a-z0-9_-]{0,39}$'),
    rule jsonb NOT NULL,
    rule_author uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    takes_referrals boolean NOT NULL,
    account_rest_days int CHECK (account_rest_days BETWEEN 0 AND 90)
);
CREATE INDEX ON data.programme (agency, created, id);

-- The parties whose account pays, the newest one first: a correction adds a row. A plan keeps the one that it was
-- computed with.
CREATE TABLE data.programme_debtor (@owned@,
    debtor jsonb NOT NULL,
    FOREIGN KEY (root) REFERENCES data.programme
);
CREATE INDEX ON data.programme_debtor (root, created, id);

-- The number of people who must approve at each stage, for plans with this total or more.
CREATE TABLE data.approval_tier (@owned@,
    from_total bigint NOT NULL CHECK (from_total >= 0),
    approvers int NOT NULL CHECK (approvers BETWEEN 1 AND 9),
    authorisers int NOT NULL CHECK (authorisers BETWEEN 1 AND 9),
    releasers int NOT NULL CHECK (releasers BETWEEN 1 AND 9),
    CONSTRAINT approval_tier_once UNIQUE (root, from_total),
    FOREIGN KEY (root) REFERENCES data.programme
);

-- What an agency demands of all its programmes, the newest row first: the rest of changed accounts, and the least
-- approvals of plans with a total. Its makers cannot set it.
CREATE TABLE data.payment_control (@owned@,
    account_rest_days int NOT NULL CHECK (account_rest_days BETWEEN 0 AND 90),
    set_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid
);
CREATE INDEX ON data.payment_control (agency, created, id);
CREATE TABLE data.least_approval_tier (@owned@,
    from_total bigint NOT NULL CHECK (from_total >= 0),
    approvers int NOT NULL CHECK (approvers BETWEEN 1 AND 9),
    authorisers int NOT NULL CHECK (authorisers BETWEEN 1 AND 9),
    releasers int NOT NULL CHECK (releasers BETWEEN 1 AND 9),
    CONSTRAINT least_approval_tier_once UNIQUE (root, from_total),
    FOREIGN KEY (root) REFERENCES data.payment_control
);

-- Accepted referrals, of which cash does not know yet whether they are for cash; owned by the agency that sent them.
CREATE TABLE data.pending_referral (@owned@,
    requested timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON data.pending_referral (requested);

CREATE TABLE data.referred_household (@owned@,
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    consent_id uuid NOT NULL,
    package_id uuid NOT NULL,
    registered_by uuid NOT NULL,
    accepted_by uuid NOT NULL
);
CREATE INDEX ON data.referred_household (agency, created, id);
CREATE INDEX ON data.referred_household (household_id, agency);

CREATE TABLE data.enrolment (@owned@,
    programme_id uuid NOT NULL REFERENCES data.programme,
    referral_id uuid NOT NULL REFERENCES data.referred_household,
    household_id uuid NOT NULL,
    collector uuid NOT NULL,
    consent_id uuid NOT NULL,
    package_id uuid NOT NULL,
    registered_by uuid NOT NULL,
    state text NOT NULL,
    enrolled_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    makers uuid[] NOT NULL DEFAULT '{}',
    is_provisional boolean NOT NULL DEFAULT false,
    account_fingerprint text,
    account_changed timestamptz,
    account_confirmed boolean NOT NULL DEFAULT false,
    profile jsonb,
    profile_version int,
    payout_version int,
    announced_version int,
    profile_refused boolean NOT NULL DEFAULT false,
    profile_requested timestamptz
);
CREATE UNIQUE INDEX enrolment_once ON data.enrolment (programme_id, household_id) WHERE state = 'enrolled';
CREATE INDEX ON data.enrolment (agency, created, id);
CREATE INDEX ON data.enrolment (programme_id, created, id);
CREATE INDEX ON data.enrolment (household_id);
CREATE INDEX ON data.enrolment (consent_id);
CREATE INDEX ON data.enrolment (collector);
CREATE INDEX ON data.enrolment (account_fingerprint) WHERE account_fingerprint IS NOT NULL;
CREATE INDEX enrolment_missing_profile ON data.enrolment (coalesce(profile_requested, created))
    WHERE state = 'enrolled' AND NOT profile_refused
        AND (profile_version IS NULL OR profile_version < announced_version);

-- Keyed tokens of a household's people, which intake makes: equal ones in two agencies are the same person.
CREATE TABLE data.household_token (@owned@,
    token text NOT NULL,
    FOREIGN KEY (root) REFERENCES data.enrolment
);
CREATE INDEX ON data.household_token (token);
CREATE INDEX ON data.household_token (root);
