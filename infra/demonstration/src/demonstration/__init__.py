"""The demonstration scenario: each step is taken by a person with the right duty, over HTTP and Kafka."""
