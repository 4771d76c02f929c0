"""The HTTP server of a process: uvicorn, with a deadline and a size for the header of each request."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from solidary.files.command_line import CommandError
from solidary.platform.process import freeze

HEADER_SECONDS = 10.0
"""The time for a complete header, from the connection or from the header's first byte."""
HEADER_BYTES = 64 * 1024
KEEP_ALIVE_SECONDS = 130
"""The idle time after which a connection is closed: longer than that of a front door to its services (Caddy: 120 s,
nginx: 60 s), so that no request is sent on a connection that is just being closed."""
STOP_SECONDS = 10
"""The time that open requests have to end when the process stops; a request that waits for events is cut off then."""
THREAD_SECONDS = 0.0005
"""The longest that a thread computes while the event loop waits for the interpreter. With Python's own 5 ms, a request
of ten steps is 50 ms later while a thread decrypts or compares for another."""
MAX_CONNECTIONS = 2_000
"""The connections of one process; a request on a further one gets 503."""


class BoundedHttp(HttpToolsProtocol):
    """The protocol of one connection, which ends where a header is late or too large. uvicorn bounds neither."""

    _deadline: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first header."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._await_header()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._cancel_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived; end the connection where its header has become too large."""
        super().data_received(data)
        if self._deadline is not None:
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_BYTES:
                self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a header."""
        super().on_message_begin()
        self._await_header()

    def on_headers_complete(self) -> None:
        """Start the request."""
        self._cancel_deadline()
        super().on_headers_complete()

    def _await_header(self) -> None:
        if self._deadline is None:
            self._header_bytes = 0
            self._deadline = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """A server that leaves what its application was built of out of garbage collections.

    That lives as long as the process. A collection of all of it took a quarter of a second, every few seconds of a busy
    desk, in which nobody was answered (`benchmarks/suggestions.py` at 50 desks: 95th percentile 274 ms, without 52).
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, freeze what was made until then, and let threads yield to the event loop soon."""
        await super().startup(sockets=sockets)
        freeze()
        sys.setswitchinterval(THREAD_SECONDS)


def server_settings(host: str, port: int) -> dict[str, Any]:
    """Return uvicorn's settings for an API."""
    return {
        "host": host,
        "port": port,
        "http": BoundedHttp,
        "ws": "none",
        "limit_concurrency": MAX_CONNECTIONS,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": STOP_SECONDS,
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,  # uvicorn would believe every program of this machine; `FrontDoor` does it
    }


def serve(app: Any, host: str, port: int) -> None:
    """Serve an application until SIGTERM or SIGINT. Raises CommandError where it cannot be started."""
    server = Server(uvicorn.Config(app, **server_settings(host, port)))
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise CommandError("The API could not be started. The lines above say why.")
