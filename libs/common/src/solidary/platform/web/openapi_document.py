"""The OpenAPI document as generators of clients need it: named problems, each status, headers, and where tokens are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from solidary.platform.web.error_handlers import MEDIA_TYPE
from solidary.platform.web.versions import EXTENSION, HEADER, MAX_LENGTH

TOKEN_URL = "/auth/realms/solidary/protocol/openid-connect/token"
"""The address of tokens behind the front door, from which the document is served too."""

SCHEMAS: dict[str, Any] = {
    "Fault": {
        "type": "object",
        "title": "Fault",
        "description": "One wrong place in the request.",
        "required": ["pointer", "detail"],
        "properties": {
            "pointer": {
                "type": "string",
                "description": "A JSON pointer into the body, or a parameter's name.",
            },
            "detail": {"type": "string"},
        },
    },
    "Problem": {
        "type": "object",
        "title": "Problem",
        "description": "A problem (RFC 9457). `type` is stable and has a page; further members depend on it.",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "request_id": {"type": "string", "description": "The name of the request in the logs: quote it."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
        },
        "additionalProperties": True,
    },
}
RETRY_AFTER = {
    "Retry-After": {
        "description": "The seconds to wait before the same request.",
        "schema": {"type": "integer"},
    }
}
ETAG = {
    "ETag": {
        "description": "The version of what the answer shows, for `If-Match` of a change.",
        "schema": {"type": "string"},
    }
}
IF_MATCH = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": MAX_LENGTH, "title": HEADER},
    "description": "The `ETag` of what you change, as you read it: after another change the answer is 412",
}
LOCATION = {"Location": {"description": "The address of what was made.", "schema": {"type": "string"}}}
OPERATIONS = frozenset({"get", "put", "post", "delete", "patch"})


def install(app: FastAPI) -> None:
    """Complete the document of an application when it is first asked for."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        is_new = app.openapi_schema is None
        document = generate()
        if is_new:
            _complete(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    components = document["components"]
    components.setdefault("schemas", {}).update(SCHEMAS)
    for name, scheme in components.get("securitySchemes", {}).items():
        components["securitySchemes"][name] = scheme | {"description": _described(scheme)}
    for path, item in document["paths"].items():
        for method in OPERATIONS & item.keys():
            _complete_responses(path, method, item[method])
    for schema in _inline_enumerations(document):
        # Generators would name several enumerations alike; without a title each is named by its place.
        schema.pop("title", None)


def _described(scheme: dict[str, Any]) -> str:
    return (
        f"{scheme.get('description', '')}: of a person by the authorization code with PKCE, of an agency's software by "
        f"its client credentials, both from `{TOKEN_URL}`"
    )


def _complete_responses(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add each problem that the operation may answer, and the headers of its answers."""
    responses = operation["responses"]
    if operation.pop(EXTENSION, False):
        if method != "get":
            operation["parameters"].append(IF_MATCH)
            responses["412"] = _problem("412")
        if "200" in responses:
            responses["200"].setdefault("headers", {}).update(ETAG)
    for status in _problem_statuses(path, method, operation):
        headers = {"headers": RETRY_AFTER} if status in ("429", "503") else {}
        responses.setdefault(status, _problem(status) | headers)
    responses["default"] = _problem("default")
    for status in {"201", "202"} & responses.keys():
        responses[status].setdefault("headers", {}).update(LOCATION)


def _problem_statuses(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield from ("422", "429", "503")
    if operation.get("security"):
        yield from ("401", "403")
    if "{" in path:
        yield "404"
    if method != "get":
        yield from ("400", "409")
    if "requestBody" in operation:
        yield "413"


def _problem(status: str) -> dict[str, Any]:
    description = "A problem (RFC 9457)" if status == "default" else PROBLEMS[status]
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


PROBLEMS = {
    "400": "The body is not what it claims to be",
    "401": "The token is missing or does not count",
    "403": "The caller may not do this",
    "404": "There is nothing that the caller may see",
    "409": "The state, or another request, forbids this",
    "412": "This has changed since the version that `If-Match` names",
    "413": "The body is too large",
    "422": "The request has faults, which `errors` lists",
    "429": "The caller has sent too many requests",
    "503": "The service cannot answer now",
}


def _inline_enumerations(part: Any, *, named: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the enumerations that are no schema of their own."""
    if isinstance(part, dict):
        if "enum" in part and not named:
            yield part
        for name, inner in part.items():
            if name == "schemas" and isinstance(inner, dict):
                for schema in inner.values():
                    yield from _inline_enumerations(schema, named=True)
            else:
                yield from _inline_enumerations(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _inline_enumerations(inner)
