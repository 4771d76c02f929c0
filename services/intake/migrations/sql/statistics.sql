CREATE TABLE data.demand_report (@owned@,
    period_start date NOT NULL,
    period_end date NOT NULL,
    k int NOT NULL,
    cells jsonb NOT NULL,
    withheld int NOT NULL,
    tables jsonb NOT NULL,
    CONSTRAINT demand_report_period UNIQUE (agency, period_start)
);

CREATE TABLE published.tiu (
    id uuid PRIMARY KEY,
    label text NOT NULL,
    area text NOT NULL,
    cells text[] NOT NULL
);
