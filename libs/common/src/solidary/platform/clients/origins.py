"""The origins of a call to another service: the request of a human, or a cause without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True)
class HumanRequest:
    """The request that is being served, by a person or an agency's software, who travel with the call.

    `token` is the access token of the request, and `expires` its end in Unix seconds.
    """

    token: str = field(repr=False)
    expires: int


@dataclass(frozen=True)
class Cause:
    """The cause of a call without a human: `Cause("referral", id)`.

    `on_behalf_of` is the human whose request led to it, where one is known.
    """

    kind: str
    id: UUID
    on_behalf_of: UUID | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


Origin: TypeAlias = HumanRequest | Cause
