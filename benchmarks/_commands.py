"""A command as a person runs it: in a process of its own, with its seconds and the most memory that it held."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

# VmHWM, not ru_maxrss: there a child keeps what its parent weighed when it was started.
_WEIGHED = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
except SystemExit as left:
    status = open("/proc/self/status").read()
    print("\\nVmHWM", status.partition("VmHWM:")[2].split()[0], file=sys.stderr)
    raise
"""


def run(module: str, *words: object) -> tuple[float, float]:
    """Seconds and megabytes of `python -m module …`; its output goes nowhere. Raises where it fails."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _WEIGHED, module, *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    said, _, kilobytes = done.stderr.rpartition("VmHWM")
    if done.returncode:
        raise RuntimeError(f"python -m {module} {words[0]} failed: {said[-500:]}")
    return seconds, int(kilobytes) / 1024


def peak_mib(pid: int | str = "self") -> float:
    """The most memory that a process has held (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
