"""The client, for threads (`Solidary`) and for asyncio (`AsyncSolidary`), with the same methods."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from importlib import import_module
from ipaddress import ip_address
from typing import Any, Self

import httpx

from solidary_client.errors import Refused
from solidary_client.feed import WAIT_SECONDS, Batch, parameters
from solidary_client.login import MachineLogin
from solidary_client.retries import AsyncRetryingTransport, Retries, RetryingTransport

REALM = "solidary"
CHANGED = 412
MAX_CHANGES = 10
"""The most attempts to apply a change to what somebody else has written meanwhile."""

Change = Callable[[dict[str, Any]], Any]
Verify = bool | ssl.SSLContext


class _Client:
    """The part that both clients share: the instance's address, the login and the settings of requests."""

    def __init__(
        self,
        address: str,
        client_id: str,
        secret: str,
        *,
        agency: str | None = None,
        retries: Retries | None = None,
        timeout: float = 60.0,
        verify: Verify = True,
        allow_http: bool = False,
    ) -> None:
        """Make a client of the instance at `address`, such as `https://solidary.example`.

        `agency` is needed by software that acts for several. Raises ValueError for an address by http that is not of
        this machine, unless it is allowed: the secret would be readable on the way.
        """
        self.address = httpx.URL(address.rstrip("/"))
        if self.address.scheme != "https" and not (allow_http or _is_loopback(self.address.host)):
            raise ValueError(f"{address} is not https. Use https, or state allow_http=True.")
        self._client_id, self._secret = client_id, secret
        self._headers = {"Solidary-Agency": agency} if agency else {}
        self._retries, self._timeout, self._verify = retries or Retries(), timeout, verify

    def _settings(self, service: str) -> dict[str, Any]:
        token_url = f"{self.address}/auth/realms/{REALM}/protocol/openid-connect/token"
        return {
            "auth": MachineLogin(self.address, token_url, self._client_id, self._secret, service),
            "base_url": f"{self.address}/api/{service}/v1",
            "headers": self._headers,
            "timeout": self._timeout,
        }


class Solidary(_Client):
    """A client of an instance's API for an agency's software. Every refusal is raised as `Refused`."""

    def __init__(self, *args: Any, transport: httpx.BaseTransport | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = transport or httpx.HTTPTransport(verify=self._verify)
        self._transport = RetryingTransport(inner, self._retries)
        self._services: dict[str, httpx.Client] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def service(self, service: str) -> httpx.Client:
        """Return the HTTP client of a service: its paths are those of the service's description."""
        if service not in self._services:
            self._services[service] = _HttpClient(transport=self._transport, **self._settings(service))
        return self._services[service]

    def api(self, service: str) -> Any:
        """Return the service's client for the generated functions: `….sync(client=solidary.api("intake"), …)`."""
        return _generated(service, str(self.address)).set_httpx_client(self.service(service))

    def call(self, service: str, method: str, path: str, json: Any = None, **kwargs: Any) -> Any:
        """Send a request and return the answer's JSON; None where it has none. Raises Refused."""
        return _content(self.service(service).request(method, path, json=json, **kwargs))

    def items(self, service: str, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page by page as they are asked for."""
        while True:
            page = self.call(service, "GET", path, params=query)
            yield from page["items"]
            if page.get("next") is None:
                return
            query["after"] = page["next"]

    def change(self, service: str, path: str, change: Change, *, to: str | None = None) -> Any:
        """Read what is at `path`, and put `change(what was read)` at `path` or at `to`.

        Where somebody else has changed it meanwhile, it is read and changed anew: nothing of theirs is lost.
        """
        client = self.service(service)
        for attempt in range(1, MAX_CHANGES + 1):
            read = client.get(path)
            try:
                body, version = change(read.json()), {"If-Match": read.headers["etag"]}
                return _content(client.put(to or path, json=body, headers=version))
            except Refused as refused:
                if refused.status != CHANGED or attempt == MAX_CHANGES:
                    raise
        raise AssertionError("The last attempt returns or raises.")

    def feed(
        self, after: str | None = None, *, types: Sequence[str] = (), wait: int = WAIT_SECONDS
    ) -> Iterator[Batch]:
        """Yield what happens in the agency's cases from a position on; with `wait=0` what has happened until now.

        Keep `batch.position`, and begin with it the next time. Raises Refused (410) for a position that is gone.
        """
        while True:
            query = parameters(after, types, wait)
            batch = Batch.of(self.call("subscriptions", "GET", "/events", params=query))
            after = batch.position
            if batch.events:
                yield batch
            if not (wait or batch.has_more):
                return


class AsyncSolidary(_Client):
    """A client of an instance's API for an agency's software. Every refusal is raised as `Refused`."""

    def __init__(self, *args: Any, transport: httpx.AsyncBaseTransport | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = transport or httpx.AsyncHTTPTransport(verify=self._verify)
        self._transport = AsyncRetryingTransport(inner, self._retries)
        self._services: dict[str, httpx.AsyncClient] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def service(self, service: str) -> httpx.AsyncClient:
        """Return the HTTP client of a service: its paths are those of the service's description."""
        if service not in self._services:
            self._services[service] = _AsyncHttpClient(transport=self._transport, **self._settings(service))
        return self._services[service]

    def api(self, service: str) -> Any:
        """Return the service's client for the generated functions: `….asyncio(client=solidary.api("intake"), …)`."""
        return _generated(service, str(self.address)).set_async_httpx_client(self.service(service))

    async def call(self, service: str, method: str, path: str, json: Any = None, **kwargs: Any) -> Any:
        """Send a request and return the answer's JSON; None where it has none. Raises Refused."""
        return _content(await self.service(service).request(method, path, json=json, **kwargs))

    async def items(self, service: str, path: str, **query: Any) -> AsyncIterator[dict[str, Any]]:
        """Yield the items of a list, page by page as they are asked for."""
        while True:
            page = await self.call(service, "GET", path, params=query)
            for item in page["items"]:
                yield item
            if page.get("next") is None:
                return
            query["after"] = page["next"]

    async def change(self, service: str, path: str, change: Change, *, to: str | None = None) -> Any:
        """Read what is at `path`, and put `change(what was read)` at `path` or at `to`.

        Where somebody else has changed it meanwhile, it is read and changed anew: nothing of theirs is lost.
        """
        client = self.service(service)
        for attempt in range(1, MAX_CHANGES + 1):
            read = await client.get(path)
            try:
                body, version = change(read.json()), {"If-Match": read.headers["etag"]}
                return _content(await client.put(to or path, json=body, headers=version))
            except Refused as refused:
                if refused.status != CHANGED or attempt == MAX_CHANGES:
                    raise
        raise AssertionError("The last attempt returns or raises.")

    async def feed(
        self, after: str | None = None, *, types: Sequence[str] = (), wait: int = WAIT_SECONDS
    ) -> AsyncIterator[Batch]:
        """Yield what happens in the agency's cases from a position on; with `wait=0` what has happened until now.

        Keep `batch.position`, and begin with it the next time. Raises Refused (410) for a position that is gone.
        """
        while True:
            query = parameters(after, types, wait)
            batch = Batch.of(await self.call("subscriptions", "GET", "/events", params=query))
            after = batch.position
            if batch.events:
                yield batch
            if not (wait or batch.has_more):
                return


class _HttpClient(httpx.Client):
    """An HTTP client that raises Refused."""

    def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        answer = super().send(request, **kwargs)
        if answer.is_error or answer.has_redirect_location:
            answer.read()
            raise Refused(answer)
        return answer


class _AsyncHttpClient(httpx.AsyncClient):
    """An HTTP client for asyncio that raises Refused."""

    async def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        answer = await super().send(request, **kwargs)
        if answer.is_error or answer.has_redirect_location:
            await answer.aread()
            raise Refused(answer)
        return answer


def _generated(service: str, address: str) -> Any:
    """Return a client of the generated part, which is in the wheel."""
    module = import_module(f"solidary_client.generated.{service}.client")
    return module.AuthenticatedClient(base_url=address, token="")


def _content(answer: httpx.Response) -> Any:
    return answer.json() if "json" in answer.headers.get("content-type", "") else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
