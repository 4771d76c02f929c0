"""The base of the code lists that are fixed by the platform: a string with its wording."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from solidary.language.codes.wording import Wording


class CodeList(StrEnum):
    """A list of codes. A member equals its code (`"refugee"`) and has the wording that people read (`wording.es`)."""

    wording: Wording

    def __new__(cls, code: str, es: str = "", en: str = "") -> Self:
        """Make a member from its code and its wording in Spanish and English."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.wording = Wording(es, en)
        return member
