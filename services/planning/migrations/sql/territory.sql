CREATE TABLE published.city (
    code text PRIMARY KEY,
    name text NOT NULL,
    pcode text NOT NULL,
    steward uuid NOT NULL,
    imported timestamptz NOT NULL
);
CREATE TABLE published.dataset (
    id uuid PRIMARY KEY,
    city text NOT NULL REFERENCES published.city,
    title text NOT NULL,
    publisher text NOT NULL,
    url text,
    licence text NOT NULL,
    period text NOT NULL,
    synthetic boolean NOT NULL,
    imported timestamptz NOT NULL
);
CREATE TABLE published.area (
    city text NOT NULL REFERENCES published.city,
    pcode text NOT NULL,
    name text NOT NULL,
    geometry bytea,
    dataset uuid NOT NULL REFERENCES published.dataset,
    PRIMARY KEY (city, pcode)
);
CREATE TABLE published.cell (
    city text NOT NULL REFERENCES published.city,
    id text NOT NULL,
    area text NOT NULL,
    geometry bytea NOT NULL,
    indicators jsonb NOT NULL,
    dataset uuid NOT NULL REFERENCES published.dataset,
    PRIMARY KEY (city, id),
    FOREIGN KEY (city, area) REFERENCES published.area
);
CREATE INDEX cell_by_area ON published.cell (city, area, id);

-- The cells of an area as GeoJSON, packed by gzip when the city is imported. It is read in parts: PostgreSQL finds
-- a part of a value that it did not compress without reading what is before it.
CREATE TABLE published.cell_map (
    city text NOT NULL,
    area text NOT NULL,
    etag text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (city, area),
    FOREIGN KEY (city, area) REFERENCES published.area
);
ALTER TABLE published.cell_map ALTER COLUMN body SET STORAGE EXTERNAL;

-- A city as it was sent, until it is imported. It is read in parts too.
CREATE TABLE data.city_upload (@owned@,
    body bytea NOT NULL
);
ALTER TABLE data.city_upload ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX city_upload_by_agency ON data.city_upload (agency, created);

CREATE TABLE data.tiu (@owned@,
    city text NOT NULL,
    area text NOT NULL,
    label text NOT NULL,
    outline bytea NOT NULL,
    cells text[] NOT NULL CONSTRAINT tiu_cells_required CHECK (cardinality(cells) > 0),
    population jsonb,
    FOREIGN KEY (city, area) REFERENCES published.area
);
CREATE INDEX tiu_by_agency ON data.tiu (agency, created, id);

CREATE TABLE published.demand (
    report uuid NOT NULL,
    line integer NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    area text NOT NULL,
    category text NOT NULL,
    population_group text,
    sex text,
    age_band text,
    people integer NOT NULL,
    PRIMARY KEY (report, line)
);
CREATE INDEX demand_by_area ON published.demand (area, period_end);
