-- Who wrote what decides on a payment: identity, household, account, needs and consent. Only triggers write here, so
-- that no code can forget. `root` is the person, the household or the consent.
CREATE TABLE data.authorship (@owned@,
    part text NOT NULL,
    author uuid NOT NULL
);
CREATE INDEX authorship_root ON data.authorship (root, part);

CREATE TABLE data.payout_confirmation (@owned@,
    payout_version int NOT NULL,
    confirmed_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid
);
CREATE INDEX payout_confirmation_person ON data.payout_confirmation (root);
