"""The access lists against what services really listen to.

A reaction without its right would fail at start; a right without a reaction would be one that nobody watches.
"""

from __future__ import annotations

from importlib import import_module

import pytest
from stack.services import HEARS, SERVICES, Service


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_read_the_topics_that_it_subscribes_to_and_no_others(service: Service) -> None:
    subscribers = import_module(f"{service}.service").service.subscribers
    heard = {speaker for subscriber in subscribers for speaker in subscriber.services}
    assert heard - {service} == set(HEARS[service])


@pytest.mark.parametrize("service", SERVICES)
def test_no_consumer_group_of_a_service_is_called_after_another(service: Service) -> None:
    """Groups are granted by the beginning of their name, so no name may begin with another's."""
    assert not [other for other in SERVICES if other != service and service.startswith(other)]
