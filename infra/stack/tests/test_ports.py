from __future__ import annotations

import os
import socket
from pathlib import Path

from stack.ports import HOST, allot, holder, is_free


def test_a_checkout_keeps_its_ports(tmp_path: Path) -> None:
    first = allot(["postgres", "kafka"], tmp_path / "ports.json", {})
    assert allot(["postgres", "kafka"], tmp_path / "ports.json", {}) == first
    assert len(set(first.values())) == 2


def test_a_port_that_somebody_took_meanwhile_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    first = allot(["postgres", "kafka"], tmp_path / "ports.json", {})
    with socket.create_server((HOST, first["kafka"])):
        second = allot(["postgres", "kafka"], tmp_path / "ports.json", {})
    assert second["postgres"] == first["postgres"]
    assert second["kafka"] != first["kafka"]


def test_a_wanted_port_is_given_as_it_is(tmp_path: Path) -> None:
    ports = allot(["postgres", "keycloak"], tmp_path / "ports.json", {"keycloak": 8080})
    assert ports["keycloak"] == 8080
    assert ports["postgres"] != 8080


def test_the_holder_of_a_port_is_named() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert f"(pid {os.getpid()})" in (holder(port) or "")
    assert holder(port) is None
