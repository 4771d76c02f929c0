"""The page of all problems (RFC 9457) that the APIs answer with, made from their classes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from solidary.language.problems import TYPE_PREFIX, Problem, problem_types
from solidary.platform.registry import service_names

HEADER = f"""# Problems
Every refusal of an API is a problem document (RFC 9457, `application/problem+json`). Its `type` is
`{TYPE_PREFIX}` followed by a slug of this list, and stays the same; `title` and `detail` are sentences for people,
`errors` lists each wrong place by its JSON pointer (RFC 6901). An answer of HTTP itself, such as 405, has the slug of
its phrase (`method-not-allowed`).

This page is generated: `make contracts` writes it from the classes.

| slug | status | when | what to do |
|---|---|---|---|
"""


def problems_page() -> str:
    """Return the page in Markdown, one line for each problem class of the platform and its services."""
    _import_all("solidary.platform")
    return HEADER + "".join(_line(kind) for kind in problem_types({"solidary", *service_names()}))


def _line(kind: type[Problem]) -> str:
    when = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    return f"| `{kind.slug}` | {kind.status} | {when} | {kind.action} |\n"


def _import_all(package: str) -> None:
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if ".migrations." not in module.name:
            importlib.import_module(module.name)
