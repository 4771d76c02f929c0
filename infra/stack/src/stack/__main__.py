"""The real PostgreSQL, Kafka and Keycloak of this checkout, without Docker or Java."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Annotated

import psutil
import typer

from stack import containers
from stack.errors import StackError
from stack.platform import Platform
from stack.run_file import Run, run_file
from stack.services import SERVICES
from stack.stack import PORTS, Stack
from stack.steps import Steps

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
Demonstration = Annotated[
    bool,
    typer.Option("--demonstration/--no-demonstration", help="Invented agencies and people, and a password."),
]
Ports = Annotated[
    list[str] | None,
    typer.Option("--port", metavar="NAME=PORT", help=f"Fix a port. Names: {', '.join(PORTS)}"),
]


@app.command()
def up(demonstration: Demonstration = True, port: Ports = None) -> None:
    """Start PostgreSQL, Kafka and Keycloak; return when they serve."""
    _print(Stack(demonstration=demonstration, ports=_ports(port)).up())


@app.command()
def run(demonstration: Demonstration = True, port: Ports = None) -> None:
    """Like `up`, then stay; Ctrl-C stops everything."""
    stack = Stack(demonstration=demonstration, ports=_ports(port))
    try:
        _print(stack.up())
        typer.echo("Ctrl-C stops everything.", err=True)
        threading.Event().wait()
    finally:
        # A second Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stack.down()


@app.command()
def down(
    delete: Annotated[
        bool, typer.Option("--delete", help="Forget all state too: data, topics, passwords.")
    ] = False,
) -> None:
    """Stop the servers of this checkout, and whatever a kill -9 left of them."""
    stack = Stack()
    stopped = stack.down()
    if delete:
        stack.delete()
    typer.echo(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running", err=True)


@app.command()
def status() -> None:
    """What runs, and where; exit 1 unless all three servers run."""
    stack = Stack()
    for name in sorted({*stack.status(), *stack.processes.names()}):
        typer.echo(f"{name:<18} {_describe(stack.processes.find(name))}")
    if not all(stack.status().values()):
        raise typer.Exit(1)
    _print(stack.run())


@app.command()
def logs(name: Annotated[str, typer.Argument(help="postgres, kafka or keycloak")]) -> None:
    """Print a server's log."""
    folder = Stack().folder / "logs"
    file = folder / f"{name}.log"
    if not file.exists():
        there = ", ".join(sorted(log.stem for log in folder.glob("*.log"))) or "none yet"
        raise StackError(f"no log of that name; logs: {there}")
    typer.echo(file.read_text(encoding="utf-8", errors="replace"), nl=False)


@app.command()
def reload(service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}")]) -> None:
    """Work on one service while the others run: it starts anew when its code changes. Ctrl-C ends that."""
    if service not in SERVICES:
        raise typer.BadParameter(f"services are {', '.join(SERVICES)}")
    Platform(Stack()).reload(service)


@app.command()
def prepare() -> None:
    """Write passwords and settings for servers that somebody else starts (docs/operating/stack.md)."""
    containers.prepare(containers.Places())


@app.command()
def provision(
    parts: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(containers.PARTS)}; all.")] = None,
) -> None:
    """Bring servers that somebody else started to the wanted state (docs/operating/stack.md)."""
    chosen = tuple(part for part in containers.PARTS if not parts or part in parts)
    if parts and len(chosen) < len(set(parts)):
        raise typer.BadParameter(f"parts are {', '.join(containers.PARTS)}")
    containers.provision(containers.Places(), chosen, Steps())


def _describe(process: psutil.Process | None) -> str:
    if process is None:
        return "not running"
    return f"pid {process.pid}, {process.memory_info().rss >> 20} MiB"


def _print(run: Run) -> None:
    typer.echo(f"PostgreSQL  {run.postgres.host}:{run.postgres.port}")
    typer.echo(f"Kafka       {run.kafka.bootstrap}")
    typer.echo(f"Keycloak    {run.keycloak.url}")
    typer.echo(f"Passwords, people, clients: {run_file(run.folder)}")


def _ports(options: list[str] | None) -> dict[str, int]:
    ports = {}
    for option in options or ():
        name, _, port = option.partition("=")
        if name not in PORTS or not port.isdecimal():
            raise typer.BadParameter(f"{option}: want NAME=PORT, with a name of {', '.join(PORTS)}")
        ports[name] = int(port)
    return ports


def _interrupt(signal_number: int, _: FrameType | None) -> None:
    """A closed terminal or a `kill` is a Ctrl-C: nothing stays behind."""
    raise KeyboardInterrupt


def main() -> None:
    # SIGINT too: a shell without job control starts what it puts in the background deaf to it.
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _interrupt)
    try:
        app()
    except StackError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
