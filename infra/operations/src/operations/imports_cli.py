"""`solidaryctl city`: files that an agency's software imports, sent by its machine client and followed to their end."""

from __future__ import annotations

import ssl
import time
from collections.abc import Generator
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from stack.checkout import state_folder
from stack.errors import StackError
from stack.run_file import Run, read_run

from operations.output import Json, print_result

city = typer.Typer(no_args_is_help=True, help="Import the areas and cells of a city.")
SECONDS = 60.0
"""The longest time without an answer."""


@city.command("import")
def import_city(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="Areas and cells (docs/using/plans.md#a-city)."),
    ],
    client: Annotated[str, typer.Option(help="A machine client with the duty integrator: unhcr-records.")],
    secret_file: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The file of its secret.")],
    json: Json = False,
) -> None:
    """Import a city with its areas and cells, all of them or none; repeating it replaces those with the same ids."""
    run = read_run(state_folder())
    with front_door(run, client, secret_file.read_text().strip()) as door:
        work = finished_work(door, f"{run.apis['planning']}/cities/import", file.read_bytes())
    print_result(
        work,
        [f"{work['done']} cells were imported. They are at {run.apis['planning']}{work['result']}."],
        json=json,
    )


class SoftwareLogin(httpx.Auth):
    """The login of an agency's software, whose token lasts a minute."""

    requires_response_body = True

    def __init__(self, run: Run, client: str, secret: str) -> None:
        self._url, self._client = run.keycloak.public_token_url, client
        self._form = run.keycloak.machine_grant(client, secret)
        self._token: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request with a token, and once more with a new one where that has ended. Raises StackError."""
        for is_first in (True, False):
            if self._token is None:
                answer = yield httpx.Request("POST", self._url, data=self._form)
                if not answer.is_success:
                    raise StackError(
                        f"{self._client} cannot log in with this secret. Look at it with «solidaryctl client list», or "
                        f"give it a new one with «solidaryctl client renew {self._client} --secret-file FILE»."
                    )
                self._token = answer.json()["access_token"]
            request.headers["Authorization"] = f"Bearer {self._token}"
            response = yield request
            if response.status_code != 401 or not is_first:
                return
            self._token = None


def front_door(run: Run, client: str, secret: str) -> httpx.Client:
    """Return a client of the front door that is logged in as an agency's software."""
    verify = ssl.create_default_context(cafile=run.certificate) if run.certificate else True
    return httpx.Client(timeout=SECONDS, verify=verify, auth=SoftwareLogin(run, client, secret))


def finished_work(door: httpx.Client, url: str, body: bytes) -> dict[str, Any]:
    """Send a file and wait until it was worked on; return the work. Raises StackError with what was refused."""
    started = door.post(url, content=body, headers={"Content-Type": "application/json"})
    work = _answer(started)
    place = started.url.join(started.headers["Location"])
    while work["finished"] is None:
        time.sleep(float(started.headers.get("Retry-After", "1")))
        work = _answer(door.get(place))
    if work["failure"]:
        raise StackError(f"The file was refused, and nothing was imported. {_problem(work['failure'])}")
    return work


def _answer(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise StackError(f"The file was refused ({answer.status_code}). {_problem(answer.json())}")
    found: dict[str, Any] = answer.json()
    return found


def _problem(problem: dict[str, Any]) -> str:
    """Return a problem in words, with each fault at its place."""
    faults = [f"\n  {fault['pointer']}: {fault['detail']}" for fault in problem.get("errors") or ()]
    sentence = problem.get("detail") or problem.get("title") or ""
    return sentence + "".join(faults)
