"""Calls to the instance's other services: their addresses by name, this service's own token, one set of errors."""

from solidary.platform.clients.errors import (
    PeerNotConfigured,
    PeerNotFound,
    PeerRefused,
    PeerResponseInvalid,
    PeerUnavailable,
    ServiceTokenUnavailable,
)
from solidary.platform.clients.peers import Peer, ServiceClients
from solidary.platform.clients.service_token import ServiceTokens

__all__ = [
    "Peer",
    "PeerNotConfigured",
    "PeerNotFound",
    "PeerRefused",
    "PeerResponseInvalid",
    "PeerUnavailable",
    "ServiceClients",
    "ServiceTokenUnavailable",
    "ServiceTokens",
]
