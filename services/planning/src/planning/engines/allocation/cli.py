"""The command `python -m planning allocate`, which reads a `.pb` file and prints the funded projects."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from solidary.files.command_line import (
    CommandError,
    InvalidInput,
    atomic_file,
    cli_errors,
    require_writable,
    show_progress,
)
from solidary.files.tables import DecimalOption
from solidary.language.problems import count_of

from planning.engines.allocation import pabulib
from planning.engines.allocation.account import Account
from planning.engines.allocation.rules import Allocation, Completion, Rule, allocate
from planning.engines.allocation.utility import Measure


@cli_errors
def allocate_file(
    file: Annotated[Path, typer.Argument(help="A Pabulib .pb file.")],
    rule: Annotated[
        Rule | None, typer.Option(help="The rule. By default the rule that the file names.")
    ] = None,
    completion: Annotated[
        Completion | None,
        typer.Option(help="The completion of equal shares. By default the file's completion, else add1."),
    ] = None,
    utility: Annotated[Measure, typer.Option(help="The utility of a funded project.")] = Measure.COST,
    increment: Annotated[str, typer.Option(help="Currency units per voter and round of add1.")] = "1",
    community: Annotated[
        str | None, typer.Option(help="The VOTES column with the voters' communities.")
    ] = None,
    account: Annotated[
        Path | None, typer.Option(help="Write the account of who paid how much for what to this JSON file.")
    ] = None,
    decimal: DecimalOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Choose the projects that the ballots fund, by equal shares or a greedy rule, with an account."""
    if account is not None:
        require_writable(account)
    election = pabulib.read(file, community, decimal)
    for note in election.notes:
        typer.echo(f"note: {file}: {note}", err=True)
    chosen_rule, chosen_completion = _choose_rule(file, election, rule, completion)
    started = time.perf_counter()
    allocation = allocate(
        election.projects,
        election.ballots,
        election.budget,
        chosen_rule,
        completion=chosen_completion,
        utility=utility,
        increment=_increment(increment),
        threshold=election.threshold,
        on_progress=lambda done: show_progress(done, None, "add1 rounds"),
    )
    seconds = time.perf_counter() - started
    paid = allocation.account() if account is not None or not as_json else None
    if account is not None and paid is not None:
        with atomic_file(account) as out:
            json.dump(account_as_json(allocation, paid), out, ensure_ascii=False, indent=1)
            out.write("\n")
    if paid is not None and not as_json:
        typer.echo(_as_text(allocation, paid))
    else:
        outcome = {
            "rule": allocation.rule,
            "completion": allocation.completion,
            "selected": list(allocation.selected),
            "cost": _number(allocation.cost),
            "budget": _number(allocation.budget),
            "seconds": round(seconds, 6),
        }
        typer.echo(json.dumps(outcome, ensure_ascii=False))


def _choose_rule(
    file: Path, election: pabulib.Election, rule: Rule | None, completion: Completion | None
) -> tuple[Rule, Completion]:
    files_rule, _, files_completion = election.meta.get("rule", "").lower().partition("/")
    if rule is None:
        if files_rule not in set(Rule) or files_completion not in ("", "add1"):
            named = election.meta.get("rule")
            reason = f"The file's rule {named} is not supported." if named else "The file names no rule."
            raise CommandError(f"{file}: {reason} Choose a rule with --rule.")
        rule = Rule(files_rule)
        if rule is Rule.GREEDY and election.threshold is not None:
            rule = Rule.GREEDY_THRESHOLD
    if rule is Rule.GREEDY_THRESHOLD and election.threshold is None:
        raise CommandError(f"{file}: greedy-threshold needs min_project_score_threshold in META.")
    if rule is not Rule.EQUAL_SHARES:
        if completion is Completion.ADD1:
            raise CommandError(f"The completion add1 belongs to equalshares, not to {rule}.")
        return rule, Completion.NONE
    if completion is None:
        names_no_completion = files_rule == "equalshares" and not files_completion
        completion = Completion.NONE if names_no_completion else Completion.ADD1
    return rule, completion


def _increment(text: str) -> Fraction:
    try:
        if (
            abs(Decimal(text.partition("/")[0]).adjusted()) > pabulib.MAX_DIGITS
            or len(text) > 3 * pabulib.MAX_DIGITS
        ):
            raise ValueError
        increment = Fraction(text)
    except (ValueError, ArithmeticError) as error:
        raise InvalidInput(f"--increment is not a number or out of range: {text[:80]}.") from error
    if increment <= 0:
        raise InvalidInput("--increment must be above zero.")
    return increment


def account_as_json(allocation: Allocation, account: Account) -> Mapping[str, object]:
    """Return the account as JSON values, with money as decimal strings so that no reader loses a cent."""
    unfunded = account.first_unfunded
    return {
        "basis": account.basis,
        "cost": format_money(allocation.cost),
        "budget": format_money(allocation.budget),
        "endowment": None if allocation.endowment is None else float(allocation.endowment),
        "communities": [
            {
                "community": share.community,
                "voters": share.voters,
                "share_of_voters": float(share.share_of_voters),
                "paid": format_money(share.paid),
                "share_paid": float(share.share_paid),
            }
            for share in account.communities
        ],
        "gini_of_voters": account.gini_of_voters,
        "gini_of_communities": account.gini_of_communities,
        "first_unfunded": unfunded
        and {
            "project": unfunded.project,
            "cost": format_money(unfunded.cost),
            "money": format_money(unfunded.money),
            "votes": unfunded.votes,
        },
        "ballots": [
            {"community": ballot.community, "voters": ballot.count, "projects": list(ballot.points)}
            for ballot in allocation.profile.ballots
        ],
        "entries": [
            {
                "project": entry.project,
                "ballot": entry.ballot,
                "community": entry.community,
                "voters": entry.voters,
                "amount": format_money(entry.amount),
            }
            for entry in account.entries
        ],
    }


def format_money(amount: Fraction) -> str:
    """Return an amount with all its decimals, at least two; two where it has more than six."""
    digits = next((digits for digits in range(2, 7) if (amount * 10**digits).denominator == 1), 2)
    whole, part = divmod(round(amount * 10**digits), 10**digits)
    return f"{whole}.{part:0{digits}d}"


def _number(amount: Fraction) -> int | float:
    return int(amount) if amount.denominator == 1 else float(amount)


def _as_text(allocation: Allocation, account: Account) -> str:
    project_of = {project.id: project for project in allocation.profile.projects}
    projects = [project_of[id_] for id_ in allocation.selected]
    completion = "" if allocation.completion is Completion.NONE else f"/{allocation.completion}"
    lines = [
        f"{allocation.rule}{completion}: {count_of(len(projects), 'project')}, "
        f"{format_money(allocation.cost)} of {format_money(allocation.budget)}",
        *(f"  {project.id}  {format_money(project.cost)}  {project.name}".rstrip() for project in projects),
    ]
    if len(account.communities) > 1:
        lines.append(f"{account.basis} by community, with its share of the voters and of the money:")
        lines += [
            f"  {share.community or '(none)'}  {format_money(share.paid)}  "
            f"{float(share.share_of_voters):.1%}  {float(share.share_paid):.1%}"
            for share in account.communities
        ]
    lines.append(f"Gini coefficient of the voters' amounts ({account.basis}): {account.gini_of_voters:.3f}")
    if unfunded := account.first_unfunded:
        if unfunded.votes is not None:
            votes = f"{count_of(unfunded.votes, 'additional vote')} would have funded it"
        elif unfunded.cost > allocation.budget:
            votes = "it costs more than the budget"
        else:
            votes = "no number of additional votes was found that would have funded it"
        missing = format_money(unfunded.money)
        lines.append(f"nearest unfunded: {unfunded.project}, {missing} missing ({votes})")
    return "\n".join(lines)
