"""`python -m tests.contract check | write`: check or write the generated files."""

from __future__ import annotations

import sys

from tests.contract.snapshots import broken_promises, out_of_date, write


def main() -> int:
    """Check the generated files, or write them. Return the exit status."""
    match sys.argv[1:]:
        case ["check"]:
            faults = broken_promises() + out_of_date()
        case ["write"]:
            faults = write()
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print("contracts: every generated file is up to date, and readers of older events keep working")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
