-- Nobody writes under another hand, nor into the cards but through the log.
CREATE POLICY own_subject ON data.polling_agency AS RESTRICTIVE FOR INSERT
    WITH CHECK (allowed_by = current_setting('app.subject')::uuid);
CREATE POLICY own_subject ON data.ballot_entry AS RESTRICTIVE FOR INSERT
    WITH CHECK (actor = current_setting('app.subject')::uuid AND acting_agency = current_setting('app.agency')::uuid);
REVOKE INSERT ON data.used_ballot_card FROM @app@;
REVOKE UPDATE ON data.polling_agency FROM @app@;
REVOKE DELETE ON data.station, data.ballot_box FROM @app@;
