"""A referral: from one agency's desk to another agency's service, until the loop is closed."""
