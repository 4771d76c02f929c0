"""The selection of the actions that the budget pays for: by the ballots, or by an override."""
