"""The peers of the relay and the consumer, configured as their authors recommend."""
