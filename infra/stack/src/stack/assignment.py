"""The assignment that a process of a service gets from the platform, through a pipe."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel


class Assignment(BaseModel):
    """The environment of a process, with what it needs only, and its address, its log and its title."""

    environment: dict[str, str]
    host: str
    port: int
    log: Path
    title: str
