"""The demonstration scenario over real HTTP, tokens and Kafka, and the conditions that must hold after it."""
