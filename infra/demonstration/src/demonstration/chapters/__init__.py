"""One chapter a service, in the order in which they are told."""
