"""Events from the outbox to Kafka, and from Kafka to a reaction's effect.

Delivery is at least once, the effect exactly once, the order kept for each aggregate.

Names are imported when they are first used: a relay's process needs no SQLAlchemy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solidary.platform.messaging.kafka import KafkaSettings, topic
    from solidary.platform.messaging.subscriber import Subscriber, projects, reacts_to, takes_notices

__all__ = ["KafkaSettings", "Subscriber", "projects", "reacts_to", "takes_notices", "topic"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"Module {__name__!r} has no attribute {name!r}.")
    module = "kafka" if name in ("KafkaSettings", "topic") else "subscriber"
    return getattr(import_module(f"{__name__}.{module}"), name)
