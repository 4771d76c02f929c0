"""Every event type is published by its service, except those that are marked as planned."""

from __future__ import annotations

import ast
from functools import cache

import pytest
from solidary.language.events import Event
from solidary.language.events.catalogue import event_types, published_types
from solidary.platform.registry import load_service, service_names

EVENT_TYPES = event_types()


@cache
def names_used_by(service: str) -> frozenset[str]:
    """Return the names that a service's code uses, apart from imports and the decorators of its reactions."""
    names: set[str] = set()
    for path in (load_service(service).folder / "src").rglob("*.py"):
        tree = ast.parse(path.read_text())
        subscriptions = {
            id(used)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for part in (*function.decorator_list, function.args)
            for used in ast.walk(part)
        }
        for used in ast.walk(tree):
            if id(used) in subscriptions:
                continue
            if isinstance(used, ast.Name):
                names.add(used.id)
            elif isinstance(used, ast.Attribute):
                names.add(used.attr)
    return frozenset(names)


def test_every_event_type_belongs_to_a_service_and_to_its_module() -> None:
    for kind in EVENT_TYPES:
        assert kind.service in service_names()
        assert kind.__module__ == f"solidary.language.events.{kind.service}"


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.type)
def test_event_type_is_published_by_its_service_unless_it_is_planned(kind: type[Event]) -> None:
    assert (kind.__name__ in names_used_by(kind.service)) != kind.planned


def test_planned_types_are_no_part_of_the_contracts() -> None:
    planned = [kind for kind in EVENT_TYPES if kind.planned]
    assert not set(planned) & set(published_types())


def test_every_event_type_and_field_description_is_a_sentence() -> None:
    for kind in EVENT_TYPES:
        assert (kind.__doc__ or "").strip().split("\n")[0].endswith(".")
        for field in kind.model_fields.values():
            assert field.description is None or field.description.endswith(".")
