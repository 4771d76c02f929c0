"""A small program that the services' parent becomes after its forks, so that its own copy of their memory is free.

    python -X MARK -I -S reaper.py SERVICE=PID …

It waits until all of its children have ended, reports each on standard output, and passes SIGTERM on to them. It
imports the standard library only.
"""

import os
import signal
import sys


def main(arguments: list[str]) -> None:
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
    while children:
        ended, status = os.wait()
        service, code = children.pop(ended), os.waitstatus_to_exitcode(status)
        hint = f" Its log: python -m stack logs {service}" if code else ""
        print(f"{service} ended with exit code {code}.{hint}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
