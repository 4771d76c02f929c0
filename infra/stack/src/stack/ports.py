"""Ports on the loopback: free ones found once, then kept by the checkout as long as they stay free."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from stack.files import write_private

HOST = "127.0.0.1"
# Below the ephemeral ranges of Linux (32768) and macOS (49152): an outgoing connection cannot take one.
RANGE = range(20000, 30000)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def holder(port: int) -> str | None:
    """The program that listens on a port, where this user may know."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,)
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return None


def allot(names: Iterable[str], kept: Path, wanted: Mapping[str, int]) -> dict[str, int]:
    """A port for each name: the `wanted` one as it is, else the one in the file `kept` where it is still
    free, else another free one."""
    remembered = read_ports(kept)
    ports: dict[str, int] = {}
    for name in names:
        port = remembered.get(name)
        if name in wanted:
            ports[name] = wanted[name]
        elif port is not None and is_free(port):
            ports[name] = port
        else:
            ports[name] = another({*wanted.values(), *ports.values()})
    write_private(kept, json.dumps(ports, indent=1))
    return ports


def read_ports(kept: Path) -> dict[str, int]:
    """What `allot` chose last; nothing before its first time."""
    ports: dict[str, int] = json.loads(kept.read_text()) if kept.exists() else {}
    return ports


def another(taken: set[int]) -> int:
    """A free port."""
    while True:
        port = random.choice(RANGE)
        if port not in taken and is_free(port):
            return port
