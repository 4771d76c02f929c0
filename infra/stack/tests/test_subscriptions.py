"""The access lists compared with the topics that services subscribe to.

A subscription without access would fail at start; access without a subscription would never be noticed.
"""

from __future__ import annotations

from importlib import import_module

import pytest
from stack.services import SERVICES, SUBSCRIPTIONS, Service


@pytest.mark.parametrize("service", SERVICES)
def test_service_may_read_exactly_the_topics_that_it_subscribes_to(service: Service) -> None:
    subscribers = import_module(f"{service}.service").service.subscribers
    publishers = {publisher for subscriber in subscribers for publisher in subscriber.services}
    assert publishers - {service} == set(SUBSCRIPTIONS[service])


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_name_begins_with_the_name_of_another(service: Service) -> None:
    """Consumer groups are granted by the beginning of their name."""
    assert not [other for other in SERVICES if other != service and service.startswith(other)]
