"""What a registration may say in this country."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from solidary.language.problems import Fault, Invalid


def must_know_documents(members: Sequence[Sequence[str]], known: Collection[str]) -> None:
    """Each member's kinds of document against those of the country pack. Raises Invalid."""
    faults = [
        Fault(
            f"/members/{i}/documents/{j}/kind",
            f"is not a document of this country's pack: {', '.join(known)}",
        )
        for i, kinds in enumerate(members)
        for j, kind in enumerate(kinds)
        if kind not in known
    ]
    if faults:
        raise Invalid("no such kind of document", *faults)
