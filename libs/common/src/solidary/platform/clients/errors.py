"""The errors of a call to another service of the instance. Their details name services and statuses, never content."""

from __future__ import annotations

from typing import ClassVar

from solidary.language.problems import NotFound, Problem

RETRY_SECONDS = "5"


class PeerUnavailable(Problem):
    """Another service of the platform did not answer, or answered that it cannot at the moment. Nothing was changed."""

    status, slug, title = 503, "peer-unavailable", "Another service of the platform is not available"
    action = "Send the same request again after the time that `Retry-After` gives."
    headers: ClassVar = {"Retry-After": RETRY_SECONDS}


class PeerNotConfigured(PeerUnavailable):
    """The settings of this service hold no address of the other service."""

    slug, title = "peer-not-configured", "The address of another service is not configured"
    action = "Ask the operator to add the address to `SOLIDARY_PEERS`."


class ServiceTokenUnavailable(PeerUnavailable):
    """The identity provider issued no access token to this service itself."""

    slug, title = "service-token-unavailable", "The service has no access token of its own"
    action = "Send the same request again after the time that `Retry-After` gives."


class PeerRefused(Problem):
    """Another service refused a call of this service: a fault of this service or of the instance's configuration."""

    status, slug, title = 502, "peer-refused", "Another service refused the call of this service"
    action = "Inform the operator: the detail names the service and the status of its response."


class PeerResponseInvalid(Problem):
    """Another service's response does not have the agreed form: the versions of the two services do not match."""

    status, slug, title = 502, "peer-response-invalid", "The response of another service cannot be read"
    action = "Inform the operator: the versions of the two services do not match."


class PeerNotFound(NotFound):
    """Another service holds no such resource within the reach of the acting agency."""

    slug, title = "peer-not-found", "Not found in another service"
    action = "Check the identifier, and whether the consent still holds."
