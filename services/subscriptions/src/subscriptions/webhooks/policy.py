"""The operator's settings of webhooks: where they may lead."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from solidary.platform.settings import Settings

from subscriptions.engines.addresses.networks import Address, Network, is_allowed, read_networks
from subscriptions.engines.addresses.urls import fault_of


@dataclass(frozen=True)
class Policy:
    """The networks that are allowed beside the public internet, whether http is, and a further authority of TLS."""

    networks: tuple[Network, ...] = ()
    plain_http: bool = False
    ca: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        """Return the policy of the settings."""
        return cls(read_networks(settings.webhook_networks), settings.webhook_http, settings.webhook_ca)

    def fault_of(self, url: str) -> str | None:
        """Return what is wrong with a URL as a sentence, or None."""
        return fault_of(url, plain_http=self.plain_http, allowed=self.networks)

    def allows(self, address: Address) -> bool:
        """Return whether a webhook may be sent to an address."""
        return is_allowed(address, self.networks)

    def ssl_context(self) -> ssl.SSLContext:
        """Return the settings of TLS: certificates are verified, against the further authority too."""
        context = ssl.create_default_context()
        if self.ca is not None:
            context.load_verify_locations(self.ca)
        return context
