"""The registered services, and the names that their topics and databases have."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeAlias, get_args

from solidary.platform.registry import service_names

from stack.errors import StackError

Service: TypeAlias = str
"""A service's name: `intake`."""

SERVICES: tuple[Service, ...] = service_names()

DatabaseRole = Literal["migrate", "app", "relay", "backup"]
DATABASE_ROLES: tuple[DatabaseRole, ...] = get_args(DatabaseRole)


@cache
def subscriptions() -> Mapping[Service, tuple[Service, ...]]:
    """Return for each service the others whose topics it reads, by its own subscribers. Raises StackError.

    A process of its own imports the services for this, because they take 100 MB and would stay.
    """
    command = [sys.executable, "-m", "solidary.platform.registry"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"The services could not be imported:\n{done.stderr}")
    publishers: dict[Service, list[Service]] = json.loads(done.stdout)
    return {
        service: tuple(name for name in names if name != service) for service, names in publishers.items()
    }


def topic(country: str, service: Service) -> str:
    """Return the name of the topic that a service of a country publishes to: `pa.intake`."""
    return f"{country.lower()}.{service}"
