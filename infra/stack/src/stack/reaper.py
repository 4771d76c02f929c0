"""A small program that the services' parent becomes after its forks, so that its own copy of their memory is free.

    python -X MARK -I -S reaper.py LOGS SERVICE=PID …

It waits until all of its children have ended, reports each on standard output, and passes SIGTERM on to them. Meanwhile
it rotates the logs in the folder LOGS, those of the servers too. It imports the standard library only.
"""

import os
import signal
import sys

CHECK_SECONDS = 10
PART_BYTES = 16 * 2**20
PARTS = 3
"""A log keeps up to `PARTS` older parts of about `PART_BYTES`."""


def rotate_all(folder: str, part_bytes: int = PART_BYTES) -> None:
    """Rotate the logs of a folder that have grown beyond `part_bytes`."""
    for name in os.listdir(folder):
        log = os.path.join(folder, name)
        try:
            if name.endswith(".log") and os.path.getsize(log) > part_bytes:
                rotate(log)
        except OSError as error:
            print(f"{log} cannot be rotated: {error.strerror}.", flush=True)


def rotate(log: str) -> None:
    """Copy a log to `NAME.log.1` and empty it, because the process that writes it keeps the file open.

    It writes at the file's end, wherever that is. What it writes between the last copy and the emptying is lost.
    """
    shift(log)
    part = f"{log}.1"
    with open(log, "rb") as source, open(part, "wb", opener=_private) as copy:
        while chunk := source.read(2**20):
            copy.write(chunk)
        os.truncate(log, 0)


def shift(log: str) -> None:
    """Rename the parts of a log, `NAME.log.1` to `NAME.log.2` and so on; the oldest one is replaced."""
    for number in range(PARTS, 1, -1):
        newer = f"{log}.{number - 1}"
        if os.path.exists(newer):
            os.replace(newer, f"{log}.{number}")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def main(folder: str, arguments: list[str]) -> None:
    """Wait for the children, given as `SERVICE=PID`."""
    children: dict[int, str] = {}
    for argument in arguments:
        service, pid = argument.split("=")
        children[int(pid)] = service

    def pass_on(number: int, _: object) -> None:
        for pid in children:
            os.kill(pid, number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGALRM, lambda *_: rotate_all(folder))
    signal.setitimer(signal.ITIMER_REAL, CHECK_SECONDS, CHECK_SECONDS)
    while children:
        ended, status = os.wait()
        service, code = children.pop(ended), os.waitstatus_to_exitcode(status)
        hint = f" Its log: python -m stack logs {service}" if code else ""
        print(f"{service} ended with exit code {code}.{hint}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
