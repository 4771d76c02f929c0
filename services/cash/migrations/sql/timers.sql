-- Timers act for all agencies, so they find their rows by functions that read across agencies.

CREATE FUNCTION machinery.claim_missing_profiles(max_rows int) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    UPDATE enrolment e SET profile_requested = now() WHERE e.id IN (
        SELECT m.id FROM enrolment m
        WHERE m.state = 'enrolled' AND NOT m.profile_refused
            AND (m.profile_version IS NULL OR m.profile_version < m.announced_version)
            AND coalesce(m.profile_requested, m.created) < now() - interval '5 minutes'
        ORDER BY coalesce(m.profile_requested, m.created) LIMIT max_rows FOR UPDATE SKIP LOCKED
    ) RETURNING e.id, e.agency
$$;

-- The referrals that a job could not take in, because referrals or intake did not answer.
CREATE FUNCTION machinery.claim_pending_referrals(max_rows int) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    UPDATE pending_referral r SET requested = now() WHERE r.id IN (
        SELECT p.id FROM pending_referral p WHERE p.requested < now() - interval '5 minutes'
        ORDER BY p.requested LIMIT max_rows FOR UPDATE SKIP LOCKED
    ) RETURNING r.id, r.agency
$$;

CREATE FUNCTION machinery.abandoned_plans(before timestamptz) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT p.id, p.agency FROM payment_plan p
    WHERE p.state IN ('draft', 'populated', 'locked', 'entitled', 'submitted', 'approved', 'authorised')
        AND p.last_changed < before
        AND NOT EXISTS (SELECT FROM sign_off s WHERE s.root = p.id AND s.created >= before)
$$;

CREATE FUNCTION machinery.delete_order_files(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    DELETE FROM order_file WHERE created < before
$$;

REVOKE ALL ON FUNCTION machinery.claim_missing_profiles, machinery.claim_pending_referrals, machinery.abandoned_plans,
    machinery.delete_order_files FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.claim_missing_profiles, machinery.claim_pending_referrals,
    machinery.abandoned_plans, machinery.delete_order_files TO @app@;
