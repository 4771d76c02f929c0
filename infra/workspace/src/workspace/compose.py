"""`docker-compose.yml`: the servers as the template has them, and the containers of each service."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined
from solidary.platform.registry import load_services

from workspace.checkout import TEMPLATES

FIRST_PORT = 8001


def compose_file() -> str:
    """Return the text of `docker-compose.yml`; the services get ports on the loopback in alphabetical order."""
    template = (TEMPLATES / "docker-compose.yml.jinja").read_text(encoding="utf-8")
    environment = Environment(
        undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, autoescape=False
    )
    ports = {service.name: port for port, service in enumerate(load_services(), FIRST_PORT)}
    with_database = {service.name for service in load_services() if service.has_database}
    return environment.from_string(template).render(ports=ports, with_database=with_database)
