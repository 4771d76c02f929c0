"""What every test of the workspace may use: the fixtures on the real servers, and the shared real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["solidary_testing.servers", "solidary_testing.services", "solidary_testing.spans"]

STORY = ("tests/isolation/", "tests/contract/", "tests/story/")
"""They stand on one told story, which takes longest, so they begin: what looks at its rows, then what writes at random,
then what looks for traces of either."""

INFRA = "infra/"
"""They start and stop servers of their own, for a long time too, so they begin beside the story."""

FAULTS = "tests/faults/"
"""They kill the servers that the others stand on, so they end."""

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
    places = {folder: place for place, folder in enumerate([*STORY, INFRA, "", FAULTS])}
    items.sort(key=lambda item: places[_folder(item.nodeid)])


class Together(LoadScopeScheduling):
    """Which tests one process runs together: those of a file, all that stand on the story, and all of the stack's."""

    def _split_scope(self, nodeid: str) -> str:
        folder = _folder(nodeid)
        if folder == FAULTS:
            return nodeid
        return "story" if folder in STORY else folder or nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return Together(config, log)


def _folder(nodeid: str) -> str:
    return next((folder for folder in (*STORY, INFRA, FAULTS) if nodeid.startswith(folder)), "")
