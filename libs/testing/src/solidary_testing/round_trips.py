"""The count of round trips between a client and PostgreSQL, seen from the network between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass
class RoundTrips:
    """The number of requests, each of which is all that a client sends before it reads an answer."""

    url: str
    """The URL by which a client connects through the count."""
    count: int = 0


@asynccontextmanager
async def counted_round_trips(url: str) -> AsyncIterator[RoundTrips]:
    """Listen on a port of this machine, pass on what a client and the database at `url` send, and count."""
    place = urlsplit(url)
    connections: set[asyncio.Future[tuple[None, None]]] = set()

    async def serve(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(place.hostname, place.port)
        is_answered = True

        async def ask() -> None:
            nonlocal is_answered
            while sent := await client.read(1 << 16):
                trips.count += is_answered
                is_answered = False
                to_server.write(sent)
            to_server.close()

        async def answer() -> None:
            nonlocal is_answered
            while sent := await server.read(1 << 16):
                is_answered = True
                to_client.write(sent)
            to_client.close()

        exchange = asyncio.gather(ask(), answer())
        connections.add(exchange)
        await exchange

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    account = place.netloc.rpartition("@")[0]
    trips = RoundTrips(urlunsplit(place._replace(netloc=f"{account}@127.0.0.1:{port}")))
    try:
        yield trips
    finally:
        listening.close()
        for exchange in connections:
            exchange.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
