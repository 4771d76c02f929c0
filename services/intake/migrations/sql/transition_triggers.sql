CREATE TRIGGER registration_transition BEFORE INSERT OR UPDATE OF state ON data.person
    FOR EACH ROW EXECUTE FUNCTION machinery.check_transition('registration');
CREATE TRIGGER need_transition BEFORE INSERT OR UPDATE OF state ON data.need
    FOR EACH ROW EXECUTE FUNCTION machinery.check_transition('need');
CREATE TRIGGER procedure_transition BEFORE INSERT OR UPDATE OF state ON data.procedure
    FOR EACH ROW EXECUTE FUNCTION machinery.check_transition('procedure');
CREATE TRIGGER consent_transition BEFORE INSERT OR UPDATE OF state ON data.consent
    FOR EACH ROW EXECUTE FUNCTION machinery.check_transition('consent');
