"""The contents of a session, as they are stored encrypted."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from solidary.language.records import Record


class KeptForm(Record):
    """The entries of a form whose session had ended, for the same person's next login."""

    path: str
    fields: tuple[tuple[str, str], ...]


class PageSession(Record):
    """A session of one person at one browser. `expires` is the access token's end, in Unix seconds."""

    version: Literal[1] = 1
    access_token: str
    refresh_token: str
    expires: float
    name: str
    agency: str | None = None
    """The alias of the agency that the person chose, where they belong to several."""
    drafts: dict[str, Any] = Field(default_factory=dict)
    kept: KeptForm | None = None
    notice: str = ""
    """A message that the next page shows once."""
    is_locked: bool = False
    """True once Keycloak has refused to renew the tokens."""
    needs_password: bool = False
    """True once the person has locked their page."""
