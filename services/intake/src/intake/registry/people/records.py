"""The encrypted records of a person: identity and payout."""

from __future__ import annotations

from datetime import date
from typing import Literal

from solidary.language.records import Record


class DocumentRecord(Record):
    """A document in an identity; `kind` is a code of the country pack."""

    kind: str
    number: str
    issuer: str | None = None


class PhoneRecord(Record):
    """A telephone in an identity."""

    number: str
    safe: bool = False
    shared: bool = False


class IdentityRecord(Record):
    """The identifying attributes of a person, encrypted together. A person who has one name has no surname."""

    version: Literal[1] = 1
    given_name: str
    surname: str | None = None
    second_surname: str | None = None
    born: date | None = None
    nationality: str | None = None
    entered_on: date | None = None
    documents: tuple[DocumentRecord, ...] = ()
    phones: tuple[PhoneRecord, ...] = ()
    note: str | None = None

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, (self.given_name, self.surname, self.second_surname)))

    @property
    def safe_phone(self) -> str | None:
        """The first telephone on which the person may be called."""
        return next((phone.number for phone in self.phones if phone.safe), None)


class PayoutRecord(Record):
    """The account, wallet or collection point at which a person is paid."""

    version: Literal[1] = 1
    kind: str
    reference: str
    provider: str | None = None
