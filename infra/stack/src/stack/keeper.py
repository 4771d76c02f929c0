"""A small program that `run` becomes when everything is up, so that the memory of the start is free.

    python -I -S keeper.py LOG

It waits for Ctrl-C, SIGTERM or a closed terminal and then becomes `python -m stack down`. Until then it prints what
the parent of the services writes to its log: the services that have ended. It imports the standard library only.
"""

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CHECK_SECONDS = 1.0


def become_keeper(log: Path) -> NoReturn:
    """Replace this program by the keeper. `log` is that of the services' parent, and need not exist."""
    # Blocked, a signal waits until the keeper asks for it, also one that comes in between.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-I", "-S", __file__, str(log)])  # noqa: S606


def main(log: Path) -> NoReturn:
    """Wait for a signal, then stop everything. A second signal cannot interrupt that."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    position = log.stat().st_size if log.exists() else 0
    while signal.sigtimedwait(SIGNALS, CHECK_SECONDS) is None:
        if log.exists() and log.stat().st_size < position:
            position = 0  # it was rotated
        if log.exists() and log.stat().st_size > position:
            with log.open() as file:
                file.seek(position)
                print(file.read(), end="", file=sys.stderr, flush=True)
                position = file.tell()
    print("Stopping everything.", file=sys.stderr, flush=True)
    os.execv(sys.executable, [sys.executable, "-m", "stack", "down"])  # noqa: S606


if __name__ == "__main__":
    main(Path(sys.argv[1]))
