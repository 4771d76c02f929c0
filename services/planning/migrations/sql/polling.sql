-- Partners that may issue cards and cast ballots of a plan, because its owner allowed it.
CREATE TABLE data.polling_agency (@owned@,
    partner uuid NOT NULL,
    allowed_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    CONSTRAINT polling_agency_once UNIQUE (root, partner)
);

CREATE TABLE data.station (@owned@,
    round integer NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    counted_spoiled integer,
    counted_cast integer,
    counted_unused integer,
    explanation text,
    reconciled_by uuid,
    reconciled timestamptz,
    CONSTRAINT station_once UNIQUE (root, round, name),
    CONSTRAINT station_counted_by_hand CHECK (state <> 'reconciled' OR (counted_spoiled >= 0 AND counted_cast >= 0
        AND counted_unused >= 0 AND reconciled_by IS NOT NULL AND reconciled IS NOT NULL))
);
CREATE TRIGGER station_transition BEFORE INSERT OR UPDATE OF state ON data.station FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('station');

-- The log of a round: who issued, spoiled or used which cards, where and when. It has nothing of how anybody voted.
CREATE TABLE data.ballot_entry (@owned@,
    round integer NOT NULL,
    station_id uuid NOT NULL REFERENCES data.station,
    act text NOT NULL CONSTRAINT ballot_entry_act CHECK (act IN ('issued', 'spoiled', 'cast')),
    cards integer NOT NULL CONSTRAINT ballot_entry_cards_positive CHECK (cards > 0),
    first integer,
    numbers integer[],
    reason text,
    actor uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    acting_agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    CONSTRAINT ballot_entry_numbers CHECK (CASE act WHEN 'issued' THEN first > 0 AND numbers IS NULL
        ELSE first IS NULL AND cardinality(numbers) = cards END),
    CONSTRAINT ballot_entry_spoiled_reason CHECK (act <> 'spoiled' OR reason <> '')
);
CREATE INDEX ballot_entry_by_round ON data.ballot_entry (root, round);
CREATE INDEX ballot_entry_by_station ON data.ballot_entry (station_id);

-- Written from the log alone. Nothing links a card to a ballot: neither has a time, and no ballot is a row of its own.
CREATE TABLE data.used_ballot_card (
    agency uuid NOT NULL,
    root uuid NOT NULL,
    round integer NOT NULL,
    number integer NOT NULL,
    spoiled boolean NOT NULL,
    CONSTRAINT used_ballot_card_once PRIMARY KEY (root, round, number)
);

CREATE FUNCTION data.raise_violation(name text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'check_violation', CONSTRAINT = name;
END $$;

-- Issuing (with spoiling) and casting belong to different people in a round. A card belongs to its station and is used
-- once.
CREATE FUNCTION data.check_ballot_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    PERFORM FROM plan WHERE id = NEW.root AND round = NEW.round AND state = 'balloting' FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM raise_violation('station_closed', 'the plan is in another round or state');
    END IF;
    PERFORM FROM station WHERE id = NEW.station_id AND root = NEW.root AND round = NEW.round AND state = 'open'
        FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM raise_violation('station_closed', 'the station is not open in this round');
    END IF;
    IF EXISTS (SELECT FROM ballot_entry e WHERE e.root = NEW.root AND e.round = NEW.round AND e.actor = NEW.actor
        AND (e.act = 'cast') <> (NEW.act = 'cast')) THEN
        PERFORM raise_violation('ballot_duties_separate', 'who issues cards casts no ballots');
    END IF;
    IF NEW.act = 'issued' THEN
        IF NEW.first <> (SELECT coalesce(max(e.first + e.cards), 1) FROM ballot_entry e
            WHERE e.root = NEW.root AND e.round = NEW.round AND e.act = 'issued' AND e.id <> NEW.id) THEN
            PERFORM raise_violation('card_numbers_consecutive', 'the numbers of cards follow one another');
        END IF;
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM unnest(NEW.numbers) AS number WHERE NOT EXISTS (SELECT FROM ballot_entry e
        WHERE e.station_id = NEW.station_id AND e.act = 'issued' AND number >= e.first
        AND number < e.first + e.cards)) THEN
        PERFORM raise_violation('card_of_station', 'the station did not issue this card');
    END IF;
    INSERT INTO used_ballot_card SELECT NEW.agency, NEW.root, NEW.round, number, NEW.act = 'spoiled'
        FROM unnest(NEW.numbers) AS number;
    RETURN NULL;
END $$;
CREATE TRIGGER check_ballot_entry AFTER INSERT ON data.ballot_entry FOR EACH ROW
    EXECUTE FUNCTION data.check_ballot_entry();

-- A station is closed by somebody who neither issued nor cast, with numbers that agree or are explained.
CREATE FUNCTION data.check_reconciliation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
DECLARE
    issued bigint; spoiled bigint; used bigint;
BEGIN
    IF OLD.state = 'reconciled' THEN
        PERFORM raise_violation('station_closed', 'a reconciled station does not change');
    END IF;
    IF NEW.state = 'reconciled' THEN
        NEW.reconciled_by := current_setting('app.subject')::uuid;
        NEW.reconciled := clock_timestamp();
        SELECT coalesce(sum(cards) FILTER (WHERE act = 'issued'), 0),
            coalesce(sum(cards) FILTER (WHERE act = 'spoiled'), 0),
            coalesce(sum(cards) FILTER (WHERE act = 'cast'), 0) INTO issued, spoiled, used
            FROM ballot_entry WHERE station_id = NEW.id;
        IF EXISTS (SELECT FROM ballot_entry WHERE root = NEW.root AND round = NEW.round
            AND actor = NEW.reconciled_by) THEN
            PERFORM raise_violation('ballot_duties_separate', 'who issues cards or casts ballots reconciles nothing');
        END IF;
        IF (NEW.counted_spoiled, NEW.counted_cast, NEW.counted_unused)
            IS DISTINCT FROM (spoiled, used, issued - spoiled - used) AND coalesce(NEW.explanation, '') = '' THEN
            PERFORM raise_violation('station_numbers', 'the numbers counted by hand differ without an explanation');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_reconciliation BEFORE UPDATE ON data.station FOR EACH ROW
    EXECUTE FUNCTION data.check_reconciliation();
