-- The rules on plans and approvals.

-- The control of an agency that is in force; none at first.
CREATE FUNCTION machinery.current_control(of_agency uuid) RETURNS uuid LANGUAGE sql STABLE
SET search_path = data, machinery, pg_temp AS $$
    SELECT id FROM payment_control WHERE agency = of_agency ORDER BY created DESC, id DESC LIMIT 1
$$;

-- Whether an account rests: it has changed, and neither a second person nor the time has confirmed it. Seven days, unless
-- the agency's control has another number, and more where the programme demands more.
CREATE FUNCTION machinery.is_resting(of_agency uuid, of_programme uuid, changed timestamptz, confirmed boolean)
RETURNS boolean LANGUAGE sql STABLE SET search_path = data, machinery, pg_temp AS $$
    SELECT changed IS NOT NULL AND NOT confirmed AND changed > now() - make_interval(days => greatest(coalesce(
        (SELECT account_rest_days FROM payment_control WHERE id = current_control(of_agency)), 7),
        (SELECT account_rest_days FROM programme WHERE id = of_programme)))
$$;

-- Everybody who made what a plan pays: who wrote the people, households, accounts and consents, accepted the referrals,
-- and enrolled the households.
CREATE FUNCTION machinery.makers_by_link(plan uuid) RETURNS uuid[] LANGUAGE sql STABLE
SET search_path = data, machinery, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT maker), '{}') FROM payment p JOIN enrolment e ON e.id = p.enrolment_id
        JOIN referred_household r ON r.id = e.referral_id
        CROSS JOIN LATERAL unnest(e.makers || e.enrolled_by || r.accepted_by) AS maker
    WHERE p.root = plan AND p.state = 'planned'
$$;

CREATE FUNCTION machinery.approvals_needed(programme uuid, stage text, total bigint) RETURNS int
LANGUAGE sql STABLE SET search_path = data, machinery, pg_temp AS $$
    SELECT greatest(1,
        (SELECT CASE stage WHEN 'approve' THEN approvers WHEN 'authorise' THEN authorisers ELSE releasers END
            FROM approval_tier WHERE root = programme AND from_total <= total ORDER BY from_total DESC LIMIT 1),
        (SELECT CASE stage WHEN 'approve' THEN approvers WHEN 'authorise' THEN authorisers ELSE releasers END
            FROM least_approval_tier WHERE root = current_control(
                (SELECT agency FROM programme p WHERE p.id = programme)) AND from_total <= total
            ORDER BY from_total DESC LIMIT 1))
$$;

CREATE FUNCTION machinery.check_approval_tier() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payment_plan WHERE programme_id = NEW.root) THEN
        PERFORM raise_violation('approval_tiers_fixed', 'the programme already has a payment plan');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_approval_tier BEFORE INSERT ON data.approval_tier FOR EACH ROW
    EXECUTE FUNCTION machinery.check_approval_tier();

-- A new plan has its creator as its only maker, whatever the statement contains.
CREATE FUNCTION machinery.set_plan_creator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.round := 0; NEW.total := 0; NEW.content_hash := NULL; NEW.rule_author := NULL; NEW.debtor_id := NULL;
    NEW.submitted_by := NULL;
    NEW.last_changed := clock_timestamp();
    NEW.created_by := current_setting('app.subject')::uuid;
    NEW.makers := ARRAY[NEW.created_by];
    RETURN NEW;
END $$;
CREATE TRIGGER set_plan_creator BEFORE INSERT ON data.payment_plan FOR EACH ROW
    EXECUTE FUNCTION machinery.set_plan_creator();

-- Before a plan changes: keep its content fixed under review, count rounds, record makers, and require the approvals.
CREATE FUNCTION machinery.check_plan_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    me uuid := current_setting('app.subject')::uuid;
    passed_stage text := CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'authorised' THEN 'authorise'
        WHEN 'released' THEN 'release' END;
BEGIN
    IF OLD.state NOT IN ('draft', 'populated', 'locked', 'entitled')
        AND (NEW.content_hash, NEW.total, NEW.rule_author)
            IS DISTINCT FROM (OLD.content_hash, OLD.total, OLD.rule_author)
    THEN
        PERFORM raise_violation('plan_unchanged_in_review', 'the payments of a plan under review do not change');
    END IF;
    IF NEW.state = 'submitted' AND OLD.state <> 'submitted' THEN
        NEW.round := OLD.round + 1;
        NEW.submitted_by := me;
        IF NEW.content_hash IS DISTINCT FROM plan_content_hash(NEW.id) THEN
            PERFORM raise_violation('plan_content', 'the payments are not those whose amounts were computed');
        END IF;
        IF EXISTS (SELECT FROM payment p JOIN enrolment e ON e.id = p.enrolment_id
            WHERE p.root = NEW.id AND p.state = 'planned'
                AND (e.is_provisional OR e.account_changed IS NOT NULL
                    AND is_resting(e.agency, e.programme_id, e.account_changed, e.account_confirmed))) THEN
            PERFORM raise_violation('plan_payable', 'a person is provisional, or an account has changed lately');
        END IF;
    ELSE
        NEW.round := OLD.round;
    END IF;
    IF NEW.state = 'entitled' AND OLD.state IN ('locked', 'entitled') THEN
        NEW.rule_author := (SELECT rule_author FROM programme WHERE id = NEW.programme_id);
        NEW.debtor_id := (SELECT id FROM programme_debtor WHERE root = NEW.programme_id
            ORDER BY created DESC, id DESC LIMIT 1);
    END IF;
    IF NEW.state IN ('populated', 'submitted') OR (NEW.content_hash, NEW.total, NEW.rule_author)
        IS DISTINCT FROM (OLD.content_hash, OLD.total, OLD.rule_author) THEN
        NEW.makers := ARRAY(SELECT DISTINCT unnest(array_remove(OLD.makers || me || NEW.rule_author
            || (SELECT recorded_by FROM programme_debtor WHERE id = NEW.debtor_id)
            || CASE WHEN NEW.state = 'submitted' THEN makers_by_link(NEW.id) END, NULL)));
    END IF;
    IF passed_stage IS NOT NULL AND NEW.state <> OLD.state THEN
        IF (SELECT count(*) FROM sign_off WHERE root = NEW.id AND round = NEW.round AND stage = passed_stage
            AND content_hash = NEW.content_hash) < approvals_needed(NEW.programme_id, passed_stage, NEW.total) THEN
            PERFORM raise_violation('plan_approvals', format('approvals are missing at the stage %s', passed_stage));
        END IF;
        IF passed_stage = 'release' AND (NEW.content_hash <> plan_content_hash(NEW.id) OR NEW.total <>
            (SELECT sum(amount) FROM payment WHERE root = NEW.id AND state = 'planned')) THEN
            PERFORM raise_violation('plan_content', 'the payments are not those that were submitted');
        END IF;
    END IF;
    IF NEW.state = 'released' AND OLD.state <> 'released' THEN
        -- Plans of one cycle and purpose are released one after the other, so that each sees the other's payments.
        PERFORM pg_advisory_xact_lock(hashtextextended(format('release %s %s', NEW.cycle, NEW.purpose), 0));
        IF EXISTS (SELECT FROM undecided_flags(NEW.id)) THEN
            PERFORM raise_violation('plan_flags_decided', 'somebody must decide on the payments that are flagged');
        END IF;
    END IF;
    IF NEW.state = 'dispatched' AND OLD.state <> 'dispatched' AND me = ANY (NEW.makers) THEN
        PERFORM raise_violation('plan_ordered_by_another', 'a person who made a plan does not take its order');
    END IF;
    IF NEW.state = 'dispatched' AND OLD.state <> 'dispatched' AND NEW.content_hash <> plan_content_hash(NEW.id) THEN
        PERFORM raise_violation('plan_content', 'the payments are not those that were released');
    END IF;
    NEW.last_changed := clock_timestamp();
    RETURN NEW;
END $$;
-- Its name sorts after `payment_plan_transition`, so that a step that does not exist is refused first.
CREATE TRIGGER plan_change BEFORE UPDATE ON data.payment_plan FOR EACH ROW
    EXECUTE FUNCTION machinery.check_plan_change();

-- When a round begins: sign off for the makers, so that none of them can approve.
CREATE FUNCTION machinery.sign_off_makers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    INSERT INTO sign_off (agency, root, round, subject, stage, content_hash)
    SELECT NEW.agency, NEW.id, NEW.round, maker, 'prepare', NEW.content_hash FROM unnest(NEW.makers) AS maker;
    RETURN NULL;
END $$;
CREATE TRIGGER sign_off_makers AFTER UPDATE ON data.payment_plan FOR EACH ROW
    WHEN (NEW.round > OLD.round) EXECUTE FUNCTION machinery.sign_off_makers();

-- Before an approval is added: the plan waits for this stage, in this round, with these payments.
CREATE FUNCTION machinery.check_approval() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    plan payment_plan;
BEGIN
    SELECT * INTO plan FROM payment_plan WHERE id = NEW.root AND agency = NEW.agency FOR NO KEY UPDATE;
    IF NEW.round IS DISTINCT FROM plan.round OR plan.state IS DISTINCT FROM
        (CASE NEW.stage WHEN 'approve' THEN 'submitted' WHEN 'authorise' THEN 'approved' ELSE 'authorised' END)
    THEN
        PERFORM raise_violation('sign_off_in_turn', format('the plan is %s and does not wait for the stage %s',
            plan.state, NEW.stage));
    END IF;
    IF NEW.content_hash IS DISTINCT FROM plan.content_hash THEN
        PERFORM raise_violation('sign_off_content', 'an approval is bound to the payments that were submitted');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_approval BEFORE INSERT ON data.sign_off FOR EACH ROW WHEN (NEW.stage <> 'prepare')
    EXECUTE FUNCTION machinery.check_approval();
