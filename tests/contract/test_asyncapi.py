"""`contracts/asyncapi.json` conforms to the schema that the AsyncAPI project publishes."""

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
    """The official schema, fetched from npm once into the stack's cache. Without npm the tests are skipped."""
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
        pytest.skip("npm is not installed, so AsyncAPI's schema cannot be fetched")
    with TemporaryDirectory(dir=folder) as folder_of_download:
        try:
            subprocess.run(
                [npm, "pack", PACKAGE], check=True, capture_output=True, timeout=120, cwd=folder_of_download
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            pytest.skip(f"npm cannot fetch {PACKAGE}")
        (Path(folder_of_download) / ARCHIVE).rename(folder / ARCHIVE)


@pytest.fixture
def our_document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "contracts" / "asyncapi.json").read_text())
    return document


def test_document_conforms_to_asyncapi_3(official: Draft7Validator, our_document: dict[str, Any]):
    assert [error.message for error in official.iter_errors(our_document)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.pop("info"),
        lambda document: document["channels"]["intake.cases"].update(address=7),
        lambda document: document["operations"]["publishIntakeCases"].update(action="shout"),
    ],
)
def test_official_schema_refuses_an_invalid_document(
    official: Draft7Validator, our_document: dict[str, Any], spoil: Any
):
    spoil(our_document)
    assert not official.is_valid(our_document)


@pytest.mark.parametrize("header", HEADERS["properties"])
def test_document_requires_the_headers_that_the_reader_requires(header: str):
    _, headers, value = encode(enveloped(PersonRegistered(person_id=uuid4())))
    without = [each for each in headers if each[0] != header]
    if header in HEADERS["required"]:
        with pytest.raises(DecodeError, match=header):
            decode(without, value)
    else:
        decode(without, value)
