"""The lists of the desk: people, needs and sent referrals."""
