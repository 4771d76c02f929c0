"""The work at the front desk: visits, needs, guidance and procedures."""
