"""One attempt: a signed POST to an address that was checked.

The name is resolved once and the connection goes to the address that was checked, so a name that leads elsewhere a
moment later leads nowhere. TLS verifies the name. No proxy, no redirect, no cookie, no reuse of a connection: two names
at one address would share it. The answer's status is read and its body is not.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from uuid import UUID

import httpx

from subscriptions.engines.addresses.networks import Address, read_address
from subscriptions.webhooks.deliveries.names import Resolver
from subscriptions.webhooks.deliveries.rules import Failure, Outcome
from subscriptions.webhooks.policy import Policy

ATTEMPT_SECONDS = 15.0
"""The time for all of an attempt, from the resolution to the status of the answer."""
CONNECT_SECONDS = 5.0
CONTENT_TYPE = "application/cloudevents+json"

Resolve = Callable[[UUID, str, int], Awaitable[list[Address]]]


class Sender:
    """Sends signed events to receivers."""

    def __init__(
        self, policy: Policy, resolve: Resolve | None = None, *, seconds: float = ATTEMPT_SECONDS
    ) -> None:
        self._policy, self._seconds = policy, seconds
        self._own = Resolver() if resolve is None else None
        self._resolve: Resolve = resolve or self._own  # type: ignore[assignment]
        self._http = httpx.AsyncClient(
            verify=policy.ssl_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            headers={"user-agent": "Solidary-Webhooks", "accept": "*/*", "accept-encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        if self._own is not None:
            self._own.close()

    async def send(self, agency: UUID, url: str, headers: dict[str, str], body: bytes) -> Outcome:
        """Send an event and return the outcome; nothing that a receiver does raises."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._send(agency, httpx.URL(url), headers, body)
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(failure=Failure.TIME_OUT)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            is_tls = any(isinstance(each, ssl.SSLError) for each in _causes(error))
            return Outcome(failure=Failure.TLS if is_tls else Failure.UNREACHABLE)

    async def _send(self, agency: UUID, url: httpx.URL, headers: dict[str, str], body: bytes) -> Outcome:
        if self._policy.fault_of(str(url)) is not None:
            return Outcome(failure=Failure.ADDRESS_NOT_ALLOWED)
        try:
            addresses = await self._addresses(agency, url)
        except (OSError, UnicodeError):
            return Outcome(failure=Failure.NAME_NOT_FOUND)
        if not addresses or not all(self._policy.allows(address) for address in addresses):
            return Outcome(failure=Failure.ADDRESS_NOT_ALLOWED)
        request = self._http.build_request(
            "POST",
            url.copy_with(host=str(addresses[0])),
            content=body,
            headers={**headers, "host": url.netloc.decode(), "content-type": CONTENT_TYPE},
            extensions={"sni_hostname": url.host.rstrip(".")},
        )
        response = await self._http.send(request, stream=True)
        try:
            return Outcome.of(response.status_code)
        finally:
            await response.aclose()

    async def _addresses(self, agency: UUID, url: httpx.URL) -> list[Address]:
        literal = read_address(url.host)
        if literal is not None:
            return [literal]
        return await self._resolve(agency, url.host, url.port or 443)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
