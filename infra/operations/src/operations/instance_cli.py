"""`solidaryctl health | parked | retention | country | exec`: the services of the running instance."""

from __future__ import annotations

import subprocess
from datetime import date
from typing import Annotated, Any, Literal, get_args

import httpx
import typer
from solidary.language.country import ReviewStatus, Source, load_pack
from solidary.language.problems import count_of
from stack.checkout import state_folder
from stack.run_file import read_run
from stack.services import SERVICES

from operations.output import Json, print_result
from operations.service_commands import KINDS, Kind, environment_of, resolved, run_in_service

parked = typer.Typer(
    no_args_is_help=True, help="List, replay or discard events that a service could not handle."
)
retention = typer.Typer(no_args_is_help=True, help="The periods for which rows are kept.")
country = typer.Typer(no_args_is_help=True, help="The pack of the instance's country.")
ServiceName = Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]
Action = Literal["replay", "discard"]
STALE_SECONDS = 60
"""The age of a lag's figure from which its worker seems not to run; it measures every 15 s."""


def health(json: Json = False) -> None:
    """Describe each service in a sentence; exit status 1 where something needs attention."""
    run = read_run(state_folder())
    found: dict[str, dict[str, Any]] = {}
    for service in SERVICES:
        try:
            answer = httpx.get(f"{run.services[service]}/health/ready", timeout=5, trust_env=False)
            found[service] = answer.json()
        except (httpx.HTTPError, ValueError):
            found[service] = {"status": "no answer"}
    sentences = {service: describe_health(body) for service, body in found.items()}
    attention = [service for service, (_, is_well) in sentences.items() if not is_well]
    lines = [f"{service:<14} {sentence}" for service, (sentence, _) in sentences.items()]
    print_result({"services": found, "attention": attention}, lines, json=json)
    raise typer.Exit(1 if attention else 0)


def describe_health(body: dict[str, Any]) -> tuple[str, bool]:
    """Return a health page in words, and whether nothing in it needs attention."""
    if body["status"] != "ready":
        return f"Does not serve: {body['status']}.", False
    wrong = []
    if body.get("parked_keys"):
        wrong.append(f"{count_of(body['parked_keys'], 'key')} parked")
    if body.get("failed_jobs"):
        wrong.append(f"{count_of(body['failed_jobs'], 'job')} failed")
    if (body.get("oldest_unsent_seconds") or 0) > STALE_SECONDS:
        wrong.append(f"an event waits for the relay since {body['oldest_unsent_seconds']:.0f} s")
    lags = body.get("lag", {})
    if silent := sorted(name for name, lag in lags.items() if lag["measured_seconds_ago"] > STALE_SECONDS):
        wrong.append(f"no worker measures {', '.join(silent)}")
    behind = sum(lag["events"] for lag in lags.values())
    if wrong:
        return f"Serves, but: {'; '.join(wrong)}.", False
    return (
        f"Serves; {count_of(behind, 'event')} to handle, {count_of(body.get('waiting_jobs', 0), 'job')} waiting.",
        True,
    )


@parked.command("list")
def list_parked(json: Json = False) -> None:
    """List the parked keys of all services' reactions."""
    run = read_run(state_folder())
    found = {
        service: run_in_service(
            run, service, "worker", ["python", "-m", service, "parked", "list"]
        ).splitlines()
        for service in SERVICES
        if service in run.databases
    }
    lines = [f"{service}  {line}" for service, listed in found.items() for line in listed]
    print_result(found, lines or ["Nothing is parked."], json=json)


@parked.command("handle")
def handle_parked(
    service: ServiceName,
    handle: Annotated[str, typer.Argument(help="A parked key, as the list shows it.")],
    action: Annotated[str, typer.Option(help=f"One of {', '.join(get_args(Action))}.")] = "replay",
    subscriber: Annotated[str, typer.Option(help="`reactions`, or the name of a projection.")] = "reactions",
) -> None:
    """Handle a parked key's events in order and free the key, or discard them."""
    if action not in get_args(Action):
        raise typer.BadParameter(f"The actions are {', '.join(get_args(Action))}.")
    command = ["python", "-m", service, "parked", action, handle, "--subscriber", subscriber]
    typer.echo(run_in_service(read_run(state_folder()), service, "worker", command), nl=False)


@retention.command("run")
def run_retention(json: Json = False) -> None:
    """Delete now what has been kept for long enough, as the nightly timers do; may be repeated.

    People are erased on the day that was announced to their agency two weeks before, and not sooner.
    """
    run = read_run(state_folder())
    found = {
        service: run_in_service(run, service, "worker", ["python", "-m", service, "retention"]).splitlines()
        for service in SERVICES
        if service in run.databases
    }
    lines = [f"{service:<14} {', '.join(timers)}" for service, timers in found.items()]
    print_result(found, lines, json=json)


@country.command("reviews")
def list_reviews(
    code: Annotated[
        str | None, typer.Argument(help="A country; that of the running instance by default.")
    ] = None,
    months: Annotated[
        int, typer.Option(min=1, help="A confirmed statement is due again after this time.")
    ] = 12,
    json: Json = False,
) -> None:
    """List the legal statements that a lawyer should read; exit status 1 where there are some."""
    found = due_reviews(code or read_run(state_folder()).country, months, date.today())
    lines = [f"{each['place']}: {each['review']}, read {each['reviewed']}: {each['text']}" for each in found]
    print_result(found, lines or ["No statement is due."], json=json)
    raise typer.Exit(1 if found else 0)


def due_reviews(code: str, months: int, today: date) -> list[dict[str, str]]:
    """Return the statements of a country pack whose review is due, with their place in the pack."""
    pack = load_pack(code)
    places: list[tuple[str, Source]] = [
        *((f"pathways.{one.id}", source) for one in pack.pathways.values() for source in one.all_sources),
        *((f"rails.{name}", source) for name, rail in pack.rails.items() for source in rail.sources),
        *(("data_protection", source) for source in pack.data_protection.sources),
    ]
    return [
        {
            "place": place,
            "review": source.review,
            "reviewed": source.reviewed.isoformat(),
            "text": source.text,
        }
        for place, source in places
        if source.review != ReviewStatus.CONFIRMED or (today - source.reviewed).days > months * 30
    ]


def execute(
    service: ServiceName,
    command: Annotated[
        list[str], typer.Argument(help="The command after --, such as: python -m intake migrate")
    ],
    process: Annotated[
        str, typer.Option("--as", help=f"The process whose settings it gets: {', '.join(KINDS)}.")
    ] = "api",
) -> None:
    """Run a command with the environment of a service: solidaryctl exec intake -- python -m intake keys rewrap."""
    kinds: dict[str, Kind] = {kind: kind for kind in KINDS}
    if process not in kinds:
        raise typer.BadParameter(f"The processes are {', '.join(KINDS)}.")
    environment = environment_of(read_run(state_folder()), service, kinds[process])
    raise typer.Exit(subprocess.run(resolved(command), env=environment, check=False).returncode)
