"""Plans, their proposed actions and the ballots of the community."""
