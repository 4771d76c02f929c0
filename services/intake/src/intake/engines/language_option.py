"""The option `--language` of commands that print Spanish or English."""

from __future__ import annotations

from typing import Annotated

import typer

LANGUAGES = ("es", "en")


def _supported(tag: str) -> str:
    if tag.split("-")[0].lower() not in LANGUAGES:
        raise typer.BadParameter(f"«{tag}» is not available. Choose {' or '.join(LANGUAGES)}.")
    return tag


LanguageOption = Annotated[str, typer.Option(help="es or en.", callback=_supported)]
