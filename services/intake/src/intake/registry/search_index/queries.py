"""Look-ups in the search index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork

from intake.registry.search_index import statements

MAXIMUM_CANDIDATES = 50
"""People who are compared part by part: first those with a strong key in common, then those with rarer ones."""

MAXIMUM_ROWS = 2000
"""The rows of the index that one search reads, about: a limit of its time, whatever the name is."""


async def find_candidates(unit: UnitOfWork, tokens: Iterable[bytes]) -> Sequence[UUID]:
    """Return people of the acting agency with one of the tokens, the likeliest first. One statement."""
    parameters = {
        "agency": unit.principal.agency,
        "tokens": list(tokens),
        "most_rows": MAXIMUM_ROWS,
        "most": MAXIMUM_CANDIDATES,
    }
    return (await unit.session.scalars(statements.CANDIDATES, parameters)).all()


async def indexed_strong_tokens(unit: UnitOfWork, tokens: Sequence[bytes]) -> set[bytes]:
    """Return those of the strong tokens that the acting agency has already."""
    if not tokens:
        return set()
    parameters = {"agency": unit.principal.agency, "tokens": list(tokens)}
    found = await unit.session.scalars(statements.INDEXED_STRONG_TOKENS, parameters)
    return {bytes(token) for token in found}


async def people_with_strong_tokens(
    unit: UnitOfWork, tokens: Iterable[bytes], *, at_most: int
) -> dict[bytes, list[UUID]]:
    """Return people of the acting agency by strong token, some of each. One statement."""
    parameters = {"agency": unit.principal.agency, "tokens": list(tokens), "at_most": at_most}
    found: dict[bytes, list[UUID]] = {}
    for token, person_id in await unit.session.execute(statements.PEOPLE_WITH_STRONG_TOKENS, parameters):
        found.setdefault(bytes(token), []).append(person_id)
    return found
