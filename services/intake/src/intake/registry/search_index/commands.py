"""Changes of the search index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import delete

from intake.registry.encryption.rules import InstanceKey
from intake.registry.search_index import statements
from intake.registry.search_index.models import SearchToken
from intake.registry.search_index.rules import KEY_RULES_VERSION, PersonDescription, SearchKey, search_keys

Tokens = Mapping[bytes, bool]
"""Keyed tokens, each with whether its search key is strong."""


def index_version(instance_key: InstanceKey) -> str:
    """Return the id of the newest search key with the version of the rules, by which a person is indexed now."""
    return f"{instance_key.search_id}.{KEY_RULES_VERSION}"


def tokens_of(instance_key: InstanceKey, keys: Iterable[SearchKey]) -> dict[bytes, bool]:
    """Return the tokens of search keys under which a person is indexed."""
    return {instance_key.token(key.kind, key.value): key.is_strong for key in keys}


def wanted_tokens_of(instance_key: InstanceKey, keys: Iterable[SearchKey]) -> dict[bytes, bool]:
    """Return the tokens of search keys under each search key of the ring, by which a person is found."""
    return {token: key.is_strong for key in keys for token in instance_key.tokens(key.kind, key.value)}


async def index_people(unit: UnitOfWork, tokens_by_person: Mapping[UUID, Tokens]) -> None:
    """Add people to the index. One statement."""
    rows = [
        (token, person_id, is_strong)
        for person_id, tokens in tokens_by_person.items()
        for token, is_strong in tokens.items()
    ]
    if rows:
        token, root, is_strong = zip(*rows, strict=True)
        parameters = {
            "agency": unit.principal.agency,
            "token": list(token),
            "root": list(root),
            "is_strong": list(is_strong),
        }
        await unit.session.execute(statements.ADD_TOKENS, parameters)


async def reindex_people(
    unit: UnitOfWork, instance_key: InstanceKey, descriptions: Mapping[UUID, PersonDescription]
) -> None:
    """Replace people's tokens with those of their descriptions."""
    await unit.session.execute(delete(SearchToken).where(SearchToken.root.in_(descriptions)))
    await index_people(
        unit,
        {person_id: tokens_of(instance_key, search_keys(each)) for person_id, each in descriptions.items()},
    )
