"""The compose files: the servers as the template has them, and the containers of each service."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined
from solidary.platform.registry import load_services
from solidary.platform.service import VERSION, Service

from workspace.checkout import TEMPLATES


def compose_file(*, production: bool = False) -> str:
    """Return the text of `docker-compose.yml`, or of `compose.production.yml`."""
    template = (TEMPLATES / "compose.yml.jinja").read_text(encoding="utf-8")
    environment = Environment(
        undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, autoescape=False
    )
    containers = {service.name: _containers(service) for service in load_services()}
    return environment.from_string(template).render(
        containers=containers, production=production, version=VERSION
    )


def _containers(service: Service) -> list[str]:
    """Return the processes of a service that are containers of their own (`stack.run_file.NEEDS`)."""
    with_database = ["migrate", "worker"] if service.has_database else []
    return ["api", *with_database, *(["relay"] if service.has_events else [])]
