"""From the outbox to Kafka, and from Kafka to a reaction's effect: at least once on the way, exactly once in
effect, in order for each aggregate.
"""

from solidary.messaging.kafka import KafkaSettings, topic
from solidary.messaging.subscriber import Subscriber, projects, reacts_to

__all__ = ["KafkaSettings", "Subscriber", "projects", "reacts_to", "topic"]
