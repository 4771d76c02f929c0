"""The relay as a process of its own, which imports neither the service nor SQLAlchemy; several may run at once."""

from __future__ import annotations

from solidary.files.command_line import CommandError
from solidary.platform.messaging.relay import Relay
from solidary.platform.process import run_until_stopped
from solidary.platform.settings import RelaySettings, read_settings, refuse_unrestricted_roles
from solidary.platform.telemetry import start


def relay_of(service: str, settings: RelaySettings) -> Relay:
    """Return a service's relay. Raises CommandError where the relay's database role is not set."""
    if settings.database_relay is None:
        raise CommandError("SOLIDARY_DATABASE_RELAY is not set. The relay needs a database role of its own.")
    if settings.notice_keys is None:
        raise CommandError(
            "SOLIDARY_NOTICE_KEYS is not set. Set it to the secret of the instance's notices, which all services share."
        )
    return Relay(
        settings.database_relay.get_secret_value(),
        settings.kafka_settings,
        country=settings.country.lower(),
        service=service,
    )


def run_alone(service: str) -> None:
    """Run a service's relay until SIGTERM or SIGINT."""
    refuse_unrestricted_roles()
    relay = relay_of(service, read_settings(RelaySettings))
    start(service, "relay")
    run_until_stopped(relay.run)
