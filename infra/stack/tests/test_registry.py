"""The registered services and what is derived from them."""

from __future__ import annotations

import pytest
from solidary.files.command_line import CommandError
from solidary.language.events.event import stream
from solidary.language.notices import notice_stream
from solidary.platform.registry import load_service, load_services, service_names
from stack import services
from stack.errors import StackError
from stack.run_file import Client
from stack.secret_file import Secrets
from stack.services import (
    SERVICES,
    Capabilities,
    Service,
    read_topics,
    services_with_events,
    written_topics,
)


def test_services_are_those_that_declare_an_entry_point():
    assert SERVICES == service_names() == tuple(service.name for service in load_services())


@pytest.mark.parametrize("service", SERVICES)
def test_service_reads_the_topics_of_the_events_that_it_handles(service: Service) -> None:
    handled = {
        stream(event) for subscriber in load_service(service).subscribers for event in subscriber.events
    }
    if any(subscriber.notice_handler for subscriber in load_service(service).subscribers):
        handled |= {notice_stream(name) for name in services_with_events()}
    assert set(read_topics("PA", service)) == {f"pa.{name}" for name in handled}


def test_unknown_service_is_refused_with_the_names_of_those_that_exist():
    with pytest.raises(CommandError, match=r"«shelter».*intake"):
        load_service("shelter")


def test_front_end_without_database_and_events_gets_neither(monkeypatch):
    declared = {
        "frontdoor": Capabilities(has_database=False, has_events=False),
        "intake": Capabilities(
            published_streams=("intake.cases",),
            subscribed_streams=("referrals.cases",),
            secrets=("person_keys", "search_keys"),
        ),
    }
    monkeypatch.setattr(services, "SERVICES", tuple(declared))
    monkeypatch.setattr(services, "capabilities", lambda: declared)
    assert services.services_with_database() == ("intake",)
    assert services.services_with_events() == ("intake",)
    assert read_topics("PA", "intake") == ("pa.referrals.cases",)
    assert written_topics("PA", "intake") == ("pa.intake.cases",) == services.all_topics("PA")
    assert read_topics("PA", "frontdoor") == written_topics("PA", "frontdoor") == ()


def test_secret_setting_that_the_instance_does_not_have_is_refused():
    with pytest.raises(StackError, match="«other_key»"):
        Secrets().setting("other_key")


def test_settings_of_a_front_end_name_no_database_and_no_broker(own_run):
    run = own_run.model_copy(
        update={
            "services": {**own_run.services, "frontdoor": "http://127.0.0.1:6"},
            "service_secrets": {**own_run.service_secrets, "frontdoor": "secret"},
            "clients": {**own_run.clients, "svc-frontdoor": Client(secret="secret", service="frontdoor")},
        }
    )
    settings = run.environment("frontdoor")
    assert not [name for name in settings if "DATABASE" in name or "KAFKA" in name or "PERSON_KEYS" in name]
    assert "SOLIDARY_PERSON_KEYS" in run.environment("intake")
