"""The reading of a file of registrations where the keys are, and the writing of its batches by a worker."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError
from solidary.language.country import CountryPack
from solidary.language.problems import Fault, Invalid
from solidary.language.validation import faults_of
from solidary.platform.bulk import (
    FileFormat,
    NewBatch,
    ParsedFile,
    RowReport,
    RowState,
    read_json_lines,
    read_table,
    refuse_line,
)
from solidary.platform.database import UnitOfWork
from sqlalchemy import delete, select

from intake.desk.imports import rules
from intake.desk.imports.rules import Draft
from intake.desk.registrations.commands import write
from intake.desk.registrations.models import Registration
from intake.desk.registrations.records import RegistrationBatch, RegistrationLines, SealedRegistration
from intake.desk.registrations.schemas import RegistrationIn
from intake.desk.registrations.sealing import seal
from intake.problems import NeedRestricted
from intake.registry.encryption.models import SubjectKey
from intake.registry.encryption.rules import InstanceKey
from intake.registry.external_ids.models import PersonExternalId
from intake.registry.search_index.queries import indexed_strong_tokens

BATCH_PEOPLE = 250
"""The people of one transaction, about: others wait for none of them long."""


@dataclass
class SealedFile(ParsedFile):
    """A file of registrations that was read and sealed; `keys` are the wrapped keys of its people."""

    keys: dict[UUID, bytes] = field(default_factory=dict)


def read_file(
    instance_key: InstanceKey, country: CountryPack, today: date, path: Path, format_: FileFormat, system: str
) -> SealedFile:
    """Read and seal a file; rows that are wrong in themselves are reported, each with its line and column.

    `system` is the agency's name of the system whose identifiers the households have. It takes a millisecond of
    processor time for a person: call it in a thread. Raises Invalid for what is wrong with the whole file.
    """
    found = SealedFile()
    waiting: list[RegistrationLines] = []
    people = 0
    for draft in _drafts(path, format_, system):
        sealed = _seal(instance_key, country, today, draft, system)
        if isinstance(sealed, list):
            found.refused += sealed
            continue
        lines, keys = sealed
        found.keys |= keys
        waiting.append(lines)
        people += len(keys)
        if people >= BATCH_PEOPLE:
            found.batches.append(_batch(waiting))
            waiting, people = [], 0
    if waiting:
        found.batches.append(_batch(waiting))
    return found


def _drafts(path: Path, format_: FileFormat, system: str) -> Iterator[Draft]:
    if format_ is not FileFormat.JSON_LINES:
        yield from rules.drafts_of(read_table(path, format_, rules.REQUIRED, rules.KNOWN), system)
        return
    for line in read_json_lines(path):
        draft = Draft([line.number], {}, [(line.number, fault) for fault in line.faults], is_table=False)
        if isinstance(line.body, dict):
            draft.body = line.body
        elif not line.faults:
            draft.faults.append((line.number, Fault("/", "This line must be an object.")))
        yield draft


def _batch(items: Sequence[RegistrationLines]) -> NewBatch:
    content = RegistrationBatch(items=tuple(items)).model_dump_json().encode()
    people = [member.person_id for each in items for member in each.registration.members]
    return NewBatch(sum(len(each.lines) for each in items), zlib.compress(content, 1), people)


def _seal(
    instance_key: InstanceKey, country: CountryPack, today: date, draft: Draft, system: str
) -> tuple[RegistrationLines, dict[UUID, bytes]] | list[RowReport]:
    """Return a sealed registration with the keys of its people, or the reports of its rows where it is refused."""
    if draft.faults:
        return _refused(draft, draft.faults)
    try:
        body = RegistrationIn.model_validate(draft.body)
        own = [each.value for each in body.household.external_ids if each.system == system]
        if len(own) != 1:
            raise Invalid(
                "The household cannot be recognised.",
                Fault(
                    "/household/external_ids", f"The household needs one identifier in the system {system}."
                ),
            )
        if body.search_id is not None:
            raise Invalid(
                "There is no search.", Fault("/search_id", "A search is for one registration. Leave it out.")
            )
        sealed = seal(instance_key, country, today, _client_id(instance_key, system, own[0]), body)
    except ValidationError as error:
        faults = faults_of(error.errors(include_input=False), draft.body)
    except Invalid as error:
        faults = list(error.faults)
    except NeedRestricted as error:
        faults = [Fault(_restricted_place(draft), str(error))]
    else:
        keyed_by = [each.tokens for each in sealed.registration.external_ids if each.system == system]
        lines = RegistrationLines(
            lines=tuple(draft.lines),
            keyed_by=tuple(token for tokens in keyed_by for token in tokens),
            registration=sealed.registration,
        )
        return lines, dict(sealed.keys)
    places = [(draft.place(fault.pointer), fault.detail) for fault in faults]
    return _refused(draft, [(line, Fault(column, detail)) for (line, column), detail in places])


def _client_id(instance_key: InstanceKey, system: str, value: str) -> UUID:
    """Return the id of a registration by an identifier: the same in each file, and of no use without the key."""
    return UUID(bytes=instance_key.request_digest(f"import {system} {value}")[:16], version=4)


def _restricted_place(draft: Draft) -> str:
    return "/members/0/needs" if len(draft.body.get("members", [])) == 1 else "/members"


def _refused(draft: Draft, faults: Collection[tuple[int, Fault]]) -> list[RowReport]:
    """Return a report for each row of a registration; those without a fault of their own say which row has one."""
    wrong = min(line for line, _ in faults)
    beside = [Fault(rules.KEY, f"The household is refused because of line {wrong}.")]
    return [
        refuse_line(line, [fault for of_line, fault in faults if of_line == line] or beside)
        for line in draft.lines
    ]


@dataclass
class _Known:
    """Earlier registrations, identifiers and people that a batch may meet, and those of the batch itself."""

    digests: dict[UUID, bytes]
    taken: set[bytes]
    strong: set[bytes]

    @classmethod
    async def of(cls, unit: UnitOfWork, items: Sequence[RegistrationLines]) -> _Known:
        """Return what the agency has of what a batch names. Three statements."""
        agency = unit.principal.agency
        earlier = select(Registration.client_id, Registration.request_digest).where(
            Registration.agency == agency,
            Registration.client_id.in_([each.registration.client_id for each in items]),
        )
        digests = {client_id: bytes(digest) for client_id, digest in await unit.session.execute(earlier)}
        tokens = {
            token for each in items for id_ in each.registration.all_external_ids for token in id_.tokens
        }
        having = select(PersonExternalId.token).where(
            PersonExternalId.agency == agency, PersonExternalId.token.in_(tokens)
        )
        taken = {bytes(token) for token in await unit.session.scalars(having)}
        wanted = [token for each in items for member in each.registration.members for token in member.wanted]
        return cls(digests, taken, await indexed_strong_tokens(unit, wanted))

    def judge(self, item: RegistrationLines) -> RowState | Fault:
        """Return what becomes of a registration, or the reason against it."""
        registration = item.registration
        digest = self.digests.get(registration.client_id)
        if digest is not None:
            if digest == registration.digest:
                return RowState.EXISTING
            return Fault(
                rules.KEY,
                "This household was imported with other content. Change it by its own routes: an import adds only.",
            )
        if not self.taken.isdisjoint(item.keyed_by):
            return RowState.EXISTING
        if any(not self.taken.isdisjoint(each.tokens) for each in registration.all_external_ids):
            return Fault("person", "Your agency has given this identifier to somebody else.")
        return RowState.ADDED

    def provisional(self, registration: SealedRegistration) -> Set[UUID]:
        """Return the members who may be registered already, in the agency or further up in the batch."""
        return {
            member.person_id for member in registration.members if not self.strong.isdisjoint(member.wanted)
        }

    def add(self, registration: SealedRegistration) -> None:
        """Remember a registration that is to be written."""
        self.digests[registration.client_id] = registration.digest
        self.taken.update(token for each in registration.all_external_ids for token in each.tokens)
        self.strong.update(token for member in registration.members for token in member.wanted)


async def apply_batch(unit: UnitOfWork, content: bytes, dry_run: bool) -> list[RowReport]:
    """Register the households of a batch that are new, or judge them only; report each row.

    The number of statements does not grow with the batch. Nobody is assigned to these people: an import receives none
    of them.
    """
    items = RegistrationBatch.model_validate_json(zlib.decompress(content)).items
    known = await _Known.of(unit, items)
    reports: list[RowReport] = []
    added: list[SealedRegistration] = []
    provisional: set[UUID] = set()
    for item in items:
        judged = known.judge(item)
        if isinstance(judged, Fault):
            reports += [RowReport(line, RowState.REFUSED, [judged]) for line in item.lines]
        elif judged is RowState.EXISTING:
            reports += [RowReport(line, judged) for line in item.lines]
        else:
            doubtful = known.provisional(item.registration)
            provisional |= doubtful
            reports += _added(item, doubtful)
            added.append(item.registration)
            known.add(item.registration)
    if not dry_run:
        await _forget_keys(unit, items, added)
        if added:
            await write(unit, added, provisional)
    return reports


def _added(item: RegistrationLines, doubtful: Set[UUID]) -> list[RowReport]:
    """Return the reports of a new household: of each row of a table, or of the one line that has all its members."""
    members = item.registration.members
    if len(item.lines) == len(members):
        return [
            RowReport(line, RowState.PROVISIONAL if member.person_id in doubtful else RowState.ADDED)
            for line, member in zip(item.lines, members, strict=True)
        ]
    return [RowReport(item.lines[0], RowState.PROVISIONAL if doubtful else RowState.ADDED)]


async def _forget_keys(
    unit: UnitOfWork, items: Sequence[RegistrationLines], added: Sequence[SealedRegistration]
) -> None:
    """Delete the keys of people who are not written."""
    written = {member.person_id for each in added for member in each.members}
    others = {member.person_id for each in items for member in each.registration.members} - written
    if others:
        await unit.session.execute(delete(SubjectKey).where(SubjectKey.id.in_(others)))
