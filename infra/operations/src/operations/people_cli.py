"""`solidaryctl agency | person | duty`: who works in which agency, with which duties."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from solidary.language.problems import count_of
from solidary.platform.identity import Duty
from stack.checkout import state_folder
from stack.provision.duty_conflicts import duty_conflicts
from stack.run_file import read_run

from operations.administration import Administration, PersonEntry
from operations.handover import open_cases
from operations.output import Json, print_result

agency = typer.Typer(no_args_is_help=True, help="Add, list and disable agencies.")
person = typer.Typer(no_args_is_help=True, help="Add, list and disable people.")
duty = typer.Typer(no_args_is_help=True, help="Give and take duties, and find those that exclude each other.")
Alias = Annotated[str, typer.Argument(help="An agency's alias, such as unhcr.")]
Username = Annotated[str, typer.Argument(help="The name with which the person logs in.")]
Duties = Annotated[list[Duty], typer.Argument(help=f"One or more of {', '.join(Duty)}.")]


@agency.command("add")
def add_agency(
    alias: Alias,
    name: Annotated[str, typer.Argument(help="The name that people read.")],
    domain: Annotated[str, typer.Option(help="The domain of the agency's addresses, such as unhcr.org.")],
    unlisted: Annotated[
        bool | None,
        typer.Option("--unlisted/--listed", help="Whether other agencies see that it takes part."),
    ] = None,
    json: Json = False,
) -> None:
    """Create an agency with the groups of all duties; repeating it changes its name."""
    changed = _administration().add_agency(alias, name, domain, unlisted=unlisted)
    lines = [
        f"The agency {alias} exists, with all duties." if changed else f"The agency {alias} existed already."
    ]
    if changed:
        lines.append("Intake accepts consents for it, and referrals lists it, after their next start.")
    print_result({"agency": alias, "changed": changed}, lines, json=json)


@agency.command("list")
def list_agencies(json: Json = False) -> None:
    """List the agencies."""
    found = _administration().agencies()
    lines = [
        f"{each.alias:<20} {'' if each.enabled else 'disabled  '}{each.name}  {each.id}" for each in found
    ]
    print_result([asdict(each) for each in found], lines, json=json)


@agency.command("disable")
def disable_agency(alias: Alias, json: Json = False) -> None:
    """Stop everybody of an agency from working in it; their tokens end within minutes."""
    _enable_agency(alias, enabled=False, json=json)


@agency.command("enable")
def enable_agency(alias: Alias, json: Json = False) -> None:
    """Let a disabled agency work again."""
    _enable_agency(alias, enabled=True, json=json)


@person.command("add")
def add_person(
    username: Username,
    first_name: Annotated[str, typer.Option("--first-name")],
    last_name: Annotated[str, typer.Option("--last-name")],
    email: Annotated[str, typer.Option()],
    password_file: Annotated[
        Path, typer.Option(help="A new file for the first password, which lasts for one login.")
    ],
    json: Json = False,
) -> None:
    """Create an account, which chooses a password and a second factor at its first login; then give it duties."""
    created = _administration().add_person(username, first_name, last_name, email, password_file)
    line = (
        f"{username} exists. The first password is in {password_file}; give it to the person and delete the file."
        if created
        else f"{username} existed already; nothing was changed."
    )
    print_result({"person": username, "changed": created}, [line], json=json)


@person.command("list")
def list_people(
    agency: Annotated[str | None, typer.Option(help="Only those of this agency.")] = None, json: Json = False
) -> None:
    """List the people with their duties."""
    found = _administration().people(agency)
    print_result([asdict(each) for each in found], map(_line, found), json=json)


@person.command("disable")
def disable_person(username: Username, json: Json = False) -> None:
    """Log a person out everywhere, for good, and list the cases that somebody else must take over."""
    entry = _administration().enable_person(username, enabled=False)
    cases = open_cases(read_run(state_folder()), entry.subject)
    result = {"person": username, "subject": entry.subject, "handover": cases}
    lines = [
        f"{username} is disabled. Sessions have ended; tokens end within minutes.",
        f"{count_of(len(cases), 'case')} to hand over{':' if cases else '.'}",
        *(f"  person {case['person']}, agency {case['agency']}, {case['role']}" for case in cases),
    ]
    print_result(result, lines, json=json)


@person.command("enable")
def enable_person(username: Username, json: Json = False) -> None:
    """Let a disabled person log in again."""
    entry = _administration().enable_person(username, enabled=True)
    print_result(asdict(entry), [f"{username} can log in."], json=json)


@duty.command("give")
def give_duties(username: Username, alias: Alias, duties: Duties, json: Json = False) -> None:
    """Give a person duties in an agency, usable at their next token. Duties that exclude each other are refused."""
    changed = _administration().give_duties(username, alias, duties)
    _print_duties(username, alias, changed=changed, json=json)


@duty.command("take")
def take_duties(username: Username, alias: Alias, duties: Duties, json: Json = False) -> None:
    """Take duties from a person in an agency; their tokens keep them for minutes at most."""
    changed = _administration().take_duties(username, alias, duties)
    _print_duties(username, alias, changed=changed, json=json)


@duty.command("conflicts")
def list_conflicts(json: Json = False) -> None:
    """List who holds duties that exclude each other; exit status 1 where somebody does.

    Keycloak's console gives such duties without a word, and the services then refuse them.
    """
    conflicts = duty_conflicts(_administration().api)
    lines = [str(conflict) for conflict in conflicts] or ["Nobody holds duties that exclude each other."]
    print_result([asdict(conflict) for conflict in conflicts], lines, json=json)
    raise typer.Exit(1 if conflicts else 0)


def _administration() -> Administration:
    return Administration(read_run(state_folder()))


def _enable_agency(alias: str, *, enabled: bool, json: bool) -> None:
    changed = _administration().enable_agency(alias, enabled=enabled)
    state = "enabled" if enabled else "disabled"
    print_result({"agency": alias, "changed": changed}, [f"The agency {alias} is {state}."], json=json)


def _print_duties(username: str, alias: str, *, changed: bool, json: bool) -> None:
    entry = _administration().person(username)
    held = ", ".join(entry.duties.get(alias, ())) or "none"
    result = {"person": username, "agency": alias, "duties": entry.duties.get(alias, ()), "changed": changed}
    print_result(result, [f"{username} has these duties in {alias}: {held}."], json=json)


def _line(entry: PersonEntry) -> str:
    duties = "; ".join(f"{alias}: {', '.join(held) or 'no duty'}" for alias, held in entry.duties.items())
    state = "" if entry.enabled else "disabled  "
    return f"{entry.username:<28} {state}{entry.name}  {duties}"
