"""The facts that decide by whom and whether a household may be paid, without a name or an account in them.

Accounts and people are keyed tokens: cash compares them between households and agencies, and cannot read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from solidary.language.country import DocumentType, load_pack
from solidary.platform.database import UnitOfWork

from intake.registry.authorship.queries import account_age, authors_of
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.people.models import Person
from intake.registry.people.records import IdentityRecord, PayoutRecord
from intake.registry.people.rules import RegistrationState
from intake.sharing.disclosures.schemas import PaymentFactsOut
from intake.sharing.packages.models import Package


async def payment_facts(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    package: Package,
    people: Sequence[Person],
    ciphers: Mapping[UUID, FieldCipher],
) -> PaymentFactsOut:
    """Return the facts on the payee of a package and the household's people, whose identities `ciphers` open."""
    payee = next(person for person in people if person.id == package.person_id)
    roots = {package.household_id, package.consent_id, *(person.id for person in people)}
    age = await account_age(unit, payee.id, payee.payout_version)
    payout = payee.read_payout(ciphers[payee.id]) if payee.id in ciphers else None
    kinds = load_pack(unit.country).documents
    tokens = {
        instance_key.token("payment person", value).hex()
        for person in people
        if person.id in ciphers
        for value in identifying_values(person.read_identity(ciphers[person.id]), kinds)
    }
    return PaymentFactsOut(
        makers=await authors_of(unit, roots),
        is_provisional=payee.state == RegistrationState.PROVISIONAL,
        account_fingerprint=None if payout is None else account_fingerprint(instance_key, payout),
        account_changed=age.changed,
        account_confirmed=age.is_confirmed,
        tokens=sorted(tokens),
    )


def account_fingerprint(instance_key: InstanceKey, payout: PayoutRecord) -> str | None:
    """Return the same token for equal accounts, however they are written; None for a place of collection."""
    if payout.kind == "collection":
        return None
    number = "".join(filter(str.isalnum, payout.reference.upper()))
    return instance_key.token("account", number).hex()


def identifying_values(identity: IdentityRecord, kinds: Mapping[str, DocumentType]) -> Iterator[str]:
    """Yield the values by which one person is the same in two agencies: documents, and the full name with the birth.

    A document is its kind, issuer and number: a cédula and a foreign passport may have one number. An issuer that
    nobody wrote is that of the kind, else the person's nationality.
    """
    for document in identity.documents:
        kind = kinds.get(document.kind)
        issuer = (
            kind.issuer if kind and kind.issuer != "any" else document.issuer or identity.nationality or "?"
        )
        number = "".join(filter(str.isalnum, document.number.upper()))
        yield f"document {document.kind} {issuer} {number}"
    if identity.born is not None:
        yield f"birth {identity.born.isoformat()} {' '.join(sorted(identity.full_name.upper().split()))}"
