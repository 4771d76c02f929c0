"""The oracle: Open Referral's own JSON Schemas, read by jsonschema with formats checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from solidary.language.problems import json_pointer

PUBLISHED = "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/"
LISTED_AT = {
    "organization_list": "/organizations",
    "service_list": "/services",
    "service_at_location_list": "/service_at_locations",
    "taxonomy_list": "/taxonomies",
    "taxonomy_term_list": "/taxonomy_terms",
}


@pytest.fixture(scope="session")
def official(hsds: Path) -> Callable[[str], Validator]:
    """The validator of a schema file (`service.json`), or of an example's name (`service_list`)."""
    schemas = hsds / "schema"

    def retrieve(uri: str) -> Resource[Any]:
        contents = json.loads((schemas / uri.removeprefix(PUBLISHED)).read_text(encoding="utf-8"))
        return Resource.from_contents(contents, default_specification=DRAFT202012)

    registry: Registry[Any] = Registry(retrieve=retrieve)

    def validator(name: str) -> Validator:
        if name in LISTED_AT or name == "base":
            place = ["paths", LISTED_AT.get(name, "/"), "get", "responses", "200", "content"]
            answer = f"#{json_pointer([*place, 'application/json', 'schema'])}"
            schema = {"$ref": f"openapi.json{answer}"}
        else:
            schema = {"$ref": name if name.endswith(".json") else f"{name.removesuffix('_full')}.json"}
        return Draft202012Validator(
            schema, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        )

    return validator
