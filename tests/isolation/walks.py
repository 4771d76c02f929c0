"""Every route with each of its methods, and how it is called: with ids that we choose, and a body that is valid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from fastapi.routing import APIRoute
from solidary.platform.service import Service
from solidary.platform.web import Declaration, declaration_of
from stack.services import SERVICES

from tests.isolation.examples import document_of, ids_in
from tests.isolation.places import Row, place_of


def service_of(name: str) -> Service:
    service: Service = import_module(f"{name}.service").service
    return service


@dataclass(frozen=True)
class Walk:
    """A route with one of its methods, and the ids that it takes."""

    service: str
    route: APIRoute
    method: str
    declaration: Declaration

    @property
    def operation(self) -> dict[str, Any]:
        described: dict[str, Any] = document_of(self.service)["paths"][self.route.path]
        operation: dict[str, Any] = described[self.method.lower()]
        return operation

    @property
    def body(self) -> dict[str, Any] | None:
        content = self.operation.get("requestBody", {}).get("content", {})
        return content["application/json"]["schema"] if "application/json" in content else None

    @property
    def in_path(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.route.path)

    @property
    def queries(self) -> list[dict[str, Any]]:
        return [each for each in self.operation.get("parameters", []) if each["in"] == "query"]

    @property
    def given(self) -> list[str]:
        """The ids that its query and its body take."""
        document = document_of(self.service)
        asked = [name for each in self.queries for name in ids_in(each["schema"], document, each["name"])]
        return asked + (list(ids_in(self.body, document)) if self.body else [])

    def place(self, name: str) -> str | None:
        return place_of(self.service, self.route.path, name)

    @property
    def deepest(self) -> str | None:
        """The path's last id that stands in a table: what hangs on the others."""
        return next((name for name in reversed(self.in_path) if self.place(name)), None)

    def to(self, row: Row) -> dict[str, UUID]:
        """The ids of a path that lead to a row: the row's own, and the aggregate it hangs on before it."""
        return {
            name: row.id if name == self.deepest else row.root for name in self.in_path if self.place(name)
        }

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.route.path}"


WALKS = [
    Walk(name, route, method, declaration_of(route))
    for name in SERVICES
    for route in service_of(name).routes
    for method in sorted(route.methods)
]
