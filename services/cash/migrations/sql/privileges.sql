-- Policies and privileges beyond those of the agency scope.

-- Nobody signs off, writes a rule, enters a transfer or takes an order in another person's name, and nobody signs off as a
-- maker. The policy `own_writer` of every table holds the same for `recorded_by`.
CREATE POLICY own_subject ON data.sign_off AS RESTRICTIVE FOR INSERT
    WITH CHECK (subject = (SELECT current_setting('app.subject')::uuid) AND stage <> 'prepare');
CREATE POLICY own_subject ON data.programme AS RESTRICTIVE FOR INSERT
    WITH CHECK (rule_author = (SELECT current_setting('app.subject')::uuid));
CREATE POLICY own_subject ON data.transfer AS RESTRICTIVE FOR INSERT
    WITH CHECK (entered_by = (SELECT current_setting('app.subject')::uuid) AND drawn_by = @agency@);
CREATE POLICY own_subject ON data.instruction AS RESTRICTIVE FOR INSERT
    WITH CHECK (ordered_by = (SELECT current_setting('app.subject')::uuid));
CREATE POLICY own_subject ON data.confirmed_rejection AS RESTRICTIVE FOR INSERT
    WITH CHECK (confirmed_by = (SELECT current_setting('app.subject')::uuid));
CREATE POLICY own_subject ON data.enrolment AS RESTRICTIVE FOR INSERT
    WITH CHECK (enrolled_by = (SELECT current_setting('app.subject')::uuid));
CREATE POLICY own_subject ON data.payment_control AS RESTRICTIVE FOR INSERT
    WITH CHECK (set_by = (SELECT current_setting('app.subject')::uuid));
CREATE POLICY own_subject ON data.flag_decision AS RESTRICTIVE FOR INSERT
    WITH CHECK (decided_by = (SELECT current_setting('app.subject')::uuid));
-- Nobody downloads a file whose payees intake has not logged as read by them.
CREATE POLICY own_file ON data.order_file AS RESTRICTIVE FOR SELECT
    USING (recorded_by = (SELECT current_setting('app.subject')::uuid));
-- Of several agencies that draw on a budget line, each sees its own transfers; the owner sees all.
CREATE POLICY owner_or_drawer ON data.transfer AS RESTRICTIVE FOR SELECT
    USING (agency = @agency@ OR drawn_by = @agency@);

REVOKE INSERT ON data.account FROM @app@;
GRANT INSERT (id, agency, root, currency, name) ON data.account TO @app@;
REVOKE UPDATE, DELETE ON data.programme, data.payment_plan, data.payment, data.instruction FROM @app@;
GRANT UPDATE (takes_referrals) ON data.programme TO @app@;
GRANT UPDATE (state, round, total, payment_count, excluded_count, content_hash, rule_author, submitted_by)
    ON data.payment_plan TO @app@;
GRANT UPDATE (amount, account_reference, account_version, account_fingerprint, state, delivered_amount, reason, calculation_id,
    report_id, confirmation_id)
    ON data.payment TO @app@;
GRANT UPDATE (matched, unmatched, contradictions, order_message) ON data.status_report TO @app@;
GRANT UPDATE (sha256) ON data.instruction TO @app@;
GRANT DELETE ON data.status_report_upload TO @app@;
GRANT USAGE ON SCHEMA published TO @app@;
GRANT SELECT ON published.movement TO @app@;
REVOKE ALL ON FUNCTION machinery.flagged_payments FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.flagged_payments TO @app@;
REVOKE UPDATE, DELETE ON data.enrolment FROM @app@;
GRANT UPDATE (state, makers, is_provisional, account_fingerprint, account_changed, account_confirmed, profile,
    profile_version, payout_version, announced_version, profile_refused, profile_requested) ON data.enrolment TO @app@;
