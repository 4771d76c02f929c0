"""Which actions are paid for: the allocation by the ballots, an override, the government's act, budget lines."""
