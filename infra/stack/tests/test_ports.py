from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest
from stack import ports
from stack.ports import HOST, allot, holder, is_free


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLIDARY_CACHE", str(tmp_path_factory.mktemp("cache")))


def test_a_checkout_keeps_its_ports(tmp_path: Path) -> None:
    first = allot(["postgres", "kafka"], tmp_path, {})
    assert allot(["postgres", "kafka"], tmp_path, {}) == first
    assert len(set(first.values())) == 2


def test_a_port_that_somebody_took_meanwhile_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    first = allot(["postgres", "kafka"], tmp_path, {})
    with socket.create_server((HOST, first["kafka"])):
        second = allot(["postgres", "kafka"], tmp_path, {})
    assert second["postgres"] == first["postgres"]
    assert second["kafka"] != first["kafka"]


def test_a_wanted_port_is_given_as_it_is(tmp_path: Path) -> None:
    ports = allot(["postgres", "keycloak"], tmp_path, {"keycloak": 8080})
    assert ports["keycloak"] == 8080
    assert ports["postgres"] != 8080


def test_the_holder_of_a_port_is_named() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert f"(pid {os.getpid()})" in (holder(port) or "")
    assert holder(port) is None


def test_no_two_checkouts_choose_alike_even_while_neither_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "RANGE", range(20000, 20030))
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    names = [f"port{number}" for number in range(12)]
    assert not {*allot(names, first, {}).values()} & {*allot(names, second, {}).values()}
    # A checkout that was thrown away gives its ports back.
    shutil.rmtree(second)
    third = tmp_path / "third"
    third.mkdir()
    assert len(allot(names, third, {})) == 12
