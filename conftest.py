"""Fixtures for all tests, and the order in which the tests run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["solidary_testing.servers", "solidary_testing.services", "solidary_testing.spans"]

SCENARIO = (
    "tests/isolation/",
    "tests/contract/",
    "tests/scenario/",
    "tests/attacks/",
    "tests/browser/",
    "tests/extending/",
)
"""The tests that use the scenario come first, because they take longest.

Among them come the tests that read its rows, then those that send generated requests, then those that search for
traces of both, then the attacks, then the pages in a browser, and last the one that adds a service.
"""

INFRA = "infra/"
"""These tests start and stop servers of their own, which takes long too, so they run beside those of the scenario."""

FAULTS = "tests/faults/"
"""These tests kill the servers that the others use, so they come last."""

# A busy machine must not fail a test: costs are counted and never timed.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""New examples of every property in each run: `make test ARGS="--hypothesis-profile=search -k …"`."""
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
"""The same examples in every run, so that a change fails a test, and not the day."""
settings.load_profile("same")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the repository. A test that needs it is skipped when it does not exist."""
    beside = Path(__file__).resolve().parent.parent / "shared"
    folder = Path(os.environ.get("SOLIDARY_SHARED", beside)) / "data"
    if not folder.is_dir():
        pytest.skip(f"there are no shared data at {folder}")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests by their folders."""
    order = {folder: position for position, folder in enumerate([*SCENARIO, INFRA, "", FAULTS])}
    items.sort(key=lambda item: order[_folder(item.nodeid)])


class ScopeScheduling(LoadScopeScheduling):
    """A scheduler that gives one process all tests of a file, all of the scenario, and all of `infra/`."""

    def _split_scope(self, nodeid: str) -> str:
        folder = _folder(nodeid)
        if folder == FAULTS:
            return nodeid
        return "scenario" if folder in SCENARIO else folder or nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Return the scheduler of pytest-xdist."""
    return ScopeScheduling(config, log)


def _folder(nodeid: str) -> str:
    return next((folder for folder in (*SCENARIO, INFRA, FAULTS) if nodeid.startswith(folder)), "")
