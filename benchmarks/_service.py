"""A service on a temporary database, its API and its jobs each a process, and how time grows with size."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import linear_regression

import httpx
from solidary_testing.servers import TestDatabase, throwaway_database
from stack.ports import find_free_port
from stack.run_file import Run

from benchmarks._servers import Processes, processes, wait_until

SERVICES = Path(__file__).parents[1] / "services"


@dataclass(frozen=True)
class Serving:
    """The address of an API, its database, its process, and that of its jobs."""

    url: str
    database: TestDatabase
    api: Processes
    jobs: Processes


@contextmanager
def serve(run: Run, service: str, *, jobs: bool = False) -> Iterator[Serving]:
    """Serve a service on a temporary database."""
    with (
        throwaway_database(run, service, SERVICES / service / "migrations") as database,
        processes() as api,
        processes() as worker,
    ):
        settings = run.environment(service) | {
            "PATH": os.environ["PATH"],
            "SOLIDARY_RATE_LIMIT": "10000000/minute",
            "SOLIDARY_DATABASE_APP": database.roles["app"],
        }
        settings.pop("SOLIDARY_TELEMETRY_DIR", None)
        port = find_free_port(set())
        api.start([sys.executable, "-m", service, "api", "--port", str(port)], settings)
        if jobs:
            own = {name: settings[name] for name in ("PATH", "SOLIDARY_DATABASE_APP")}
            environment = run.environment(service, "worker") | own
            environment.pop("SOLIDARY_TELEMETRY_DIR", None)
            worker.start([sys.executable, "-m", service, "worker", "--only", "jobs"], environment)
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(f"{url}/health/live", api))
        yield Serving(url, database, api, worker)


def _answers(address: str, api: Processes) -> bool:
    api.check()
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def growth(seconds_by_size: Mapping[int, float]) -> float:
    """Return the exponent with which time grows with size.

    It is the slope of the least-squares line through the logarithms of all sizes and times.
    """
    sizes = [log(size) for size in seconds_by_size]
    return linear_regression(sizes, [log(seconds) for seconds in seconds_by_size.values()]).slope


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values are."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
