"""Ports on the loopback address: free ones are chosen once and kept by the checkout while they stay free."""

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


def is_port_free(port: int) -> bool:
    """Return true if a program could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def port_owner(port: int) -> str | None:
    """Return the name and pid of the program that listens on a port; None where this user may not see it."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            is_listener = connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,)
            if is_listener and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return None


def assign_ports(names: Iterable[str], folder: Path, fixed: Mapping[str, int]) -> dict[str, int]:
    """Return a port for each name and write them to `ports.json` of the state folder.

    A port in `fixed` is taken as it is; else the port of last time where it is still free; else one that is free
    and that no other checkout of this user has.
    """
    previous = read_ports(folder)
    ports: dict[str, int] = {}
    with _assigned_to_checkouts() as assigned:
        others = {port for checkout, theirs in assigned.items() if checkout != str(folder) for port in theirs}
        for name in names:
            port = previous.get(name)
            if name in fixed:
                ports[name] = fixed[name]
            elif port is not None and is_port_free(port):
                ports[name] = port
            else:
                ports[name] = find_free_port({*others, *fixed.values(), *ports.values()})
        assigned[str(folder)] = list(ports.values())
    write_private(folder / "ports.json", json.dumps(ports, indent=1))
    return ports


@contextmanager
def _assigned_to_checkouts() -> Iterator[dict[str, list[int]]]:
    """Yield the ports of each state folder that still exists, under a lock, and write back what was changed.

    Two checkouts that start at the same time therefore never choose the same port.
    """
    file = cache_folder() / "ports.json"
    with FileLock(file.with_suffix(".lock")):
        assigned: dict[str, list[int]] = json.loads(file.read_text()) if file.exists() else {}
        assigned = {checkout: ports for checkout, ports in assigned.items() if Path(checkout).exists()}
        yield assigned
        write_private(file, json.dumps(assigned, indent=1))


def read_ports(folder: Path) -> dict[str, int]:
    """Return the ports that `assign_ports` wrote last; nothing before its first call."""
    file = folder / "ports.json"
    ports: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    return ports


def find_free_port(excluded: set[int]) -> int:
    """Return a random free port that is not excluded."""
    while True:
        port = random.choice(RANGE)
        if port not in excluded and is_port_free(port):
            return port
