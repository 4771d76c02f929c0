"""`contracts/asyncapi.json` against AsyncAPI's own schema, as its authors publish it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft7Validator
from solidary.language.events import DecodeError, decode, encode
from solidary.language.events.asyncapi import HEADERS
from solidary.language.events.intake import PersonRegistered
from stack.artifacts import cache_folder

from tests.contract.snapshots import ROOT
from tests.contract.test_events import enveloped

PACKAGE = "@asyncapi/specs@6.11.1"
ARCHIVE = "asyncapi-specs-6.11.1.tgz"
SHA256 = "01af8744dc33c0c7eb2e908f6a955319ee58b70ecadc9387d1aeb16c0cd28928"


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    """From npm, once, into the cache beside the stack's; the test is skipped where npm has no way to it."""
    archive = cache_folder() / ARCHIVE
    if not archive.exists():
        _fetch(archive.parent)
    assert sha256(archive.read_bytes()).hexdigest() == SHA256
    with tarfile.open(archive) as package:
        schema = package.extractfile("package/schemas/3.0.0-without-$id.json")
        assert schema is not None
        return Draft7Validator(json.load(schema))


def _fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm here to fetch AsyncAPI's schema")
    with TemporaryDirectory(dir=folder) as arriving:
        try:
            subprocess.run([npm, "pack", PACKAGE], check=True, capture_output=True, timeout=120, cwd=arriving)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            pytest.skip(f"npm does not reach {PACKAGE}")
        (Path(arriving) / ARCHIVE).rename(folder / ARCHIVE)


@pytest.fixture
def ours() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "contracts" / "asyncapi.json").read_text())
    return document


def test_our_document_is_asyncapi_3(official: Draft7Validator, ours: dict[str, Any]):
    assert [error.message for error in official.iter_errors(ours)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: said.pop("info"),
        lambda said: said["channels"]["intake"].update(address=7),
        lambda said: said["operations"]["intakeTells"].update(action="shout"),
    ],
)
def test_the_schema_refuses_what_is_none(official: Draft7Validator, ours: dict[str, Any], spoil: Any):
    spoil(ours)
    assert not official.is_valid(ours)


@pytest.mark.parametrize("header", HEADERS["properties"])
def test_the_document_requires_the_headers_that_a_reader_requires(header: str):
    _, headers, value = encode(enveloped(PersonRegistered(person_id=uuid4(), household_id=uuid4())))
    without = [said for said in headers if said[0] != header]
    if header in HEADERS["required"]:
        with pytest.raises(DecodeError, match=header):
            decode(without, value)
    else:
        decode(without, value)
