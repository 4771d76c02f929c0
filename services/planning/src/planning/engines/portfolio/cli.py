"""The command `python -m planning portfolio`, which chooses the best set of actions within a budget."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from solidary.files.command_line import CommandError, InvalidInput, cli_errors, show_progress
from solidary.files.json_document import JsonDocument
from solidary.language.problems import count_of

if TYPE_CHECKING:
    from planning.engines.portfolio.rules import InfeasiblePortfolio, Minimum, PortfolioAction

DOCUMENT_KEYS = {"budget", "actions", "minima"}
ACTION_KEYS = {"id", "name", "cost", "score", "area", "perspective", "requires", "excludes"}
MINIMUM_KEYS = {"area", "perspective", "actions", "money"}
# No amount has more digits; 1e999999999 would exhaust the memory.
MAX_DIGITS = 30


@cli_errors
def portfolio(
    file: Annotated[Path, typer.Argument(help="JSON with budget, actions and minima.")],
    seconds: Annotated[float, typer.Option(help="Stop after this time and state the remaining gap.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Choose the best set of actions within the budget, or explain why there is none."""
    from planning.engines.portfolio.rules import InfeasiblePortfolio, TimeLimitReached, choose_actions

    budget, actions, minima = _Reader(file).read()
    try:
        chosen = choose_actions(
            actions,
            budget,
            minima,
            seconds=seconds,
            on_progress=lambda nodes: show_progress(nodes, None, "nodes searched"),
        )
    except InfeasiblePortfolio as error:
        if as_json:
            explanation = {
                "feasible": False,
                "conflict": error.conflict,
                "smallest": error.smallest,
                "remedies": error.remedies,
            }
            typer.echo(json.dumps(explanation, ensure_ascii=False))
        raise CommandError(_explain(error)) from error
    except TimeLimitReached as error:
        raise CommandError(
            f"In {seconds:g} seconds no set of actions was found or excluded. Allow more --seconds."
        ) from error
    if as_json:
        outcome = {
            "feasible": True,
            "selected": chosen.selected,
            "score": chosen.score,
            "cost": _as_number(chosen.cost),
            "budget": _as_number(budget),
            "bound": chosen.bound,
            "gap": chosen.gap,
            "proven": chosen.proven,
        }
        typer.echo(json.dumps(outcome, ensure_ascii=False))
        return
    proof = "proven best" if chosen.proven else f"within {chosen.gap:.2%} of the best"
    typer.echo(
        f"{len(chosen.selected)} of {count_of(len(actions), 'action')}, score {chosen.score:g}, {proof}"
    )
    typer.echo(f"cost {_as_number(chosen.cost)} of {_as_number(budget)}")
    typer.echo("\n".join(chosen.selected))


def _explain(error: InfeasiblePortfolio) -> str:
    """Return the conflict, and what would resolve it, as sentences."""
    sentences = [str(error)]
    if not error.smallest:
        sentences.append("The time was over before a smallest conflict was found.")
    if error.remedies:
        sentences.append(f"Possible changes: {'; '.join(error.remedies)}.")
    return " ".join(sentences)


def _as_number(amount: Fraction) -> int | float:
    return int(amount) if amount.denominator == 1 else float(amount)


class _Reader:
    """A reader that checks every value of the file and reports errors with a JSON pointer."""

    def __init__(self, file: Path):
        self.file = file

    def read(self) -> tuple[Fraction, list[PortfolioAction], list[Minimum]]:
        from planning.engines.portfolio.rules import Minimum, PortfolioAction

        raw = JsonDocument(self.file, exact=True).read()
        if not isinstance(raw, dict):
            raise self._error("", "The document must be an object with budget and actions.")
        if unknown := sorted(raw.keys() - DOCUMENT_KEYS):
            raise self._unknown_key("", unknown[0], DOCUMENT_KEYS)
        budget = self._amount("", raw, "budget")
        actions = [
            PortfolioAction(
                id=self._text(place, row, "id"),
                cost=self._amount(place, row, "cost"),
                score=float(self._amount(place, row, "score", negative=True)),
                area=self._text(place, row, "area", ""),
                perspective=self._text(place, row, "perspective", ""),
                requires=self._ids(place, row, "requires"),
                excludes=self._ids(place, row, "excludes"),
            )
            for place, row in self._rows(raw, "actions", ACTION_KEYS)
        ]
        if not actions:
            raise self._error("/actions", "The list needs at least one action.")
        self._check_references(actions)
        minima = [
            Minimum(
                area=self._text(place, row, "area", "") or None,
                perspective=self._text(place, row, "perspective", "") or None,
                actions=self._count(place, row, "actions"),
                money=self._amount(place, row, "money", default=0),
            )
            for place, row in self._rows(raw, "minima", MINIMUM_KEYS)
        ]
        for number, minimum in enumerate(minima):
            if not (minimum.area or minimum.perspective) or not (minimum.actions or minimum.money):
                raise self._error(
                    f"/minima/{number}", "A minimum needs an area or a perspective, and actions or money."
                )
        return budget, actions, minima

    def _error(self, pointer: str, reason: str) -> InvalidInput:
        return InvalidInput(reason, file=self.file, place=pointer)

    def _unknown_key(self, place: str, key: str, allowed: set[str]) -> InvalidInput:
        return self._error(
            f"{place}/{key}", f"The key {key} is unknown. Use only {', '.join(sorted(allowed))}."
        )

    def _rows(self, raw: dict[str, Any], key: str, allowed: set[str]) -> list[tuple[str, dict[str, Any]]]:
        rows = raw.get(key, [])
        if not isinstance(rows, list):
            raise self._error(f"/{key}", "The value must be a list.")
        for number, row in enumerate(rows):
            if not isinstance(row, dict):
                raise self._error(f"/{key}/{number}", "The value must be an object.")
            if unknown := sorted(row.keys() - allowed):
                raise self._unknown_key(f"/{key}/{number}", unknown[0], allowed)
        return [(f"/{key}/{number}", row) for number, row in enumerate(rows)]

    def _amount(
        self, place: str, row: dict[str, Any], key: str, *, default: int | None = None, negative: bool = False
    ) -> Fraction:
        value = row.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self._error(f"{place}/{key}", "The value must be a number.")
        if not Decimal(value).is_finite() or abs(Decimal(value).adjusted()) > MAX_DIGITS:
            raise self._error(f"{place}/{key}", f"The number is out of range: at most {MAX_DIGITS} digits.")
        if value < 0 and not negative:
            raise self._error(f"{place}/{key}", "The number must not be negative.")
        return Fraction(value)

    def _count(self, place: str, row: dict[str, Any], key: str) -> int:
        amount = self._amount(place, row, key, default=0)
        if amount.denominator > 1:
            raise self._error(f"{place}/{key}", "The value must be a whole number.")
        return int(amount)

    def _text(self, place: str, row: dict[str, Any], key: str, default: str | None = None) -> str:
        value = row.get(key, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self._error(f"{place}/{key}", "The value must be a text.")
        return value

    def _ids(self, place: str, row: dict[str, Any], key: str) -> tuple[str, ...]:
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(id_, str) for id_ in value):
            raise self._error(f"{place}/{key}", "The value must be a list of ids.")
        return tuple(value)

    def _check_references(self, actions: list[PortfolioAction]) -> None:
        ids = [action.id for action in actions]
        for number, action in enumerate(actions):
            if action.id in ids[:number]:
                raise self._error(f"/actions/{number}/id", f"The id {action.id} belongs to another action.")
            for key, others in (("requires", action.requires), ("excludes", action.excludes)):
                for index, other in enumerate(others):
                    if other not in ids or other == action.id:
                        raise self._error(
                            f"/actions/{number}/{key}/{index}",
                            f"There is no other action with the id {other}.",
                        )
