"""The line to PostgreSQL, and how a peer that says nothing any more is noticed.

It stands at the bottom: the relay's process imports it without SQLAlchemy.
"""

from __future__ import annotations

import os
import socket
from typing import Any

import psycopg

CONNECTION_PARAMETERS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""libpq's parameters. A machine that has gone without a word is found out in 25 seconds, rather than in two hours."""


def shutdown_socket(connection: psycopg.AsyncConnection[Any]) -> None:
    """Ends the line at once: whoever waits for its server gets an OperationalError, also where the server is frozen
    and its machine is not."""
    if not connection.closed:
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
