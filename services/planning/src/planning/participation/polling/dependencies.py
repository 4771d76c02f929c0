"""The secret of ballot cards and ballot boxes, as a dependency of routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from solidary.platform.web import runtime


def _ballot_secret(request: Request) -> bytes:
    return runtime(request).settings.request_secret


BallotSecret = Annotated[bytes, Depends(_ballot_secret)]
