"""Values of a household that are unusual and may yet be true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from solidary.language.problems import Fault

from intake.registry.people.rules import Relation

_OLDER = frozenset({Relation.PARENT, Relation.GRANDPARENT})


def unusual_births(members: Sequence[tuple[Relation, date | None]]) -> Iterator[Fault]:
    """Yield a warning for each child who is older than the head of the household, and each parent who is younger.

    A child may be a husband's by another marriage, and a birthday may be wrong: a person looks at it.
    """
    head = next((born for relation, born in members if relation is Relation.HEAD), None)
    for place, (relation, born) in enumerate(members):
        if head is None or born is None:
            continue
        if relation is Relation.CHILD and born <= head:
            detail = "This child is not younger than the head of the household. Look at both birthdays."
        elif relation in _OLDER and born >= head:
            detail = "This person is not older than the head of the household. Look at both birthdays."
        else:
            continue
        yield Fault(f"/members/{place}/born", detail)
