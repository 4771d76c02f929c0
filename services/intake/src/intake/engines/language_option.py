"""The languages that a command can answer in; another one is refused, not answered in Spanish."""

from __future__ import annotations

from typing import Annotated

import typer

LANGUAGES = ("es", "en")


def _spoken(tag: str) -> str:
    if tag.split("-")[0].lower() not in LANGUAGES:
        raise typer.BadParameter(f"there are {' and '.join(LANGUAGES)}")
    return tag


Language = Annotated[str, typer.Option(help="es or en.", callback=_spoken)]
