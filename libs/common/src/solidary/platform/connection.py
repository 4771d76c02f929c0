"""Parameters of connections to PostgreSQL, by which a silent peer is detected.

This module is at the bottom of the layers: the relay's process imports it without SQLAlchemy.
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
"""libpq's parameters. The loss of the other machine is detected in 25 seconds, instead of the default two hours."""


def shutdown_socket(connection: psycopg.AsyncConnection[Any]) -> None:
    """Shut the connection's socket down, so that a pending statement raises an OperationalError at once.

    This works also where the server's process is frozen but its machine answers, which keepalives do not detect.
    """
    if not connection.closed:
        with socket.socket(fileno=os.dup(connection.fileno())) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)
