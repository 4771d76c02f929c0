"""The content of a package: the categories that the consent names, and of each as little as is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from solidary.language.codes.code_list import CodeList
from solidary.language.codes.people import AgeBand
from solidary.language.country import CountryPack

from intake.registry.people.records import IdentityRecord


class DataCategory(CodeList):
    """A category of personal data. A package contains nothing of a category that the consent does not name."""

    NAME = "name", "nombre", "name"
    CONTACT = "contact", "contacto", "contact"
    LANGUAGE = "language", "idioma", "language"
    AGE = "age", "edad", "age"
    NEEDS = "needs", "necesidades elegidas", "chosen needs"
    DOCUMENTS_HELD = "documents_held", "documentos que tiene", "documents held"
    IMMIGRATION_STATUS = "immigration_status", "situación migratoria", "immigration status"
    HOUSEHOLD_PROFILE = "household_profile", "perfil del hogar", "household profile"
    PAYEE = "payee", "datos de cobro", "payment details"


@dataclass(frozen=True)
class PackageSubject:
    """The attributes of a person from which a package is made, on a day.

    `needs` are the ordinary codes that were chosen for this package.
    """

    person: IdentityRecord
    caregiver: IdentityRecord | None
    language: str
    population_group: str
    needs: tuple[str, ...]
    country: CountryPack
    today: date


def package_fields(categories: Set[str], subject: PackageSubject) -> dict[str, Any]:
    """Return the fields of a package. Immigration status is included only if the consent names exactly that."""
    fields: dict[str, Any] = {}
    for category, fields_of in PACKAGE_FIELDS.items():
        if category in categories:
            fields |= fields_of(subject)
    return fields


def _name(subject: PackageSubject) -> dict[str, Any]:
    person = subject.person
    return {
        "given_name": person.given_name,
        "surname": person.surname,
        "second_surname": person.second_surname,
    }


def _contact(subject: PackageSubject) -> dict[str, Any]:
    """Return a safe telephone: the person's, else the caregiver's with their name."""
    if own := subject.person.safe_phone:
        return {"contact": {"telephone": own}}
    caregiver = subject.caregiver
    if caregiver is None or caregiver.safe_phone is None:
        return {"contact": None}
    return {"contact": {"telephone": caregiver.safe_phone, "caregiver": caregiver.full_name}}


def _language(subject: PackageSubject) -> dict[str, Any]:
    return {"language": subject.language}


def _age(subject: PackageSubject) -> dict[str, Any]:
    born = subject.person.born
    if born is None:
        return {"birth_year": None, "age_band": None}
    return {"birth_year": born.year, "age_band": str(AgeBand.of_birth(born, subject.today))}


def _needs(subject: PackageSubject) -> dict[str, Any]:
    return {"needs": list(subject.needs)}


def _documents_held(subject: PackageSubject) -> dict[str, Any]:
    """Return true or false for each kind. All identity documents are one kind: which one would disclose a status."""
    held = {document.kind for document in subject.person.documents}
    known = subject.country.documents
    other = {code: code in held for code, kind in known.items() if not kind.identity}
    has_identity_document = any(known[code].identity for code in held & known.keys())
    return {"documents_held": {"identity_document": has_identity_document, **other}}


def _immigration_status(subject: PackageSubject) -> dict[str, Any]:
    return {"population_group": subject.population_group}


PACKAGE_FIELDS: Mapping[DataCategory, Callable[[PackageSubject], dict[str, Any]]] = {
    DataCategory.NAME: _name,
    DataCategory.CONTACT: _contact,
    DataCategory.LANGUAGE: _language,
    DataCategory.AGE: _age,
    DataCategory.NEEDS: _needs,
    DataCategory.DOCUMENTS_HELD: _documents_held,
    DataCategory.IMMIGRATION_STATUS: _immigration_status,
}
"""The fields of each category. The profile and the payee have no fields: they are read as they are at that time."""
