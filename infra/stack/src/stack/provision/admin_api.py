"""Keycloak's admin API as "bring this to that": reads first, writes only what differs, counts its writes."""

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
EVERYTHING = 10_000
PARALLEL = 8


class AdminApi:
    """The admin API of one realm; `writes` counts every request that could change something."""

    def __init__(self, url: str, username: str, password: str, realm: str):
        self._connection = KeycloakOpenIDConnection(
            server_url=url, username=username, password=password, realm_name="master", pool_maxsize=PARALLEL
        )
        self._realm = f"/admin/realms/{realm}"
        self._lock = threading.Lock()
        self.writes = 0

    def find(self, path: str = "") -> Representation | None:
        """What is there, or None."""
        answer = self._connection.raw_get(self._realm + path)
        return None if answer.status_code == 404 else _checked(answer, path).json()

    def list(self, path: str, **query: str) -> list[dict[str, Any]]:
        """All entries of a collection, in full."""
        query = {"max": str(EVERYTHING), "briefRepresentation": "false"} | query
        answer = self._connection.raw_get(f"{self._realm}{path}?{urlencode(query)}")
        entries: list[dict[str, Any]] = _checked(answer, path).json()
        return entries

    def create_realm(self, realm: Representation) -> None:
        self._write("post", "", json.dumps(realm), root="/admin/realms")

    def create(self, path: str, wanted: Representation | str) -> str:
        """Makes an entry of the collection `path`; returns its id."""
        answer = self._write("post", path, json.dumps(wanted))
        return answer.headers.get("Location", "").rpartition("/")[2]

    def replace(self, path: str, wanted: Representation) -> None:
        self._write("put", path, json.dumps(wanted))

    def join(self, path: str) -> None:
        """Makes the membership that the path itself names."""
        self._write("put", path)

    def leave(self, path: str) -> None:
        self._write("delete", path)

    def bring(self, collection: str, there: Representation | None, wanted: Representation) -> str:
        """The entry as wanted: made where it is missing, changed where it differs; returns its id.

        Fields that `wanted` does not name stay as they are.
        """
        if there is None:
            return self.create(collection, wanted)
        if not agrees(there, wanted):
            self.replace(f"{collection}/{there['id']}", {**there, **wanted})
        return str(there["id"])

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
        return _checked(answer, path)


def agrees(there: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there. Lists of names agree in any order."""
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and all(
            agrees(there.get(key), value) for key, value in wanted.items()
        )
    if isinstance(wanted, (list, tuple)):
        return isinstance(there, list) and _unordered(there) == _unordered(wanted)
    return bool(there == wanted)


def _unordered(entries: Sequence[Any]) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True) for entry in entries)


def _checked(answer: Response, path: str) -> Response:
    if not answer.ok:
        raise StackError(
            f"Keycloak answered {answer.status_code} to {path or 'the realm'}: {answer.text[:500]}"
        )
    return answer
