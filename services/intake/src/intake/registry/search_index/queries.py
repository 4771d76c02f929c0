"""Look-ups in the search index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork

from intake.registry.search_index import statements

MAXIMUM_CANDIDATES = 200
"""People who are compared part by part, those with most tokens in common first."""


async def find_candidates(
    unit: UnitOfWork, tokens: Mapping[bytes, bool], *, search_key_count: int = 1
) -> Sequence[UUID]:
    """Return people of the acting agency with a strong token, or two weak ones, in common.

    One weak token is enough if the search has only one. `tokens` has each under `search_key_count` search keys.
    """
    parameters = {
        "agency": unit.principal.agency,
        "tokens": list(tokens),
        "minimum": min(2, len(tokens) // search_key_count),
        "limit": MAXIMUM_CANDIDATES,
    }
    return (await unit.session.scalars(statements.CANDIDATES, parameters)).all()


async def indexed_strong_tokens(unit: UnitOfWork, tokens: Sequence[bytes]) -> set[bytes]:
    """Return those of the strong tokens that the acting agency has already."""
    if not tokens:
        return set()
    parameters = {"agency": unit.principal.agency, "tokens": list(tokens)}
    found = await unit.session.scalars(statements.INDEXED_STRONG_TOKENS, parameters)
    return {bytes(token) for token in found}
