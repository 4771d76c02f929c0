"""Routes with large bodies, which are read as they arrive and compressed for long work (`jobs.compress`).

@router.post("/cities/import", status_code=202)
@upload(CityIn, at_most=64 * MB)
async def import_city(unit: Importer, request: Request, response: Response) -> WorkOut:
    return accepted(await jobs.start_import(unit, await compress(request.stream())), response)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

MB = 1024 * 1024
REFERENCE = "#/components/schemas/{model}"
R = TypeVar("R", bound=Callable[..., Any])


@dataclass(frozen=True)
class Upload:
    """The model of a route's body, if it is JSON, and its limit in bytes."""

    model: type[BaseModel] | None
    at_most: int


def upload(model: type[BaseModel] | None = None, *, at_most: int) -> Callable[[R], R]:
    """Mark a route that reads its body itself: OpenAPI shows `model`, and `at_most` bytes are accepted.

    A route without a `model` describes its body by `openapi_extra`.
    """

    def mark(endpoint: R) -> R:
        endpoint.__dict__["upload"] = Upload(model, at_most)
        return endpoint

    return mark


def describe(app: FastAPI, routes: Iterable[APIRoute]) -> dict[str, int]:
    """Add the uploads among an application's routes to its OpenAPI document, and return their limits by path."""
    uploads = _uploads(routes)
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            for path, upload in uploads.items():
                if upload.model is not None:
                    _add_body(document, path, upload.model)
        return generate()

    if uploads:
        app.openapi = openapi  # type: ignore[method-assign]
    return {path: upload.at_most for path, upload in uploads.items()}


def limits(routes: Iterable[APIRoute]) -> dict[str, int]:
    """Return the limits of the uploads among these routes by path."""
    return {path: upload.at_most for path, upload in _uploads(routes).items()}


def _uploads(routes: Iterable[APIRoute]) -> dict[str, Upload]:
    return {
        route.path: route.endpoint.__dict__["upload"]
        for route in routes
        if "upload" in route.endpoint.__dict__
    }


def _add_body(document: dict[str, Any], path: str, model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template=REFERENCE)
    name = model.__name__
    for part, described in {**schema.pop("$defs", {}), name: schema}.items():
        document["components"]["schemas"].setdefault(part, described)
    content = {"application/json": {"schema": {"$ref": REFERENCE.format(model=name)}}}
    document["paths"][path]["post"]["requestBody"] = {"required": True, "content": content}
