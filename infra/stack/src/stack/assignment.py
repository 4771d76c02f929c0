"""The assignment that a service's process gets from the platform, through a pipe."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel


class Assignment(BaseModel):
    """The environment of a service, with its own secrets only, and its address, its log and its process's title."""

    environment: dict[str, str]
    host: str
    port: int
    log: Path
    title: str
