"""`python -m planning allocate`: a `.pb` file in, the funded projects and their account out."""

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

from planning.engines.allocation import pabulib
from planning.engines.allocation.account import Account
from planning.engines.allocation.rules import Allocation, Completion, Rule, allocate
from planning.engines.allocation.utility import Measure


@cli_errors
def allocate_file(
    file: Annotated[Path, typer.Argument(help="A Pabulib .pb file.")],
    rule: Annotated[Rule | None, typer.Option(help="The rule; without it, the file's own.")] = None,
    completion: Annotated[
        Completion | None, typer.Option(help="Of equal shares; without it the file's own, else add1.")
    ] = None,
    utility: Annotated[Measure, typer.Option(help="What a funded project is worth.")] = Measure.cost,
    increment: Annotated[str, typer.Option(help="Currency units per voter and add1 round.")] = "1",
    community: Annotated[
        str | None, typer.Option(help="The VOTES column that tells a voter's community.")
    ] = None,
    account: Annotated[Path | None, typer.Option(help="Write who paid how much for what, as JSON.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Fund projects from ballots: equal shares or a greedy rule, exact, with an account."""
    if account is not None:
        require_writable(account)
    election = pabulib.read(file, community)
    for note in election.notes:
        typer.echo(f"note: {file}: {note}", err=True)
    chosen_rule, chosen_completion = _rule(file, election, rule, completion)
    begun = time.perf_counter()
    allocation = allocate(
        election.projects,
        election.ballots,
        election.budget,
        chosen_rule,
        completion=chosen_completion,
        utility=utility,
        increment=_increment(increment),
        threshold=election.threshold,
        watch=lambda done: show_progress(done, None, "add1 rounds"),
    )
    seconds = time.perf_counter() - begun
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


def _rule(
    file: Path, election: pabulib.Election, rule: Rule | None, completion: Completion | None
) -> tuple[Rule, Completion]:
    own, _, ending = election.meta.get("rule", "").lower().partition("/")
    if rule is None:
        if own not in set(Rule) or ending not in ("", "add1"):
            named = election.meta.get("rule") or "none"
            raise CommandError(f"{file}: the file's own rule is {named}; choose one with --rule")
        rule = Rule(own)
        if rule is Rule.greedy and election.threshold is not None:
            rule = Rule.greedy_threshold
    if rule is Rule.greedy_threshold and election.threshold is None:
        raise CommandError(f"{file}: greedy-threshold needs min_project_score_threshold in META")
    if rule is not Rule.equalshares:
        if completion is Completion.add1:
            raise CommandError(f"add1 completes equalshares, not {rule}")
        return rule, Completion.none
    if completion is None:
        completion = Completion.none if own == "equalshares" and not ending else Completion.add1
    return rule, completion


def _increment(text: str) -> Fraction:
    try:
        if (
            abs(Decimal(text.partition("/")[0]).adjusted()) > pabulib.MOST_DIGITS
            or len(text) > 3 * pabulib.MOST_DIGITS
        ):
            raise ValueError
        increment = Fraction(text)
    except (ValueError, ArithmeticError) as error:
        raise InvalidInput(f"--increment is not a number of any use: {text[:80]}") from error
    if increment <= 0:
        raise InvalidInput("--increment must be above zero")
    return increment


def account_as_json(allocation: Allocation, account: Account) -> Mapping[str, object]:
    """The account as JSON values; money as decimal strings, so that no cent is lost in a reader."""
    unfunded = account.first_unfunded
    return {
        "basis": account.basis,
        "cost": money(allocation.cost),
        "budget": money(allocation.budget),
        "endowment": None if allocation.endowment is None else float(allocation.endowment),
        "communities": [
            {
                "community": share.community,
                "voters": share.voters,
                "share_of_voters": float(share.share_of_voters),
                "paid": money(share.paid),
                "share_paid": float(share.share_paid),
            }
            for share in account.communities
        ],
        "gini_of_voters": account.gini_of_voters,
        "gini_of_communities": account.gini_of_communities,
        "first_unfunded": unfunded
        and {
            "project": unfunded.project,
            "cost": money(unfunded.cost),
            "money": money(unfunded.money),
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
                "amount": money(entry.amount),
            }
            for entry in account.entries
        ],
    }


def money(amount: Fraction) -> str:
    """An amount with as many decimals as it has, two at least; two where it has no end."""
    digits = next((digits for digits in range(2, 7) if (amount * 10**digits).denominator == 1), 2)
    whole, part = divmod(round(amount * 10**digits), 10**digits)
    return f"{whole}.{part:0{digits}d}"


def _number(amount: Fraction) -> int | float:
    return int(amount) if amount.denominator == 1 else float(amount)


def _as_text(allocation: Allocation, account: Account) -> str:
    names = {project.id: project for project in allocation.profile.projects}
    ending = "" if allocation.completion is Completion.none else f"/{allocation.completion}"
    lines = [
        f"{allocation.rule}{ending}: {len(allocation.selected)} projects, "
        f"{money(allocation.cost)} of {money(allocation.budget)}",
        *(f"  {one}  {money(names[one].cost)}  {names[one].name}".rstrip() for one in allocation.selected),
    ]
    if len(account.communities) > 1:
        lines.append(f"{account.basis} by community, with its share of voters and of the money:")
        lines += [
            f"  {share.community or '(none)'}  {money(share.paid)}  "
            f"{float(share.share_of_voters):.1%}  {float(share.share_paid):.1%}"
            for share in account.communities
        ]
    lines.append(f"Gini of what voters gave ({account.basis}): {account.gini_of_voters:.3f}")
    if unfunded := account.first_unfunded:
        if unfunded.votes is not None:
            carried = f"{unfunded.votes} votes more would have carried it"
        elif unfunded.cost > allocation.budget:
            carried = "it costs more than the budget"
        else:
            carried = "no number of votes was found that would have carried it"
        lines.append(f"nearest unfunded: {unfunded.project}, short of {money(unfunded.money)} ({carried})")
    return "\n".join(lines)
