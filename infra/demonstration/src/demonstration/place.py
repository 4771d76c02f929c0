"""The place of the scenario: what it takes from the pack of a country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from solidary.language.codes.languages import Language
from solidary.language.codes.pathways import PathwayKind
from solidary.language.country import CountryPack, Demonstration, Pathway, load_pack


class NoDemonstration(ValueError):
    """A country whose pack has no city for the demonstration."""


@dataclass(frozen=True)
class Place:
    """The demonstration's city, documents, pathways, currency and language in one country."""

    pack: CountryPack
    city: Demonstration

    @classmethod
    def of(cls, country: str) -> Place:
        """Return the place of a country. Raises NoDemonstration, KeyError, InvalidPack."""
        pack = load_pack(country)
        if pack.demonstration is None:
            raise NoDemonstration(
                f"The pack of {country} has no section [demonstration] with a small city. Add one, as "
                "docs/extending/add-a-country.md explains."
            )
        return cls(pack, pack.demonstration)

    @cached_property
    def located(self) -> Mapping[str, tuple[float, float]]:
        """The areas that have cells, with their latitude and longitude."""
        return {code: area.location for code, area in self.city.areas.items() if area.location is not None}

    @property
    def home(self) -> str:
        """The area in which the family lives."""
        return next(iter(self.located))

    @cached_property
    def crowd_areas(self) -> Mapping[str, str]:
        """The names of the three areas in which many people live."""
        return {code: self.city.areas[code].name for code in list(self.located)[:3]}

    @property
    def currency(self) -> str:
        """The currency of plans and payments; a country that accepts another one pays in that."""
        currency = self.pack.currency
        return currency.also_accepted[0] if currency.also_accepted else currency.code

    def amount(self, us_cents: int) -> int:
        """Return an invented amount in minor units of the currency, of about the value of so many US cents."""
        return us_cents * self.city.price

    @property
    def language(self) -> Language:
        """The language that the desk and the family use."""
        return self.pack.languages[0]

    @property
    def text_language(self) -> str:
        """The language of texts, as the API names it."""
        return "en" if self.language == Language.ENGLISH else "es"

    @property
    def asylum(self) -> Pathway:
        """The pathway to asylum."""
        return self._first(PathwayKind.ASYLUM)

    @property
    def school(self) -> Pathway:
        """The pathway to a school without papers."""
        return self._first(PathwayKind.EDUCATION_ACCESS)

    @property
    def through_consulate(self) -> Pathway | None:
        """A pathway that brings people into contact with the authorities of their own country, if there is one."""
        return next((one for one in self.pack.pathways.values() if one.consulate or one.informs_origin), None)

    @property
    def document(self) -> tuple[str, str]:
        """The kind and the issuer of the grandmother's document: one that this country gives to newcomers."""
        own = [
            kind for kind, one in self.pack.documents.items() if one.identity and one.issuer == self.pack.code
        ]
        return (own[-1], self.pack.code) if own else ("passport", "VE")

    def _first(self, kind: PathwayKind) -> Pathway:
        return self.pack.pathways_of(kind)[0]
