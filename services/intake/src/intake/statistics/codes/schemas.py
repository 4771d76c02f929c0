"""The API schemas of code lists."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CodeOut(BaseModel):
    """A code with its wording in Spanish and English."""

    code: str
    es: str
    en: str


class CodeListOut(BaseModel):
    """A list of codes, in the order in which people read it."""

    name: str = Field(examples=["population_group"])
    codes: list[CodeOut]


class CodeListsOut(BaseModel):
    """The code lists of the instance, for its country. A restricted need is in none of them."""

    country: str
    items: list[CodeListOut]
