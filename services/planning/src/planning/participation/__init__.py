"""Plans from the diagnosis to the ballots: needs, actions, publication and steps."""
