-- The ballots of a round until it is counted, encrypted. Each vote writes the whole row anew, and its length depends on
-- the number of ballots alone: a card shares its transaction with all ballots of the box.
CREATE TABLE data.ballot_box (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    round integer NOT NULL,
    part integer NOT NULL,
    actions uuid[] NOT NULL,
    ballots integer NOT NULL,
    content bytea,
    CONSTRAINT ballot_box_once UNIQUE (root, round, part),
    CONSTRAINT ballot_box_length CHECK (octet_length(content) = 29 + ballots * (2 + (cardinality(actions) + 7) / 8))
);
-- Equal ballots of a counted round, all written in one transaction.
CREATE TABLE data.ballot (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    round integer NOT NULL,
    community text NOT NULL,
    channel text NOT NULL,
    approvals uuid[] NOT NULL,
    ballots integer NOT NULL CONSTRAINT ballot_counted CHECK (ballots > 0)
);
CREATE INDEX ballot_by_round ON data.ballot (root, round);

-- At the commit of each vote: the boxes hold as many ballots as cards were used, so none is lost and none is doubled.
CREATE FUNCTION data.check_box_numbers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF (SELECT coalesce(sum(ballots), 0) FROM ballot_box WHERE root = NEW.root AND round = NEW.round) <>
        (SELECT coalesce(sum(cards), 0) FROM ballot_entry
            WHERE root = NEW.root AND round = NEW.round AND act = 'cast') THEN
        PERFORM raise_violation('ballots_match_cards', 'the boxes hold another number of ballots than cards were used');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_box_numbers AFTER INSERT OR UPDATE ON data.ballot_box
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION data.check_box_numbers();
CREATE CONSTRAINT TRIGGER check_box_numbers AFTER INSERT ON data.ballot_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION data.check_box_numbers();

-- Boxes are opened when all stations are reconciled, and an opened box stays open.
CREATE FUNCTION data.check_box_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF OLD.content IS NULL OR (NEW.round, NEW.part, NEW.actions) <> (OLD.round, OLD.part, OLD.actions) THEN
        PERFORM raise_violation('ballot_box_opened', 'an opened box does not change');
    END IF;
    IF NEW.content IS NULL AND (NEW.ballots <> OLD.ballots OR EXISTS (SELECT FROM station
        WHERE root = NEW.root AND round = NEW.round AND state <> 'reconciled')) THEN
        PERFORM raise_violation('stations_reconciled', 'a station is not reconciled');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_box_change BEFORE UPDATE ON data.ballot_box FOR EACH ROW
    EXECUTE FUNCTION data.check_box_change();

-- Ballots are counted from boxes, so none is added once these are open.
CREATE FUNCTION data.check_ballot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ballot_box WHERE root = NEW.root AND round = NEW.round AND content IS NOT NULL) THEN
        PERFORM raise_violation('ballot_box_opened', 'the boxes of this round are open');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_ballot AFTER INSERT ON data.ballot FOR EACH ROW EXECUTE FUNCTION data.check_ballot();

CREATE FUNCTION data.check_ballots_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM station WHERE root = NEW.id AND round = NEW.round AND state <> 'reconciled') THEN
        PERFORM raise_violation('stations_reconciled', 'a station is not reconciled');
    END IF;
    IF EXISTS (SELECT FROM ballot_box WHERE root = NEW.id AND round = NEW.round AND content IS NOT NULL)
        OR (SELECT coalesce(sum(ballots), 0) FROM ballot WHERE root = NEW.id AND round = NEW.round) <>
        (SELECT coalesce(sum(cards), 0) FROM ballot_entry
            WHERE root = NEW.id AND round = NEW.round AND act = 'cast') THEN
        PERFORM raise_violation('ballots_match_cards', 'not all ballots that were cast are counted');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_ballots_counted AFTER UPDATE ON data.plan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state = 'ballots_reviewed' AND OLD.state <> 'ballots_reviewed')
    EXECUTE FUNCTION data.check_ballots_counted();
