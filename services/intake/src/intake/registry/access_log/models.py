"""The entries of the access log and their seals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from solidary.platform.database import AgencyEntity, RecordedBy, UnitOfWork
from solidary.platform.database.arrays import uuid_array
from solidary.platform.identity import Principal
from sqlalchemy import Text, Uuid, func, insert, literal, select
from sqlalchemy.orm import Mapped

from intake.registry.access_log.rules import AccessAction, AccessReason


class AccessEntry(RecordedBy, AgencyEntity):
    """One access to a person's data, by the subject who recorded it.

    `root` is the person, or the search; `reason` is the one that the subject stated; `service` is the service through
    which the subject read, or the client id of an agency's software that is the subject; `recipient` is the agency for
    which it was, where that is another one. Where a service acted without a human, `cause` is why (`referral:<uuid>`),
    and `on_behalf_of` the human whose request led to it.
    """

    __tablename__ = "access_entry"

    action: Mapped[str]
    reason: Mapped[str | None]
    reference: Mapped[UUID | None]
    service: Mapped[str | None]
    cause: Mapped[str | None]
    on_behalf_of: Mapped[UUID | None]
    recipient: Mapped[UUID | None]


class AccessSeal(AgencyEntity):
    """A digest over a batch of entries and the seal before it: the SHA-256 of both."""

    __tablename__ = "access_seal"

    number: Mapped[int]
    entries: Mapped[int]
    digest: Mapped[bytes]


class AccessVerification(AgencyEntity):
    """A verification of the chain (`root` is the agency): valid up to `verified_seal`, or `broken_seal` is not."""

    __tablename__ = "access_verification"

    verified_seal: Mapped[int]
    broken_seal: Mapped[int | None]


def log_access(
    unit: UnitOfWork,
    about: Iterable[UUID],
    action: AccessAction,
    *,
    reason: AccessReason | None = None,
    reference: UUID | Mapping[UUID, UUID] | None = None,
    recipient: UUID | None = None,
) -> None:
    """Add an entry about each person to the log of the agency in whose scope the unit is.

    `reference` is one for all, or one for each person. The same access in the same unit is logged once. All entries
    of a unit are written by one statement.
    """
    logged: set[tuple[object, ...]] = unit.session.info.setdefault("logged", set())
    principal = unit.principal
    for root in about:
        referenced = reference[root] if isinstance(reference, Mapping) else reference
        access = (principal.agency, root, action, referenced, recipient)
        if access in logged:
            continue
        logged.add(access)
        unit.add(
            AccessEntry(
                root=root,
                action=action,
                reason=reason,
                reference=referenced,
                service=_program_of(principal),
                cause=principal.cause,
                on_behalf_of=principal.on_behalf_of,
                recipient=recipient,
            )
        )


async def log_many(
    unit: UnitOfWork, references: Mapping[UUID, UUID], action: AccessAction, *, recipient: UUID
) -> None:
    """Add entries as `log_access` does, at once and by one statement. `references`: person → reference."""
    principal = unit.principal
    pairs = (
        func.unnest(uuid_array(references), uuid_array(references.values()))
        .table_valued("root", "reference")
        .render_derived()
    )
    values = {
        "id": func.gen_random_uuid(),
        "root": pairs.c.root,
        "action": literal(str(action)),
        "reference": pairs.c.reference,
        "service": literal(_program_of(principal), Text()),
        "cause": literal(principal.cause, Text()),
        "on_behalf_of": literal(principal.on_behalf_of, Uuid()),
        "recipient": literal(recipient),
    }
    await unit.session.execute(insert(AccessEntry).from_select(list(values), select(*values.values())))


def _program_of(principal: Principal) -> str | None:
    return principal.caller or principal.service or principal.software


async def newest_verification(unit: UnitOfWork) -> AccessVerification | None:
    """Return the newest verification of the agency's log."""
    newest = (
        select(AccessVerification)
        .where(AccessVerification.agency == unit.principal.agency)
        .order_by(AccessVerification.created.desc(), AccessVerification.id.desc())
        .limit(1)
    )
    return (await unit.session.scalars(newest)).first()
