"""The files of pages: styles, scripts and fonts, at an address that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request
from solidary.language.problems import NotFound
from solidary.platform.web import accepts_gzip, public
from starlette.responses import Response

FETCHED = Path(__file__).parents[2] / "static"
"""The files that `make env` fetches."""
OWN = Path(__file__).parent / "own"
FOREVER = "public, max-age=31536000, immutable"
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")

router = APIRouter(include_in_schema=False)


class File(NamedTuple):
    """A file's content and type, and its content packed by gzip where that is smaller."""

    content: bytes
    kind: str
    packed: bytes | None


@cache
def page_files() -> Mapping[str, File]:
    """Return all files by name. They are small, and few."""
    paths = [path for folder in (FETCHED, OWN) if folder.is_dir() for path in sorted(folder.iterdir())]
    return {path.name: _file(path) for path in paths}


def _file(path: Path) -> File:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0)
    kind = mimetypes.guess_type(path.name)[0] or ""
    return File(content, kind, packed if len(packed) < 0.9 * len(content) else None)


@cache
def version() -> str:
    """Return the digest of all files, which is part of their addresses."""
    digest = hashlib.sha256()
    for name, file in sorted(page_files().items()):
        digest.update(name.encode() + b"\0" + file.content)
    return digest.hexdigest()[:16]


@router.get("/assets/{digest}/{name}")
@public
async def show_file(request: Request, digest: str, name: str) -> Response:
    """Return a file of the pages."""
    file = page_files().get(name)
    if file is None:
        raise NotFound
    headers = {
        "Cache-Control": FOREVER if digest == version() else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if file.packed is not None and accepts_gzip(request.headers.get("accept-encoding", "")):
        return Response(file.packed, media_type=file.kind, headers=headers | {"Content-Encoding": "gzip"})
    return Response(file.content, media_type=file.kind, headers=headers)
