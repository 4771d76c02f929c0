"""A refusal as an exception: the problem document that a service answered with (RFC 9457)."""

from __future__ import annotations

import json
from typing import Any

import httpx


class Refused(Exception):
    """The service answered with an error. `type` is stable; `title` and `detail` are sentences for people."""

    def __init__(self, response: httpx.Response) -> None:
        self.response, self.status = response, response.status_code
        problem = _problem(response)
        self.type: str = str(problem.get("type", "about:blank"))
        self.title: str = str(problem.get("title", response.reason_phrase))
        self.detail: str = str(problem.get("detail", ""))
        self.errors: list[dict[str, Any]] = problem.get("errors", [])
        self.request_id: str | None = problem.get("request_id") or response.headers.get("x-request-id")
        super().__init__(f"{self.status} {self.title}. {self.detail}".rstrip())


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        problem = json.loads(response.content)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
