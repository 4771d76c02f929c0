"""The state folder of this checkout, and the settings of its services."""

from __future__ import annotations

import os
from pathlib import Path

from stack.run_file import ProcessKind, read_run
from stack.services import Service


def state_folder() -> Path:
    """Return SOLIDARY_STATE, else `.local` of the checkout around the current folder, else `.local` right here."""
    chosen = os.environ.get("SOLIDARY_STATE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    here = Path.cwd()
    checkout = next((folder for folder in (here, *here.parents) if (folder / "infra/stack").is_dir()), here)
    return checkout / ".local"


def environment(service: Service, process: ProcessKind = "all") -> dict[str, str]:
    """Return the settings of a service's process on this checkout's running stack. Raises NotRunning."""
    return read_run(state_folder()).environment(service, process)
