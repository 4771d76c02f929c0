-- Questions whether another agency may know one person. Nothing of the person is kept, and only the function below
-- writes here: who asks cannot do so without being counted.
CREATE TABLE data.question (@owned@,
    reason text NOT NULL,
    day date NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC')::date,
    matched boolean NOT NULL
);
CREATE INDEX question_day ON data.question (day, agency);

-- One row for each agency that has somebody like the one in a question (`root`). `agency` is the one that was asked.
CREATE TABLE data.question_match (@owned@);
CREATE INDEX question_match_question ON data.question_match (root, agency);

CREATE TABLE data.inquiry (@owned@,
    asked_by uuid NOT NULL,
    day date NOT NULL,
    answer text
);
CREATE INDEX inquiry_list ON data.inquiry (agency, created, id);
CREATE INDEX inquiry_asked_by ON data.inquiry (asked_by, created, id);
