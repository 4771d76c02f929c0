"""The time and the memory of a command that runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

# VmHWM and not ru_maxrss, in which a child starts with the size of its parent.
_MEASURED = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
except SystemExit:
    status = open("/proc/self/status").read()
    print("\\nVmHWM", status.partition("VmHWM:")[2].split()[0], file=sys.stderr)
    raise
"""


def measure_command(module: str, *arguments: object) -> tuple[float, float]:
    """Run `python -m module …` and return its seconds and its peak memory in MiB. Raises RuntimeError if it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, module, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    error, _, kilobytes = done.stderr.rpartition("VmHWM")
    if done.returncode:
        raise RuntimeError(f"The command «python -m {module} {arguments[0]}» failed: {error[-500:]}")
    return seconds, int(kilobytes) / 1024


def peak_mib(pid: int | str = "self") -> float:
    """Return the peak memory of a process (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
