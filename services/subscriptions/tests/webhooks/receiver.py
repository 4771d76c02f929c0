"""`python receiver.py FILE [CERTIFICATE]`: a receiver of webhooks as a process of its own.

It prints its port. `FILE.mode` has the way to answer: accept, 500, 410, slow, redirect, endless, or `500 SUBJECT` for
the events of one aggregate only. Each request is a line of `FILE`: its headers and its body.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: Path) -> None:
    """Read one request, write it down, and answer it."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    headers = {name.lower(): value for name, value in headers.items()}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    mode, _, subject = _mode(log)
    if subject and json.loads(body)["subject"] != subject:
        mode = "accept"
    with log.open("a") as lines:
        lines.write(json.dumps({"headers": headers, "body": body.decode(), "mode": mode}) + "\n")
    if mode == "slow":
        await asyncio.sleep(3600)
    status = {"accept": 204, "500": 500, "410": 410, "redirect": 302, "endless": 200}[mode]
    place = f"location: https://127.0.0.1:{sys.argv[-1]}/inside\r\n" if mode == "redirect" else ""
    length = "" if mode == "endless" else "content-length: 0\r\n"
    writer.write(f"HTTP/1.1 {status} Answer\r\n{place}{length}\r\n".encode())
    while mode == "endless":
        writer.write(b"x" * 65536)
        await writer.drain()
    await writer.drain()
    writer.close()


def _mode(log: Path) -> tuple[str, str, str]:
    return Path(f"{log}.mode").read_text().partition(" ")


async def main() -> None:
    """Serve until the process ends."""
    log = Path(sys.argv[1])
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2])

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer, log)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
