"""The words for what a person agreed to share: no code, and nothing that the page does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from console.interface.language.catalogue import Translate, mark

Label = Callable[[str, str], str]


def shown_package(data: Mapping[str, Any], label: Label, _: Translate) -> Iterator[tuple[str, str]]:
    """Yield the shared data, each with its heading."""
    names = [data.get(part) for part in ("given_name", "surname", "second_surname")]
    if any(names):
        yield mark("Name"), " ".join(name for name in names if name)
    contact = data.get("contact") or {}
    if contact.get("telephone"):
        whose = f" ({contact['caregiver']})" if contact.get("caregiver") else ""
        yield mark("Telephone"), contact["telephone"] + whose
    if data.get("age_band"):
        yield mark("Age"), label("age_band", data["age_band"])
    if data.get("birth_year"):
        yield mark("Year of birth"), str(data["birth_year"])
    if data.get("language"):
        yield mark("Language"), label("language", data["language"])
    if data.get("needs"):
        yield mark("Needs"), ", ".join(label("need", code) for code in data["needs"])
    if "documents_held" in data:
        held = [code for code, has in data["documents_held"].items() if has]
        identity = _(mark("Identity document"))
        words = [identity if code == "identity_document" else label("document", code) for code in held]
        yield mark("Documents held"), ", ".join(words) or _(mark("None"))
    if data.get("population_group"):
        yield mark("Group"), label("population_group", data["population_group"])
