"""The registered services and what is derived from them."""

from __future__ import annotations

import pytest
from solidary.files.command_line import CommandError
from solidary.platform.registry import load_service, load_services, service_names
from stack.services import SERVICES, Service, subscriptions


def test_services_are_those_that_declare_an_entry_point():
    assert SERVICES == service_names() == tuple(service.name for service in load_services())


@pytest.mark.parametrize("service", SERVICES)
def test_service_reads_the_topics_of_the_events_that_it_handles(service: Service) -> None:
    handled = {
        event.service for subscriber in load_service(service).subscribers for event in subscriber.events
    }
    assert set(subscriptions()[service]) == handled - {service}


def test_unknown_service_is_refused_with_the_names_of_those_that_exist():
    with pytest.raises(CommandError, match=r"«shelter».*intake"):
        load_service("shelter")
