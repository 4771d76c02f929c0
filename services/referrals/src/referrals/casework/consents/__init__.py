"""The consents that intake told of: the ground on which a referral stands. What they open stays in intake."""
