"""Every operation of every API (a route with one of its methods), and the ids and bodies of its requests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from solidary.platform.registry import load_service, service_names
from solidary.platform.web import Declaration, declaration_of

from tests.isolation.examples import document_of, ids_in
from tests.isolation.ids import Row, table_of


@dataclass(frozen=True)
class Operation:
    """A route with one of its methods."""

    service: str
    route: APIRoute
    method: str
    declaration: Declaration

    @property
    def description(self) -> dict[str, Any]:
        """The operation in its service's OpenAPI document."""
        path: dict[str, Any] = document_of(self.service)["paths"][self.route.path]
        description: dict[str, Any] = path[self.method.lower()]
        return description

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of its JSON body, if it takes one."""
        content = self.description.get("requestBody", {}).get("content", {})
        return content["application/json"]["schema"] if "application/json" in content else None

    @property
    def path_ids(self) -> list[str]:
        """The names of the ids in its path."""
        return re.findall(r"\{(\w+)\}", self.route.path)

    @property
    def queries(self) -> list[dict[str, Any]]:
        """Its query parameters."""
        return [each for each in self.description.get("parameters", []) if each["in"] == "query"]

    @property
    def request_ids(self) -> list[str]:
        """The names of the ids in its query and its body."""
        document = document_of(self.service)
        names = [name for each in self.queries for name in ids_in(each["schema"], document, each["name"])]
        return names + (list(ids_in(self.body, document)) if self.body else [])

    def table_of(self, name: str) -> str | None:
        """Return the table of an id as `service.table`, or None for an id that is no row."""
        return table_of(self.service, self.route.path, name)

    @property
    def last_id(self) -> str | None:
        """The last id of its path that belongs to a table."""
        return next((name for name in reversed(self.path_ids) if self.table_of(name)), None)

    def path_to(self, row: Row) -> dict[str, UUID]:
        """Return the ids of a path that leads to a row: the row's id, and before it the root of its aggregate."""
        return {
            name: row.id if name == self.last_id else row.root
            for name in self.path_ids
            if self.table_of(name)
        }

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.route.path}"


OPERATIONS = [
    Operation(name, route, method, declaration_of(route))
    for name in service_names()
    for route in load_service(name).routes
    for method in sorted(route.methods)
]


def for_each(*operations: Operation) -> pytest.MarkDecorator:
    """Parametrize a test by operations."""
    return pytest.mark.parametrize("operation", operations, ids=str)
