"""`docker-compose.yml`: the servers as the template has them, and three containers for each service."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined
from solidary.platform.registry import service_names

from workspace.checkout import TEMPLATES

FIRST_PORT = 8001


def compose_file() -> str:
    """Return the text of `docker-compose.yml`; the services get ports on the loopback in alphabetical order."""
    template = (TEMPLATES / "docker-compose.yml.jinja").read_text(encoding="utf-8")
    environment = Environment(
        undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, autoescape=False
    )
    ports = {name: port for port, name in enumerate(service_names(), FIRST_PORT)}
    return environment.from_string(template).render(ports=ports)
