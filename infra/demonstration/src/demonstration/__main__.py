"""`python -m demonstration play | run`: play the scenario once, or run the platform with its result until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from solidary.language.country import InvalidPack
from stack import Stack
from stack.errors import NotRunning, StackError
from stack.keeper import become_keeper
from stack.platform import Platform
from stack.run_file import Run

from demonstration.place import NoDemonstration, Place
from demonstration.play import play_scenario
from demonstration.scenario import ScenarioFailed

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
City = Annotated[
    Path | None,
    typer.Option(
        help="A folder with cells.geojson and corregimientos.geojson.", exists=True, file_okay=False
    ),
]

Country = Annotated[
    str | None,
    typer.Option(
        help="A country with a pack, such as CO; PA, or that of the instance, by default.", metavar="CODE"
    ),
]


@app.command()
def play(city: City = None, country: Country = None) -> None:
    """Play the scenario once, on the running platform or on a platform started for it."""
    stack = _stack(country)
    try:
        stack.run()
        found = True
    except NotRunning:
        found = False
    try:
        stack.up()
        Platform(stack).up()
        asyncio.run(play_scenario(stack.run(), city))
        typer.echo("\nThe scenario has been played.")
    finally:
        if not found:
            _stop(stack)


@app.command()
def run(
    city: City = None,
    country: Country = None,
    tls: Annotated[bool, typer.Option("--tls", help="Serve https, with Caddy's local authority.")] = False,
) -> None:
    """Start everything, play the scenario, and run until Ctrl-C."""
    stack = _stack(country, tls=tls)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    with suppress(KeyboardInterrupt):
        try:
            stack.up()
            platform = Platform(stack)
            platform.up()
            asyncio.run(play_scenario(stack.run(), city))
            _print(stack)
            become_keeper(platform.log)
        finally:
            typer.echo("Stopping everything.", err=True)
            _stop(stack)


@app.command()
def seed(
    count: Annotated[int, typer.Argument(min=1)],
    agency: Annotated[str, typer.Option(help="The alias of the agency that registers them.")] = "unhcr",
    start: Annotated[int, typer.Option(min=0, help="Continue after this many, made before.")] = 0,
) -> None:
    """Make invented people on the running platform, whose people are all invented."""
    run = Stack().run()
    options = ["--agency", str(run.agencies[agency]), "--start", str(start), "--among-people"]
    command = [sys.executable, "-m", "intake", "seed", str(count), *options]
    raise typer.Exit(
        subprocess.run(command, env=os.environ | run.environment("intake"), check=False).returncode
    )


def _stack(country: str | None, *, tls: bool = False) -> Stack:
    """Return the servers of a country. Raises ScenarioFailed where the country has no demonstration."""
    try:
        if country is not None:
            Place.of(country)
    except (NoDemonstration, InvalidPack, KeyError) as error:
        raise ScenarioFailed(error.args[0]) from error
    return Stack(country=country, tls=tls)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _stop(stack: Stack) -> None:
    with suppress(NotRunning):
        Platform(stack).down()
    stack.down()


def first_call(run: Run) -> list[str]:
    """Return the lines that begin `docs/integrating/first-call.md` in another terminal."""
    clients = {"SENDER": "unhcr-integrator", "RECEIVER": "casa-abierta-integrator"}
    software = [f"export {name}={client}:{run.clients[client].secret}" for name, client in clients.items()]
    authority = (
        f" CURL_CA_BUNDLE={run.certificate} SSL_CERT_FILE={run.certificate}" if run.certificate else ""
    )
    return [f"export SOLIDARY={run.address}{authority}", *software]


def _print(stack: Stack) -> None:
    run = stack.run()
    typer.echo("\nSolidary is running.")
    typer.echo(f"\n  {run.address}\n")
    if run.certificate:
        typer.echo(f"Its certificate is signed by {run.certificate}, which your browser does not know.")
    typer.echo(f"Keycloak's console, for administrators: {run.keycloak.url}/admin")
    typer.echo(f"\nLogins (all with the password {next(iter(run.users.values())).password};")
    typer.echo("their one-time code: .venv/bin/python -m stack code USERNAME):")
    for user in run.users.values():
        duties = "; ".join(f"{agency}: {', '.join(held)}" for agency, held in user.duties.items())
        typer.echo(f"  {user.username:<28} {user.name:<22} {duties}")
    typer.echo(
        "\nTo call it by software (docs/integrating/first-call.md), begin with these lines in another terminal:"
    )
    for line in first_call(run):
        typer.echo(f"  {line}")
    typer.echo(f"\n{run.folder / 'run.json'} has all of this. Ctrl-C stops everything.")


def main() -> None:
    """Run the command line, and print an error of the servers or of the scenario without a traceback."""
    try:
        app()
    except (StackError, ScenarioFailed) as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
