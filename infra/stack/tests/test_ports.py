from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest
from stack import ports
from stack.ports import HOST, assign_ports, is_port_free, port_owner


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLIDARY_CACHE", str(tmp_path_factory.mktemp("cache")))


def test_checkout_keeps_its_ports(tmp_path: Path) -> None:
    first = assign_ports(["postgres", "kafka"], tmp_path, {})
    assert assign_ports(["postgres", "kafka"], tmp_path, {}) == first
    assert len(set(first.values())) == 2


def test_occupied_port_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    first = assign_ports(["postgres", "kafka"], tmp_path, {})
    with socket.create_server((HOST, first["kafka"])):
        second = assign_ports(["postgres", "kafka"], tmp_path, {})
    assert second["postgres"] == first["postgres"]
    assert second["kafka"] != first["kafka"]


def test_fixed_port_is_assigned_as_it_is(tmp_path: Path) -> None:
    ports = assign_ports(["postgres", "keycloak"], tmp_path, {"keycloak": 8080})
    assert ports["keycloak"] == 8080
    assert ports["postgres"] != 8080


def test_owner_of_a_port_is_named() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        assert not is_port_free(port)
        assert f"(pid {os.getpid()})" in (port_owner(port) or "")
    assert port_owner(port) is None


def test_two_checkouts_never_get_the_same_port_even_while_neither_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "RANGE", range(20000, 20030))
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    names = [f"port{number}" for number in range(12)]
    assert not {*assign_ports(names, first, {}).values()} & {*assign_ports(names, second, {}).values()}
    # The ports of a deleted checkout are free again.
    shutil.rmtree(second)
    third = tmp_path / "third"
    third.mkdir()
    assert len(assign_ports(names, third, {})) == 12
