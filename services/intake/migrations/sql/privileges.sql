-- Whom a consent, its use or a hold is about, and what a consent allows, is written once.
REVOKE UPDATE ON data.consent, data.consent_use, data.legal_hold FROM @app@;
GRANT UPDATE (state, ended) ON data.consent TO @app@;
GRANT UPDATE (consent_id, package_id, household_id) ON data.consent_use TO @app@;
GRANT UPDATE (until, lifted) ON data.legal_hold TO @app@;
