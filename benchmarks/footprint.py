"""Memory, idle CPU and start of the whole platform on one machine, beside an earlier commit of its own.

At that commit each service was two processes, started one by one. Both commits are started in turns by the program
behind `make run`, each with a state folder and an environment of its own. The first start of each, which makes
databases and realm, is not measured.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
import psutil
from stack.artifacts import cache_folder, make_once
from stack.checkout import state_folder
from stack.processes import ProcessTable
from stack.steps import Steps

from benchmarks import BenchmarkResult, Claim

ROOT = Path(__file__).parents[1]
EARLIER = "74dbb21"
ROUNDS = 3
START_SECONDS = STOP_SECONDS = 600.0
SETTLE_SECONDS = 20.0
"""A wait after the demonstration, in which outboxes, jobs and caches come to rest."""
IDLE_SECONDS = 60.0
"""Connections that nobody used for half a minute are closed in it."""
PARTS = ("Python", "PostgreSQL", "Kafka", "Keycloak")


@dataclass(frozen=True)
class Contender:
    """A checkout and the state folder that it is measured with."""

    name: str
    checkout: Path
    state: Path

    @property
    def python(self) -> Path:
        return self.checkout / ".venv" / "bin" / "python"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SOLIDARY_")}
        return kept | {"SOLIDARY_STATE": str(self.state), "SOLIDARY_CACHE": str(cache_folder())}


@dataclass(frozen=True)
class Start:
    """A running platform: the program behind `make run`, and the seconds until all services answered."""

    program: subprocess.Popen[str]
    seconds: float


def measure() -> BenchmarkResult:
    """Measure proportional memory (PSS, MiB), idle CPU (percent of a core) and seconds until all services answer."""
    contenders = [
        Contender("this commit", ROOT, state_folder() / "bench" / "footprint"),
        Contender(EARLIER, _earlier_checkout(), state_folder() / "bench" / f"footprint-{EARLIER}"),
    ]
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    figures: dict[str, list[dict[str, float]]] = {contender.name: [] for contender in contenders}
    try:
        for round_ in range(ROUNDS + 1):
            for contender in contenders:
                with _started(contender) as start:
                    if round_ == 0:
                        continue
                    seconds[contender.name].append(start.seconds)
                    figures[contender.name].append(_figures(contender, start.program))
                print(contender.name, start.seconds, figures[contender.name][-1], file=sys.stderr)
    finally:
        for contender in contenders:
            _stack(contender, "down", "--delete")
    rows = [_row(name, figures[name], seconds[name]) for name in seconds]
    ours, earlier = rows
    claims = [
        Claim(
            f"memory of the Python processes, to {EARLIER}",
            _ratio(ours, earlier, "Python MiB"),
            0.4,
            at_least=False,
        ),
        Claim(
            f"seconds to serving, to {EARLIER}",
            _ratio(ours, earlier, "seconds to serving"),
            0.8,
            at_least=False,
        ),
        Claim(
            "processes of PostgreSQL while nobody uses it",
            float(str(ours["PostgreSQL processes"])),
            30,
            at_least=False,
        ),
    ]
    return BenchmarkResult(
        rows, claims, f"Medians of {ROUNDS} rounds in turns; seconds: the best round of each."
    )


def _row(name: str, figures: list[dict[str, float]], seconds: list[float]) -> dict[str, object]:
    medians = {key: round(median(figure[key] for figure in figures), 1) for key in figures[0]}
    return {"contender": name, **medians, "seconds to serving": round(min(seconds), 1)}


def _ratio(ours: dict[str, object], earlier: dict[str, object], key: str) -> float:
    return float(str(ours[key])) / float(str(earlier[key]))


def _earlier_checkout() -> Path:
    """Return a folder with the earlier commit and its environment. Raises RuntimeError where git lacks the commit."""

    def extract(folder: Path) -> None:
        git = ["git", "-C", str(ROOT), "archive", EARLIER]
        archive = subprocess.run(git, capture_output=True, check=False)
        if archive.returncode != 0:
            raise RuntimeError(f"The commit {EARLIER} is not in this clone: {archive.stderr.decode()}")
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
            packed.extractall(folder, filter="data")

    checkout = make_once(cache_folder() / f"solidary-{EARLIER}", extract, Steps())
    subprocess.run(["make", "-C", str(checkout), "env"], check=True, stdout=subprocess.DEVNULL)
    return checkout


@contextmanager
def _started(contender: Contender) -> Iterator[Start]:
    """Start the platform as `make run` does; stop it at the end and wait until it has ended."""
    _stack(contender, "down")
    began = time.monotonic()
    command = [str(contender.python), "-m", "demonstration", "run"]
    program = subprocess.Popen(
        command,
        env=contender.environment,
        cwd=contender.checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_until_serving(contender, program)
        yield Start(program, time.monotonic() - began)
    finally:
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=STOP_SECONDS)


def _wait_until_serving(contender: Contender, program: subprocess.Popen[str]) -> None:
    """Wait until every service's API is ready. Raises RuntimeError where the program ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    run_file = contender.state / "run.json"
    with httpx.Client(timeout=2) as client:
        while time.monotonic() < deadline and program.poll() is None:
            with suppress(FileNotFoundError, httpx.TransportError):
                run = json.loads(run_file.read_text())
                urls = [run["services"][service] for service in run["service_secrets"]]
                if all(client.get(f"{url}/health/ready").is_success for url in urls):
                    return
            time.sleep(0.1)
    raise RuntimeError(f"{contender.name} did not start: {program.communicate(timeout=120)[0]}")


def _figures(contender: Contender, program: subprocess.Popen[str]) -> dict[str, float]:
    """Return memory and idle CPU, after the demonstration has been loaded."""
    assert program.stdout is not None
    for line in program.stdout:
        if "Ctrl-C stops everything" in line:
            break
    time.sleep(SETTLE_SECONDS)
    before = _cpu_seconds(_processes(contender, program.pid))
    time.sleep(IDLE_SECONDS)
    processes = _processes(contender, program.pid)
    after = _cpu_seconds(processes)
    spent = sum(seconds - before[pid] for pid, seconds in after.items() if pid in before)
    memory = dict.fromkeys(PARTS, 0.0)
    for process in processes:
        memory[_part(process)] += _pss_mib(process)
    return {
        "Python processes": sum(_part(process) == "Python" for process in processes),
        **{f"{part} MiB": mib for part, mib in memory.items()},
        "all MiB": sum(memory.values()),
        "PostgreSQL processes": sum(_part(process) == "PostgreSQL" for process in processes),
        "idle CPU %": 100 * spent / IDLE_SECONDS,
    }


def _processes(contender: Contender, program: int) -> list[psutil.Process]:
    """Return the program, all processes that bear its state folder's mark, and their children."""
    mark = ProcessTable(contender.state).mark
    found = {program: psutil.Process(program)}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(mark in part for part in process.cmdline()):
                found |= {one.pid: one for one in (process, *process.children(recursive=True))}
    return list(found.values())


def _part(process: psutil.Process) -> str:
    """Return the part of the platform that a process belongs to."""
    words = " ".join(process.cmdline())
    program = Path(process.exe()).name
    if program == "postgres":
        return "PostgreSQL"
    if program == "java":
        return "Kafka" if "kafka.Kafka" in words else "Keycloak"
    return "Python"


def _cpu_seconds(processes: list[psutil.Process]) -> dict[int, float]:
    return {process.pid: sum(process.cpu_times()[:2]) for process in processes}


def _pss_mib(process: psutil.Process) -> float:
    """Return the proportional memory of a process: a page that processes share counts in parts."""
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _stack(contender: Contender, *words: str) -> None:
    command = [str(contender.python), "-m", "stack", *words]
    subprocess.run(command, env=contender.environment, check=True, capture_output=True)
