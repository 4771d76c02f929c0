"""The kinds of complaints and feedback: which are for a restricted circle, and when each is to be answered.

A country pack may have kinds of its own (`[complaints.kinds.xenophobia]`); without any it has those of `KINDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from solidary.language.codes.wording import Wording
from solidary.language.country.entry import PackEntry

Days = Annotated[int, Field(ge=1, le=366)]
KindCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class ComplaintKind(PackEntry):
    """A kind of complaint.

    `sensitive`: only the restricted circle of the agency learns of it. `discrimination`: it is counted by area.
    """

    name: Wording
    answer_days: Days
    sensitive: bool = False
    discrimination: bool = False


KINDS: Mapping[str, ComplaintKind] = {
    "attention": ComplaintKind(
        name=Wording("La atención o la espera", "How I was received, or the wait"), answer_days=15
    ),
    "access_refused": ComplaintKind(
        name=Wording("Me negaron un servicio", "I was refused a service"), answer_days=10
    ),
    "information": ComplaintKind(
        name=Wording(
            "La información fue equivocada o no se entendía", "The information was wrong or unclear"
        ),
        answer_days=15,
    ),
    "personal_data": ComplaintKind(
        name=Wording("El uso de mis datos personales", "The use of my personal data"), answer_days=10
    ),
    "xenophobia": ComplaintKind(
        name=Wording(
            "Me trataron mal por mi nacionalidad u origen",
            "I was treated badly because of my nationality or origin",
        ),
        answer_days=10,
        discrimination=True,
    ),
    "discrimination": ComplaintKind(
        name=Wording("Me trataron mal por otra razón", "I was treated badly for another reason"),
        answer_days=10,
        discrimination=True,
    ),
    "exploitation_and_abuse": ComplaintKind(
        name=Wording("Abuso, acoso o explotación sexual", "Sexual abuse, harassment or exploitation"),
        answer_days=2,
        sensitive=True,
    ),
    "fraud": ComplaintKind(
        name=Wording(
            "Me pidieron dinero o favores, o hubo un engaño", "I was asked for money or favours, or cheated"
        ),
        answer_days=5,
        sensitive=True,
    ),
    "staff_conduct": ComplaintKind(
        name=Wording("La conducta de una persona del equipo", "The conduct of a member of staff"),
        answer_days=5,
        sensitive=True,
    ),
    "suggestion": ComplaintKind(
        name=Wording("Una sugerencia o un agradecimiento", "A suggestion or thanks"), answer_days=30
    ),
    "other": ComplaintKind(name=Wording("Otra cosa", "Something else"), answer_days=15),
}
ALWAYS_SENSITIVE = frozenset({"exploitation_and_abuse", "fraud", "staff_conduct"})
"""The kinds that every pack has, and that no pack may open to the whole agency."""


class Complaints(PackEntry):
    """The rules of complaints in a country.

    An answer may be appealed for `appeal_days`; after them the complaint is closed. It is deleted `keep_months` after
    that.
    """

    kinds: Mapping[KindCode, ComplaintKind] = KINDS
    appeal_days: Days = 30
    keep_months: Annotated[int, Field(ge=1, le=240)] = 24

    @field_validator("kinds")
    @classmethod
    def _check_kinds(cls, kinds: Mapping[str, ComplaintKind]) -> Mapping[str, ComplaintKind]:
        if missing := ALWAYS_SENSITIVE - kinds.keys():
            raise ValueError(f"The kind {min(missing)} is missing: people must be able to report it.")
        if opened := [code for code in ALWAYS_SENSITIVE if not kinds[code].sensitive]:
            raise ValueError(
                f"The kind {min(opened)} must be sensitive: only a restricted circle may see it."
            )
        if both := [code for code, kind in kinds.items() if kind.sensitive and kind.discrimination]:
            raise ValueError(
                f"The kind {both[0]} is sensitive, so it is in no count. Leave out «discrimination»."
            )
        return kinds
