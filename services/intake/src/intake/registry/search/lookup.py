"""Who is found by tokens."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import text

COMPARED = 200
"""Candidates that are compared part by part; those that share most come first."""

FOUND = text(
    """
    SELECT root FROM data.search_token WHERE agency = :agency AND token = ANY(:tokens)
    GROUP BY root HAVING bool_or(strong) OR count(*) >= :least
    ORDER BY bool_or(strong) DESC, count(*) DESC, root LIMIT :most
    """
)
KNOWN = text(
    """
    SELECT DISTINCT token FROM data.search_token WHERE agency = :agency AND strong AND token = ANY(:tokens)
    """
)
ELSEWHERE = text("SELECT machinery.known_elsewhere(:tokens)")


async def found(unit: UnitOfWork, tokens: dict[bytes, bool]) -> Sequence[UUID]:
    """People of the acting agency who share a strong token, or two weak ones (one, where only one is asked)."""
    asked = {
        "agency": unit.principal.agency,
        "tokens": list(tokens),
        "least": min(2, len(tokens)),
        "most": COMPARED,
    }
    return (await unit.session.scalars(FOUND, asked)).all()


async def known(unit: UnitOfWork, strong: Sequence[bytes]) -> set[bytes]:
    """Which of these strong tokens the acting agency has already."""
    asked = {"agency": unit.principal.agency, "tokens": list(strong)}
    return {bytes(token) for token in await unit.session.scalars(KNOWN, asked)} if strong else set()


async def known_elsewhere(unit: UnitOfWork, tokens: dict[bytes, bool]) -> bool:
    """Whether any other agency has somebody with one of the strong tokens. Who and where stays there."""
    strong = [token for token, is_strong in tokens.items() if is_strong]
    return bool(strong) and bool(await unit.session.scalar(ELSEWHERE, {"tokens": strong}))
