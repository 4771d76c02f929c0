"""The best set of actions within a budget, with its bound proven, or the reason for which there is none.

Each action is taken whole or not at all. The set must cost no more than the budget, meet minima per area and per
perspective, contain all that its actions require, and no two that exclude each other. It is solved as a mixed-integer
program by HiGHS with exact rows (`MixedIntegerProgram.add_at_most`). Where no set is feasible, a deletion filter
(Chinneck, Dravnieks 1991) finds a smallest set of conflicting constraints: without any one of them the others can be
satisfied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, inf, lcm
from time import monotonic

from solidary.language.problems import count_of

from planning.engines.arrays import Floats
from planning.engines.solver import MixedIntegerProgram, ProgressCallback, Solution, solve

TOLERANCE = 1e-6


@dataclass(frozen=True)
class PortfolioAction:
    """An action that may be chosen; `score` is any additive value (votes, points), `cost` is in currency units."""

    id: str
    cost: Fraction
    score: float
    area: str = ""
    perspective: str = ""
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Minimum:
    """A minimum of actions and of money for an area or a perspective (or for both at once)."""

    area: str | None = None
    perspective: str | None = None
    actions: int = 0
    money: Fraction = Fraction(0)

    def applies_to(self, action: PortfolioAction) -> bool:
        """Return whether the action is in the area and the perspective of this minimum."""
        return self.area in (None, action.area) and self.perspective in (None, action.perspective)

    def __str__(self) -> str:
        subjects = {"area": self.area, "perspective": self.perspective}
        subject = " and ".join(f"{kind} {name}" for kind, name in subjects.items() if name)
        amounts = [count_of(self.actions, "action")] if self.actions else []
        amounts += [f"{_format_money(self.money)} spent"] if self.money else []
        return f"at least {' and '.join(amounts)} for {subject}"


@dataclass(frozen=True)
class Portfolio:
    """The chosen action ids in the order given, and a `bound` that no feasible set's score exceeds."""

    selected: tuple[str, ...]
    score: float
    cost: Fraction
    bound: float
    proven: bool

    @property
    def gap(self) -> float:
        return abs(self.bound - self.score) / max(abs(self.score), 1.0) if not self.proven else 0.0


class InfeasiblePortfolio(Exception):
    """No set satisfies all constraints. `conflict` lists contradicting ones; `remedies` would resolve it.

    `smallest` is true if every constraint of the conflict is necessary for it, and false if the time was over before
    that was shown.
    """

    def __init__(self, conflict: tuple[str, ...], remedies: tuple[str, ...], *, smallest: bool):
        self.conflict, self.remedies, self.smallest = conflict, remedies, smallest
        super().__init__(f"No set of actions satisfies all of: {'; '.join(conflict)}.")


class TimeLimitReached(Exception):
    """The time was over before a set was found or excluded."""


@dataclass(frozen=True)
class _Constraint:
    """A constraint in whole numbers: either least ≤ factors·actions, or factors·actions ≤ most."""

    name: str
    actions: tuple[int, ...]
    factors: tuple[int, ...]
    least: int | None = None
    most: int | None = None
    minimum: Minimum | None = None

    def value(self, chosen: AbstractSet[int]) -> int:
        return sum(
            factor for index, factor in zip(self.actions, self.factors, strict=True) if index in chosen
        )

    def is_met(self, chosen: AbstractSet[int]) -> bool:
        value = self.value(chosen)
        return (self.least is None or self.least <= value) and (self.most is None or value <= self.most)

    def add_to(self, program: MixedIntegerProgram) -> None:
        if self.most is not None:
            program.add_at_most(self.actions, self.factors, self.most)
        if self.least is not None:
            program.add_at_most(self.actions, [-factor for factor in self.factors], -self.least)


def choose_actions(
    actions: Sequence[PortfolioAction],
    budget: Fraction | int,
    minima: Iterable[Minimum] = (),
    *,
    seconds: float = inf,
    on_progress: ProgressCallback | None = None,
) -> Portfolio:
    """Return the feasible set with the highest total score. `on_progress` is called with the nodes searched.

    Raises InfeasiblePortfolio with the reason, TimeLimitReached, and ValueError for an unknown or repeated id.
    """
    model = _Model(
        actions, Fraction(budget), tuple(minima), deadline=monotonic() + seconds, on_progress=on_progress
    )
    solution = model.solve(model.constraints, [-action.score for action in actions])
    if solution.infeasible:
        raise model.explain_infeasibility()
    if solution.values is None:
        raise TimeLimitReached
    chosen = sorted(model.chosen(solution.values))
    score, bound = sum(actions[index].score for index in chosen), -solution.bound
    proven = bound - score <= TOLERANCE * max(1.0, abs(score))
    return Portfolio(
        selected=tuple(actions[index].id for index in chosen),
        score=score,
        cost=sum((actions[index].cost for index in chosen), Fraction(0)),
        bound=score if proven else bound,
        proven=proven,
    )


class _Model:
    """The constraints in whole numbers, with money in the coarsest unit that divides every cost."""

    def __init__(
        self,
        actions: Sequence[PortfolioAction],
        budget: Fraction,
        minima: tuple[Minimum, ...],
        *,
        deadline: float,
        on_progress: ProgressCallback | None = None,
    ):
        self.actions, self.minima, self.deadline, self.on_progress = actions, minima, deadline, on_progress
        index_of = {action.id: index for index, action in enumerate(actions)}
        if len(index_of) < len(actions):
            raise ValueError("Two actions have the same id.")
        cents = lcm(*(action.cost.denominator for action in actions))
        self.unit = Fraction(gcd(*(int(action.cost * cents) for action in actions)) or 1, cents)
        self.costs = tuple(int(action.cost / self.unit) for action in actions)
        all_actions = tuple(range(len(actions)))
        self.budget = _Constraint(
            f"the budget of {_format_money(budget)}", all_actions, self.costs, most=budget // self.unit
        )
        self.constraints = [self.budget, *self._minima(), *self._dependencies(index_of)]

    def _minima(self) -> Iterable[_Constraint]:
        for minimum in self.minima:
            counted = tuple(index for index, action in enumerate(self.actions) if minimum.applies_to(action))
            if minimum.actions:
                of_actions = Minimum(minimum.area, minimum.perspective, actions=minimum.actions)
                ones = (1,) * len(counted)
                yield _Constraint(str(of_actions), counted, ones, least=minimum.actions, minimum=of_actions)
            if minimum.money:
                of_money = Minimum(minimum.area, minimum.perspective, money=minimum.money)
                costs = tuple(self.costs[index] for index in counted)
                least = -(-minimum.money // self.unit)
                yield _Constraint(str(of_money), counted, costs, least=least, minimum=of_money)

    def _dependencies(self, index_of: dict[str, int]) -> Iterable[_Constraint]:
        for index, action in enumerate(self.actions):
            for other in (*action.requires, *action.excludes):
                if other not in index_of:
                    raise ValueError(f"Action {action.id} names the unknown action {other}.")
            for other in action.requires:
                yield _Constraint(f"{action.id} requires {other}", (index, index_of[other]), (-1, 1), least=0)
            for other in action.excludes:
                yield _Constraint(f"{action.id} excludes {other}", (index, index_of[other]), (1, 1), most=1)

    def solve(self, constraints: Iterable[_Constraint], cost: Sequence[float]) -> Solution:
        """Return the set with the least cost that satisfies the constraints, checked in whole numbers."""
        constraints = tuple(constraints)
        program = MixedIntegerProgram()
        for coefficient in cost:
            program.add_column(coefficient, integer=True)
        for constraint in constraints:
            constraint.add_to(program)
        solution = solve(program, seconds=self.deadline - monotonic(), on_progress=self.on_progress)
        if solution.values is not None:
            chosen = self.chosen(solution.values)
            if violated := [each.name for each in constraints if not each.is_met(chosen)]:
                raise ArithmeticError(f"The solver's result violates a constraint: {violated[0]}.")
        return solution

    def chosen(self, values: Floats) -> AbstractSet[int]:
        return {index for index in range(len(self.actions)) if values[index] > 0.5}

    def explain_infeasibility(self) -> InfeasiblePortfolio:
        """Return a smallest conflict and its remedies, as far as the time allows."""
        no_cost = [0.0] * len(self.actions)
        conflict, smallest = list(self.constraints), True
        for constraint in self.constraints:
            without = [other for other in conflict if other is not constraint]
            solution = self.solve(without, no_cost)
            if solution.infeasible:
                conflict = without
            elif solution.values is None:
                smallest = False
        remedies = [remedy for constraint in conflict if (remedy := self._remedy(constraint))]
        return InfeasiblePortfolio(
            tuple(constraint.name for constraint in conflict), tuple(remedies), smallest=smallest
        )

    def _remedy(self, constraint: _Constraint) -> str | None:
        """Return how far this constraint alone must be relaxed so that all others can be satisfied."""
        if constraint is not self.budget and constraint.minimum is None:
            return None
        others = [other for other in self.constraints if other is not constraint]
        sign = 1 if constraint is self.budget else -1
        cost = [0.0] * len(self.actions)
        for index, factor in zip(constraint.actions, constraint.factors, strict=True):
            cost[index] = sign * factor / max(1, *constraint.factors)
        solution, value = self.solve(others, cost), None
        # The objective is a floating-point number. It is exact only once no set that is better by one unit exists.
        while solution.values is not None:
            value = constraint.value(self.chosen(solution.values))
            better = (
                replace(constraint, least=None, most=value - 1)
                if sign > 0
                else replace(constraint, least=value + 1)
            )
            solution = self.solve([*others, better], cost)
        if value is None or not solution.infeasible:
            return None
        if constraint is self.budget:
            return f"a budget of {_format_money(value * self.unit)} would be enough"
        if constraint.minimum and constraint.minimum.money:
            return f"{constraint.name}: at most {_format_money(value * self.unit)} can be spent"
        return f"{constraint.name}: at most {count_of(value, 'action')} can be chosen"


def _format_money(amount: Fraction) -> str:
    cents = round(amount * 100)
    return str(int(amount)) if amount.denominator == 1 else f"{cents // 100}.{cents % 100:02d}"
