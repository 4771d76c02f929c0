"""Where the state of this checkout lives."""

from __future__ import annotations

import os
from pathlib import Path

from stack.run_file import read_run
from stack.services import Service


def state_folder() -> Path:
    """SOLIDARY_STATE, else `.local` in the checkout around the current folder, else `.local` right here."""
    chosen = os.environ.get("SOLIDARY_STATE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    here = Path.cwd()
    checkout = next((folder for folder in (here, *here.parents) if (folder / "infra/stack").is_dir()), here)
    return checkout / ".local"


def environment(service: Service) -> dict[str, str]:
    """The settings of one service of the running stack of this checkout. Raises NotRunning."""
    return read_run(state_folder()).environment(service)
