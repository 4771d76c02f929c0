"""Calls to the instance's other services: their addresses by name, who or what they act for, one set of errors."""

from solidary.platform.clients.errors import (
    PeerNotConfigured,
    PeerNotFound,
    PeerRefused,
    PeerResponseInvalid,
    PeerUnavailable,
    ServiceTokenUnavailable,
)
from solidary.platform.clients.origins import Cause, HumanRequest, Origin
from solidary.platform.clients.peers import Peer, ServiceClients
from solidary.platform.clients.service_token import ServiceTokens

__all__ = [
    "Cause",
    "HumanRequest",
    "Origin",
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
