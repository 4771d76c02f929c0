"""python -m stack up | down | status | logs NAME | run"""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from stack.errors import StackError
from stack.run_file import Run
from stack.stack import Stack

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
Demonstration = Annotated[bool, typer.Option(help="Demonstration agencies, people and passwords.")]


@app.command()
def up(demonstration: Demonstration = True) -> None:
    """Start PostgreSQL, Kafka and Keycloak, and return when they serve."""
    _print(Stack(demonstration=demonstration).up())


@app.command()
def run(demonstration: Demonstration = True) -> None:
    """Like `up`, then stay until Ctrl-C and stop everything."""
    stack = Stack(demonstration=demonstration)
    interrupted = threading.Event()
    try:
        _print(stack.up())
        signal.signal(signal.SIGTERM, lambda *_: interrupted.set())
        typer.echo("Ctrl-C stops everything.", err=True)
        interrupted.wait()
    except KeyboardInterrupt:
        pass
    finally:
        stack.down()


@app.command()
def down(
    delete: Annotated[
        bool, typer.Option("--delete", help="Forget all state: data, topics, passwords.")
    ] = False,
) -> None:
    """Stop the servers of this checkout, and what a kill -9 left of them."""
    stack = Stack()
    stopped = stack.down()
    if delete:
        stack.delete()
    typer.echo(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running", err=True)


@app.command()
def status() -> None:
    """What runs, and where; exit 1 unless all three run."""
    stack = Stack()
    running = stack.status()
    for name, process in running.items():
        typer.echo(f"{name:<10} {f'pid {process.pid}' if process else 'not running'}")
    if not all(running.values()):
        raise typer.Exit(1)
    _print(stack.run())


@app.command()
def logs(name: Annotated[str, typer.Argument(help="postgres, kafka or keycloak")]) -> None:
    """Print a server's log."""
    file = Stack().folder / "logs" / f"{name}.log"
    if not file.exists():
        raise StackError(f"there is no log {file}")
    typer.echo(file.read_text(encoding="utf-8", errors="replace"), nl=False)


def _print(run: Run) -> None:
    typer.echo(f"PostgreSQL  {run.postgres.host}:{run.postgres.port}")
    typer.echo(f"Kafka       {run.kafka.bootstrap}")
    typer.echo(f"Keycloak    {run.keycloak.url}")
    typer.echo(f"everything else: {run.folder / 'run.json'}")


def main() -> None:
    try:
        app()
    except StackError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
