"""Requests that are sent again: after an answer that asks for it, or none at all.

Every request may be repeated. A POST has an `Idempotency-Key`, which is the same each time, so it acts once.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from uuid import uuid4

import httpx

AGAIN = frozenset({429, 502, 503, 504})
NO_ANSWER = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError)
MAX_DOUBLINGS = 10


@dataclass(frozen=True)
class Retries:
    """The attempts of a request, and the waits between them in seconds.

    A service may ask for another wait (`Retry-After`). If it asks for more than `longest`, its answer is returned.
    """

    attempts: int = 6
    first: float = 0.5
    longest: float = 60.0

    def pause(self, attempt: int, answer: httpx.Response | None = None) -> float | None:
        """Return the seconds to wait after an attempt (from 1); None where the request is not to be sent again."""
        if attempt >= self.attempts or (answer is not None and answer.status_code not in AGAIN):
            return None
        asked = None if answer is None else _asked(answer)
        if asked is not None:
            # Clients that were refused at one time do not ask again at one time.
            return asked + random.uniform(0, self.first) if asked <= self.longest else None
        step = self.first * 2 ** min(attempt - 1, MAX_DOUBLINGS)
        return random.uniform(step / 2, step) if step <= self.longest else self.longest


class RetryingTransport(httpx.BaseTransport):
    """A transport that sends a request again by the rules of `Retries`."""

    def __init__(self, transport: httpx.BaseTransport, retries: Retries) -> None:
        self._transport, self._retries = transport, retries

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        _give_key(request)
        request.read()
        attempt = 1
        while True:
            answer: httpx.Response | None = None
            try:
                answer = self._transport.handle_request(request)
            except NO_ANSWER:
                pause = self._retries.pause(attempt)
                if pause is None:
                    raise
            else:
                pause = self._retries.pause(attempt, answer)
                if pause is None:
                    return answer
                answer.close()
            time.sleep(pause)
            attempt += 1

    def close(self) -> None:
        self._transport.close()


class AsyncRetryingTransport(httpx.AsyncBaseTransport):
    """A transport for asyncio that sends a request again by the rules of `Retries`."""

    def __init__(self, transport: httpx.AsyncBaseTransport, retries: Retries) -> None:
        self._transport, self._retries = transport, retries

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        _give_key(request)
        await request.aread()
        attempt = 1
        while True:
            answer: httpx.Response | None = None
            try:
                answer = await self._transport.handle_async_request(request)
            except NO_ANSWER:
                pause = self._retries.pause(attempt)
                if pause is None:
                    raise
            else:
                pause = self._retries.pause(attempt, answer)
                if pause is None:
                    return answer
                await answer.aclose()
            await asyncio.sleep(pause)
            attempt += 1

    async def aclose(self) -> None:
        await self._transport.aclose()


def _give_key(request: httpx.Request) -> None:
    if request.method == "POST":
        request.headers.setdefault("Idempotency-Key", str(uuid4()))


def _asked(answer: httpx.Response) -> float | None:
    """Return the seconds of `Retry-After`, which is a number or a date (RFC 9110, 10.2.3)."""
    header = answer.headers.get("retry-after", "")
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
