"""The parts of the scenario, one for each service, in the order in which they are played."""
