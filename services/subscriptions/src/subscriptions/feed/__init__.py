"""The feed of each agency: the events of all services that concern it, in one order."""
