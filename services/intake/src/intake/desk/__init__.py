"""The work of the front desk: registrations, visits, needs, guidance and procedures."""
