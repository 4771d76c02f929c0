"""The copy as a page: plain HTML without scripts, in the person's language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from solidary.language.codes.code_list import CodeList
from solidary.language.codes.languages import Language
from solidary.language.codes.people import PopulationGroup, Sex
from solidary.language.codes.specific_needs import load_specific_needs
from solidary.language.country import CountryPack

from intake.desk.procedures.rules import ProcedureState
from intake.registry.access_log.rules import AccessAction
from intake.rights.copies.schemas import PersonCopy
from intake.sharing.consents.rules import LegalBasis, Purpose
from intake.sharing.packages.rules import DataCategory

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def page_language(language: str, country: CountryPack) -> str:
    """Return the language of the page, `es` or `en`: the person's, else the first of the country."""
    pages = {str(Language.SPANISH): "es", str(Language.ENGLISH): "en"}
    return pages.get(language) or pages.get(str(country.languages[0]), "es")


def render(copy: PersonCopy, country: CountryPack) -> str:
    """Return the page of a copy."""
    language = page_language(copy.person.language, country)

    def say(es: str, en: str) -> str:
        return en if language == "en" else es

    def word(codes: str, code: str) -> str:
        return _wording(codes, code, country, language)

    zone = country.zone()
    return _template().render(
        copy=copy,
        say=say,
        word=word,
        day=lambda moment: moment.astimezone(zone).date(),
        zone=zone,
        language=language,
        currency=country.currency,
    )


def _wording(codes: str, code: str, country: CountryPack, language: str) -> str:
    """Return the wording of a code, or the code itself where it has none."""
    lists: dict[str, type[CodeList]] = {
        "sex": Sex,
        "population_group": PopulationGroup,
        "purpose": Purpose,
        "basis": LegalBasis,
        "procedure_state": ProcedureState,
        "access": AccessAction,
        "category": DataCategory,
    }
    if codes == "need":
        need = load_specific_needs().codes.get(code)
        return need.wording.in_language(language) if need else code
    if codes == "document":
        document = country.documents.get(code)
        return document.name.in_language(language) if document else code
    if codes == "pathway":
        pathway = country.pathways.get(code)
        return pathway.title.in_language(language) if pathway else code
    known = next((member for member in lists[codes] if member == code), None)
    return known.wording.in_language(language) if known else code


@cache
def _template() -> Template:
    source = files("intake.rights.copies").joinpath("copy.html.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
