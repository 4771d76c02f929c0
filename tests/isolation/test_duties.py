"""The OpenAPI documents show who may call an operation."""

from __future__ import annotations

import pytest
from solidary.platform.registry import load_service, service_names
from solidary.platform.web import declaration_of

from tests.isolation.examples import document_of


@pytest.mark.parametrize("name", service_names())
def test_openapi_shows_the_declaration_of_every_route(name):
    declared = {
        (
            method.lower(),
            route.path,
            declaration.reach,
            *sorted(declaration.duties),
            *sorted(declaration.services),
        )
        for route in load_service(name).routes
        for declaration in [declaration_of(route)]
        for method in route.methods
    }
    shown = {
        (
            method,
            path,
            operation["x-reach"],
            *operation.get("x-duties", []),
            *operation.get("x-services", []),
        )
        for path, operations in document_of(name)["paths"].items()
        for method, operation in operations.items()
    }
    assert shown == declared
