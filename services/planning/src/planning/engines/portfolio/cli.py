"""`python -m planning portfolio`: actions, budget and demands in; the best set out."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from solidary.files.command_line import CommandError, InvalidInput, cli_errors, show_progress

if TYPE_CHECKING:
    from planning.engines.portfolio.rules import Action, Minimum

TOP = {"budget", "actions", "minima"}
ACTION = {"id", "name", "cost", "score", "area", "perspective", "requires", "excludes"}
# 1e999999999 would fill the memory.
MOST_DIGITS = 30
MINIMUM = {"area", "perspective", "actions", "money"}


@cli_errors
def portfolio(
    file: Annotated[Path, typer.Argument(help="JSON with budget, actions and minima.")],
    seconds: Annotated[float, typer.Option(help="Stop then, and state the gap.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Choose the best set of actions within the budget, or say why there is none."""
    from planning.engines.portfolio.rules import Infeasible, OutOfTime, choose

    budget, actions, minima = _Reader(file).read()
    try:
        found = choose(
            actions,
            budget,
            minima,
            seconds=seconds,
            watch=lambda nodes: show_progress(nodes, None, "nodes searched"),
        )
    except Infeasible as error:
        if as_json:
            told = {
                "feasible": False,
                "conflict": error.conflict,
                "smallest": error.smallest,
                "remedies": error.remedies,
            }
            typer.echo(json.dumps(told, ensure_ascii=False))
        doubt = [] if error.smallest else ["the time was over before a smallest set of these was found"]
        raise CommandError("; ".join([str(error), *doubt, *error.remedies])) from error
    except OutOfTime as error:
        raise CommandError(f"{seconds:g} seconds were not enough to find a set or to rule it out") from error
    if as_json:
        told = {
            "feasible": True,
            "selected": found.selected,
            "score": found.score,
            "cost": _number(found.cost),
            "budget": _number(budget),
            "bound": found.bound,
            "gap": found.gap,
            "proven": found.proven,
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    proof = "proven best" if found.proven else f"within {found.gap:.2%} of the best"
    typer.echo(f"{len(found.selected)} of {len(actions)} actions, score {found.score:g}, {proof}")
    typer.echo(f"cost {_number(found.cost)} of {_number(budget)}")
    typer.echo("\n".join(found.selected))


def _number(amount: Fraction) -> int | float:
    return int(amount) if amount.denominator == 1 else float(amount)


class _Reader:
    """The file's values, each checked, with a JSON pointer where one is wrong."""

    def __init__(self, file: Path):
        self.file = file

    def read(self) -> tuple[Fraction, list[Action], list[Minimum]]:
        from planning.engines.portfolio.rules import Action, Minimum

        try:
            raw = json.loads(self.file.read_text(encoding="utf-8-sig"), parse_float=Decimal)
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput("cannot be read as text", file=self.file) from error
        except json.JSONDecodeError as error:
            raise InvalidInput(
                f"is not JSON: {error.msg}", file=self.file, place=f"line {error.lineno}"
            ) from error
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"cannot be read as JSON: {error}", file=self.file) from error
        if not isinstance(raw, dict):
            raise self._broken("", "must be an object with budget and actions")
        if unknown := sorted(raw.keys() - TOP):
            raise self._broken(f"/{unknown[0]}", "is not known here")
        budget = self._amount("", raw, "budget")
        actions = [
            Action(
                id=self._text(at, row, "id"),
                cost=self._amount(at, row, "cost"),
                score=float(self._amount(at, row, "score", negative=True)),
                area=self._text(at, row, "area", ""),
                perspective=self._text(at, row, "perspective", ""),
                requires=self._ids(at, row, "requires"),
                excludes=self._ids(at, row, "excludes"),
            )
            for at, row in self._rows(raw, "actions", ACTION)
        ]
        if not actions:
            raise self._broken("/actions", "needs at least one action")
        self._known(actions)
        minima = [
            Minimum(
                area=self._text(at, row, "area", "") or None,
                perspective=self._text(at, row, "perspective", "") or None,
                actions=self._count(at, row, "actions"),
                money=self._amount(at, row, "money", default=0),
            )
            for at, row in self._rows(raw, "minima", MINIMUM)
        ]
        for number, minimum in enumerate(minima):
            if not (minimum.area or minimum.perspective) or not (minimum.actions or minimum.money):
                raise self._broken(
                    f"/minima/{number}", "needs an area or a perspective, and actions or money"
                )
        return budget, actions, minima

    def _broken(self, at: str, reason: str) -> InvalidInput:
        return InvalidInput(reason, file=self.file, place=at or "/")

    def _rows(self, raw: dict[str, Any], key: str, keys: set[str]) -> list[tuple[str, dict[str, Any]]]:
        rows = raw.get(key, [])
        if not isinstance(rows, list):
            raise self._broken(f"/{key}", "must be a list")
        for number, row in enumerate(rows):
            if not isinstance(row, dict):
                raise self._broken(f"/{key}/{number}", "must be an object")
            if unknown := sorted(row.keys() - keys):
                raise self._broken(f"/{key}/{number}/{unknown[0]}", "is not known here")
        return [(f"/{key}/{number}", row) for number, row in enumerate(rows)]

    def _amount(
        self, at: str, row: dict[str, Any], key: str, *, default: int | None = None, negative: bool = False
    ) -> Fraction:
        value = row.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self._broken(f"{at}/{key}", "must be a number")
        if not Decimal(value).is_finite() or abs(Decimal(value).adjusted()) > MOST_DIGITS:
            raise self._broken(f"{at}/{key}", "must be a number of any use")
        if value < 0 and not negative:
            raise self._broken(f"{at}/{key}", "must not be negative")
        return Fraction(value)

    def _count(self, at: str, row: dict[str, Any], key: str) -> int:
        amount = self._amount(at, row, key, default=0)
        if amount.denominator > 1:
            raise self._broken(f"{at}/{key}", "must be a whole number")
        return int(amount)

    def _text(self, at: str, row: dict[str, Any], key: str, default: str | None = None) -> str:
        value = row.get(key, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self._broken(f"{at}/{key}", "must be a text")
        return value

    def _ids(self, at: str, row: dict[str, Any], key: str) -> tuple[str, ...]:
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._broken(f"{at}/{key}", "must be a list of ids")
        return tuple(value)

    def _known(self, actions: list[Action]) -> None:
        ids = [action.id for action in actions]
        for number, action in enumerate(actions):
            if action.id in ids[:number]:
                raise self._broken(f"/actions/{number}/id", f"a second action {action.id}")
            for key, named in (("requires", action.requires), ("excludes", action.excludes)):
                for place, other in enumerate(named):
                    if other not in ids or other == action.id:
                        raise self._broken(f"/actions/{number}/{key}/{place}", f"no other action {other}")
