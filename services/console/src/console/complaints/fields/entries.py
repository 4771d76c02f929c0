"""The entries of a complaint, and the words of its kinds and centres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solidary.language.country import load_pack

from console.interface.forms.form import Choice, Field
from console.interface.language.catalogue import mark
from console.interface.language.labels import label

LANGUAGE_CODES = {"es": "spa", "en": "eng"}
"""The code of each language of the pages."""


def complaint_fields(centres: Sequence[Mapping[str, Any]], language: str, country: str) -> tuple[Field, ...]:
    """Return the entries of a complaint about one of these centres."""
    kinds = load_pack(country).complaints.kinds
    return (
        Field(
            "centre_id",
            mark("Centre"),
            "/centre_id",
            "select",
            choices=[Choice(each["centre_id"], each["name"]) for each in centres],
            required=mark("Choose the centre."),
        ),
        Field(
            "kind",
            mark("What is it about?"),
            "/kind",
            "radios",
            choices=[Choice(code, label("complaint_kind", code, language, country)) for code in kinds],
            required=mark("Choose what it is about."),
        ),
        Field(
            "text",
            mark("What happened?"),
            "/text",
            "textarea",
            hint=mark("Your own words are enough. You need not write your name."),
            required=mark("Write what happened."),
        ),
        Field(
            "contact",
            mark("How can you be reached?"),
            "/contact",
            hint=mark("A telephone or an address, if you want one to be used."),
        ),
    )
