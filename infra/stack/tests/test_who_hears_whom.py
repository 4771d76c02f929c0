"""The access lists against what services really listen to: a reaction without its right would fail at start."""

from __future__ import annotations

import pytest
from stack.services import HEARS, SERVICES, Service


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_read_every_topic_that_it_subscribes_to(service: Service) -> None:
    wiring = pytest.importorskip(f"{service}.service", exc_type=ModuleNotFoundError)
    heard = {speaker for subscriber in wiring.service.subscribers for speaker in subscriber.services}
    assert heard <= {service, *HEARS[service]}


@pytest.mark.parametrize("service", SERVICES)
def test_no_consumer_group_of_a_service_is_called_after_another(service: Service) -> None:
    """Groups are granted by the beginning of their name, so no name may begin with another's."""
    assert not [other for other in SERVICES if other != service and service.startswith(other)]
