-- `recorded_by` (of `guard`) is who read or wrote. `number` orders the entries; `seal` is the one that covers an entry.
CREATE TABLE data.access_entry (@owned@,
    number bigint GENERATED ALWAYS AS IDENTITY,
    action text NOT NULL,
    reason text,
    reference uuid,
    service text,
    cause text,
    on_behalf_of uuid,
    recipient uuid,
    seal int
);
CREATE INDEX access_entry_list ON data.access_entry (agency, created, id);
CREATE INDEX access_entry_subject ON data.access_entry (root, agency, created, id);
CREATE INDEX access_entry_unsealed ON data.access_entry (agency) WHERE seal IS NULL;
CREATE INDEX access_entry_seal ON data.access_entry (agency, seal);

-- Each seal covers the entries without one and the seal before it, so that none can be removed unnoticed.
CREATE TABLE data.access_seal (@owned@,
    number int NOT NULL,
    entries int NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT access_seal_number UNIQUE (agency, number)
);

-- Each end of a retention period: the entries up to a seal are gone. The seals stay, and the chain goes on from that one.
CREATE TABLE data.access_cut (@owned@,
    seal int NOT NULL,
    entries bigint NOT NULL,
    CONSTRAINT access_cut_seal UNIQUE (agency, seal)
);

-- Each verification of the chain, up to a seal; the next one goes on from there.
CREATE TABLE data.access_verification (@owned@,
    verified_seal int NOT NULL,
    broken_seal int
);
CREATE INDEX access_verification_list ON data.access_verification (agency, created, id);
