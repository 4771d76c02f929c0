"""The token of a machine client: asked for when one is needed, and again before it ends."""

from __future__ import annotations

import time
from collections.abc import Generator

import httpx

from solidary_client.errors import Refused

EARLY = 10.0
"""The seconds before its end from which a token is not used any more: a request may wait on its way."""


class MachineLogin(httpx.Auth):
    """The login of a machine client for one service: its token opens no other, and is shown to no other address."""

    requires_response_body = True

    def __init__(self, address: httpx.URL, token_url: str, client_id: str, secret: str, service: str) -> None:
        self._origin, self._token_url = _origin(address), token_url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
            "scope": f"organization:* to-{service}",
        }
        self._token, self._until = "", 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with a token, and once more with a new one where the service refuses it."""
        if _origin(request.url) != self._origin:
            yield request
            return
        is_new = time.monotonic() >= self._until
        if is_new:
            self._keep((yield self._token_request()))
        used = self._token
        request.headers["Authorization"] = f"Bearer {used}"
        answer = yield request
        if answer.status_code == 401 and not is_new:
            if used == self._token:  # another thread may have a new one already
                self._keep((yield self._token_request()))
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _token_request(self) -> httpx.Request:
        return httpx.Request("POST", self._token_url, data=self._form)

    def _keep(self, answer: httpx.Response) -> None:
        if not answer.is_success:
            raise Refused(answer)
        granted = answer.json()
        self._token = granted["access_token"]
        self._until = time.monotonic() + granted["expires_in"] - EARLY


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
