"""The real PostgreSQL, Kafka, Keycloak and Caddy of this checkout, as processes without Docker."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import psutil
import typer
from solidary.platform.telemetry.log_viewer import readable

from stack import containers
from stack.errors import StackError
from stack.keeper import become_keeper
from stack.one_time_code import one_time_code
from stack.page_assets import install_assets
from stack.platform import PARENT, Platform
from stack.provision.admin_api import AdminApi
from stack.provision.duties_log import duty_changes
from stack.run_file import Run, read_run, run_file
from stack.services import SERVICES
from stack.stack import PORTS, Stack
from stack.steps import Steps

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
Demonstration = Annotated[
    bool,
    typer.Option(
        "--demonstration/--no-demonstration",
        help="Create the invented agencies and people, who share a password.",
    ),
]
Ports = Annotated[
    list[str] | None,
    typer.Option("--port", metavar="NAME=PORT", help=f"Fix a port. Names: {', '.join(PORTS)}"),
]


@app.command()
def up(demonstration: Demonstration = True, port: Ports = None) -> None:
    """Start PostgreSQL, Kafka, Keycloak and Caddy, and return when they are ready."""
    _print(Stack(demonstration=demonstration, ports=_ports(port)).up())


@app.command()
def assets() -> None:
    """Fetch the styles, scripts and fonts of the pages, which `make env` does by itself."""
    install_assets(Steps())


@app.command()
def run(demonstration: Demonstration = True, port: Ports = None) -> None:
    """Start the servers and stay; Ctrl-C stops everything."""
    stack = Stack(demonstration=demonstration, ports=_ports(port))
    try:
        _print(stack.up())
        typer.echo("Ctrl-C stops everything.", err=True)
        become_keeper(stack.folder / "logs" / f"{PARENT}.log")
    finally:
        # A second Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stack.down()


@app.command()
def down(
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete all state too: data, topics, passwords.")
    ] = False,
) -> None:
    """Stop the servers of this checkout, also what a kill -9 left of them."""
    stack = Stack()
    stopped = stack.down()
    if delete:
        stack.delete()
    typer.echo(f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running.", err=True)


@app.command()
def status() -> None:
    """Show the processes and addresses; exit 1 unless all servers run."""
    stack = Stack()
    for name in sorted({*stack.status(), *stack.processes.names()}):
        typer.echo(f"{name:<18} {_describe_process(stack.processes.find(name))}")
    if not all(stack.status().values()):
        raise typer.Exit(1)
    _print(stack.run())


@app.command()
def logs(
    name: Annotated[str, typer.Argument(help="A server or a service's process, such as kafka or intake-api")],
) -> None:
    """Print a log in a form for people; the file itself has JSON, with more fields."""
    folder = Stack().folder / "logs"
    file = folder / f"{name}.log"
    if not file.exists():
        names = ", ".join(sorted(log.stem for log in folder.glob("*.log"))) or "none yet"
        raise StackError(f"There is no log of that name. Logs: {names}.")
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in readable(lines):
            typer.echo(line)


@app.command()
def reload(service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}")]) -> None:
    """Run one service so that it restarts when its code changes, beside the others. Ctrl-C ends that."""
    if service not in SERVICES:
        raise typer.BadParameter(f"The services are {', '.join(SERVICES)}.")
    Platform(_running_stack()).reload(service)


@app.command()
def start() -> None:
    """Start the services that do not run, on the running servers: those that ended, and new ones."""
    platform = Platform(_running_stack())
    platform.up()
    for service in SERVICES:
        typer.echo(f"{service:<18} {platform.run.apis[service]}/docs")


@app.command()
def prepare() -> None:
    """Write passwords and settings for servers that somebody else starts (docs/operating/stack.md)."""
    containers.prepare(containers.Deployment())


@app.command("prepare-door")
def prepare_door() -> None:
    """Write the settings and pages of the front door only, as its pods in a cluster do (docs/operating/cluster.md)."""
    containers.prepare_door(containers.Deployment())


@app.command()
def provision(
    parts: Annotated[
        list[str] | None, typer.Argument(help=f"Some of {', '.join(containers.PARTS)}; all by default.")
    ] = None,
) -> None:
    """Bring servers that somebody else started to the wanted state (docs/operating/stack.md)."""
    chosen = tuple(part for part in containers.PARTS if not parts or part in parts)
    if parts and len(chosen) < len(set(parts)):
        raise typer.BadParameter(f"The parts are {', '.join(containers.PARTS)}.")
    containers.provision(containers.Deployment(), chosen, Steps())


@app.command()
def code(username: Annotated[str, typer.Argument(help="One of the demonstration's people")]) -> None:
    """Print the current one-time code of one of the demonstration's people."""
    users = Stack().run().users
    if username not in users:
        raise StackError(f"The demonstration's people are: {', '.join(sorted(users)) or 'none'}.")
    typer.echo(one_time_code(users[username].code_secret))


@app.command("duties-log")
def duties_log(
    folder: Annotated[
        Path | None, typer.Argument(help="The folder of run.json; this checkout's by default")
    ] = None,
) -> None:
    """Print who gave which duty to whom, and who took it, the oldest change first."""
    for change in duty_changes(*_realms(folder)):
        typer.echo(change)


def _realms(folder: Path | None) -> tuple[AdminApi, AdminApi]:
    """Return the administration of the platform's realm and of `master`."""
    keycloak = read_run(folder or Stack().folder).keycloak
    account = keycloak.provisioner
    realm, master = (
        AdminApi(keycloak.url, account.username, account.password, name)
        for name in (keycloak.realm, "master")
    )
    return realm, master


def _running_stack() -> Stack:
    """Return the stack that is up, with the services that were added since provisioned. Raises NotRunning."""
    stack = Stack()
    stack.run()
    stack.up()
    return stack


def _describe_process(process: psutil.Process | None) -> str:
    if process is None:
        return "not running"
    return f"pid {process.pid}, {process.memory_info().rss >> 20} MiB"


def _print(run: Run) -> None:
    typer.echo(f"Front door  {run.address}")
    typer.echo(f"PostgreSQL  {run.postgres.host}:{run.postgres.port}")
    typer.echo(f"Kafka       {run.kafka.bootstrap}")
    typer.echo(f"Keycloak    {run.keycloak.url}")
    typer.echo(f"Passwords, people, clients: {run_file(run.folder)}")


def _ports(options: list[str] | None) -> dict[str, int]:
    ports = {}
    for option in options or ():
        name, _, port = option.partition("=")
        if name not in PORTS or not port.isdecimal():
            raise typer.BadParameter(f"{option} is not NAME=PORT with one of the names {', '.join(PORTS)}.")
        ports[name] = int(port)
    return ports


def _interrupt(signal_number: int, _: FrameType | None) -> None:
    """Treat a closed terminal or a `kill` like Ctrl-C, so that nothing stays behind."""
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line."""
    # SIGINT too: a shell without job control starts background programs with SIGINT ignored.
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _interrupt)
    try:
        app()
    except StackError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
