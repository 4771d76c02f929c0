"""What every test of the workspace may use: the fixtures on the real servers, and the shared real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["solidary.testing.servers", "solidary.testing.spans"]

FAULTS = "faults"
STORY = "story"
ORDER = {STORY: -1, FAULTS: 1}
"""The story takes longest, so it begins; the faults kill the servers that the others stand on, so they end."""

# A busy machine is no failure: what a test may cost is counted, never timed.
settings.register_profile("solidary", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("solidary")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the repository; the test is skipped where it is absent."""
    beside = Path(__file__).resolve().parent.parent / "shared"
    folder = Path(os.environ.get("SOLIDARY_SHARED", beside)) / "data"
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: ORDER.get(_group(item.nodeid), 0))


class Together(LoadScopeScheduling):
    """Which tests one process runs together: those of a file, and all that stand on the told story."""

    def _split_scope(self, nodeid: str) -> str:
        group = _group(nodeid)
        return nodeid if group == FAULTS else group


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return Together(config, log)


def _group(nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    if path.startswith("tests/"):
        return FAULTS if path.startswith("tests/faults/") else STORY
    return path
