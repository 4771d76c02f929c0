"""What every test of the workspace may use: the fixtures on the real servers, and the shared real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["solidary.testing.servers", "solidary.testing.spans"]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the repository; the test is skipped where it is absent."""
    beside = Path(__file__).resolve().parent.parent / "shared"
    folder = Path(os.environ.get("SOLIDARY_SHARED", beside)) / "data"
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fault rounds come last: they kill the servers that the others stand on."""
    items.sort(key=lambda item: "tests/faults/" in item.nodeid)
