"""The page of all operations with the duties that permit them, made from the routes' declarations."""

from __future__ import annotations

from solidary.platform.registry import load_service, service_names
from solidary.platform.service import Service
from solidary.platform.web import Declaration, declaration_of

HEADER = """# Operations and duties
Every operation declares its reach and the duties that permit it. A caller needs one of the listed duties in the agency
on whose behalf the request is made.

| reach | rows that the operation reaches |
|---|---|
| `public` | published rows, for anybody and without a token |
| `agency` | rows of the acting agency |
| `shared` | rows of the acting agency, and rows in which it has a share |
| `service` | rows of the agency for which a named service calls; where duties are named, for a human who has one |

An agency's software (`docs/extending/identity.md`) may call the operations that name `integrator`, `bank_reporter` or a
duty that begins with `software_`, and those that name none; every other one answers it 403 `people-only`.

A change of this list is a decision about access: its reviewer should ask for the reason. This page is generated: `make
contracts` writes it from the code.
"""


def duties_page() -> str:
    """Return the page in Markdown, with one table for each service."""
    return HEADER + "".join(_section(load_service(name)) for name in service_names())


def _section(service: Service) -> str:
    lines = sorted(
        f"| {method} `{route.path}` | `{declaration.reach}` | {_permitted(declaration)} |"
        for route in service.routes
        for declaration in [declaration_of(route)]
        for method in route.methods
    )
    table = "\n".join(["| operation | reach | duties or services |", "|---|---|---|", *lines])
    return f"\n## {service.name}\n{table}\n"


def _permitted(declaration: Declaration) -> str:
    names = [*sorted(declaration.services), *sorted(declaration.duties)]
    permitted = ", ".join(f"`{name}`" for name in names) or "–"
    return f"{permitted}, with a second factor" if declaration.second_factor else permitted
