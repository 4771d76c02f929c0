"""Ports on the loopback: free ones found once, then kept by the checkout as long as they stay free."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock

from stack.artifacts import cache_folder
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


def allot(names: Iterable[str], folder: Path, wanted: Mapping[str, int]) -> dict[str, int]:
    """A port for each name, remembered in `ports.json` of the state folder: the `wanted` one as it is, else
    the one of last time where it is still free, else another that no other checkout of this user has."""
    remembered = read_ports(folder)
    ports: dict[str, int] = {}
    with _everybodys() as given:
        others = {port for place, theirs in given.items() if place != str(folder) for port in theirs}
        for name in names:
            port = remembered.get(name)
            if name in wanted:
                ports[name] = wanted[name]
            elif port is not None and is_free(port):
                ports[name] = port
            else:
                ports[name] = another({*others, *wanted.values(), *ports.values()})
        given[str(folder)] = list(ports.values())
    write_private(folder / "ports.json", json.dumps(ports, indent=1))
    return ports


@contextmanager
def _everybodys() -> Iterator[dict[str, list[int]]]:
    """The ports of each state folder that still exists: two that start at once do not choose alike."""
    file = cache_folder() / "ports.json"
    with FileLock(file.with_suffix(".lock")):
        given: dict[str, list[int]] = json.loads(file.read_text()) if file.exists() else {}
        given = {place: ports for place, ports in given.items() if Path(place).exists()}
        yield given
        write_private(file, json.dumps(given, indent=1))


def read_ports(folder: Path) -> dict[str, int]:
    """What `allot` chose last; nothing before its first time."""
    file = folder / "ports.json"
    ports: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    return ports


def another(taken: set[int]) -> int:
    """A free port."""
    while True:
        port = random.choice(RANGE)
        if port not in taken and is_free(port):
            return port
