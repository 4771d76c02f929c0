"""Keycloak's admin API for a wanted state: it reads first, writes only what differs, and counts its writes."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from keycloak import KeycloakOpenIDConnection
from requests import Response

from stack.errors import StackError

Representation = Mapping[str, Any]
MAXIMUM_RESULTS = 10_000
CONCURRENCY = 8


class AdminApi:
    """The admin API of one realm, for a machine client of the realm `master`.

    `writes` counts every request that could change something.
    """

    def __init__(self, url: str, client_id: str, client_secret: str, realm: str):
        self._connection = KeycloakOpenIDConnection(
            server_url=url,
            client_id=client_id,
            client_secret_key=client_secret,
            realm_name="master",
            pool_maxsize=CONCURRENCY,
        )
        self._realm = f"/admin/realms/{realm}"
        self._lock = threading.Lock()
        self.writes = 0

    def find(self, path: str = "") -> Representation | None:
        """Return the entry at a path of the realm, or None."""
        answer = self._connection.raw_get(self._realm + path)
        return None if answer.status_code == 404 else _check(answer, path).json()

    def list(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return all entries of a collection, in full."""
        query = {"max": str(MAXIMUM_RESULTS), "briefRepresentation": "false"} | query
        answer = self._connection.raw_get(f"{self._realm}{path}?{urlencode(query)}")
        entries: list[dict[str, Any]] = _check(answer, path).json()
        return entries

    def create_realm(self, realm: Representation) -> None:
        """Create the realm itself."""
        self._write("post", "", json.dumps(realm), root="/admin/realms")

    def create(self, path: str, wanted: Representation | Sequence[Representation] | str) -> str:
        """Create an entry in the collection `path`; return its id."""
        answer = self._write("post", path, json.dumps(wanted))
        return answer.headers.get("Location", "").rpartition("/")[2]

    def replace(self, path: str, wanted: Representation) -> None:
        """Replace the entry at `path`."""
        self._write("put", path, json.dumps(wanted))

    def add_member(self, path: str) -> None:
        """Create the membership or assignment that the path itself names."""
        self._write("put", path)

    def delete(self, path: str) -> None:
        """Delete the entry or membership at `path`."""
        self._write("delete", path)

    def ensure(self, collection: str, current: Representation | None, wanted: Representation) -> str:
        """Create an entry where it is missing, change it where it differs; return its id.

        Fields that `wanted` does not have stay as they are.
        """
        if current is None:
            return self.create(collection, wanted)
        if not contains(current, wanted):
            self.replace(f"{collection}/{current['id']}", {**current, **wanted})
        return str(current["id"])

    def _write(self, method: str, path: str, body: str = "", *, root: str | None = None) -> Response:
        with self._lock:
            self.writes += 1
        url = (root or self._realm) + path
        match method:
            case "post":
                answer = self._connection.raw_post(url, body)
            case "put":
                answer = self._connection.raw_put(url, body)
            case _:
                answer = self._connection.raw_delete(url)
        return _check(answer, path)


def contains(current: Any, wanted: Any) -> bool:
    """Return true if the current value has everything wanted. The order of lists does not count."""
    if isinstance(wanted, Mapping):
        return isinstance(current, Mapping) and all(
            contains(current.get(key), value) for key, value in wanted.items()
        )
    if isinstance(wanted, (list, tuple)):
        return isinstance(current, list) and _sorted_entries(current) == _sorted_entries(wanted)
    return bool(current == wanted)


def _sorted_entries(entries: Sequence[Any]) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True) for entry in entries)


def _check(answer: Response, path: str) -> Response:
    if not answer.ok:
        raise StackError(
            f"Keycloak refused {path or 'the realm'} with status {answer.status_code}: {answer.text[:500]}"
        )
    return answer
