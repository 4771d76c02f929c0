"""The best set of actions within a budget, with its bound proven, or why there is none.

Each action is taken whole or not. The set must cost no more than the budget, meet minima per area and per
perspective, hold what its actions require, and no two that exclude each other. Solved as a mixed-integer
program by HiGHS, its rows exact (`Program.at_most`). Where nothing fits, a deletion filter (Chinneck,
Dravnieks 1991) finds a smallest set of demands that contradict each other: drop any one of them and the rest
can be met.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, inf, lcm
from time import monotonic

from planning.engines.arrays import Floats
from planning.engines.solver import Program, Solved, Watch, solve

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Action:
    """`score` is what it is worth (votes, points, anything that adds up); `cost` in currency units."""

    id: str
    cost: Fraction
    score: float
    area: str = ""
    perspective: str = ""
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Minimum:
    """At least so many actions and so much money for an area or a perspective (or for both at once)."""

    area: str | None = None
    perspective: str | None = None
    actions: int = 0
    money: Fraction = Fraction(0)

    def counts(self, action: Action) -> bool:
        return self.area in (None, action.area) and self.perspective in (None, action.perspective)

    def __str__(self) -> str:
        named = {"area": self.area, "perspective": self.perspective}
        of = " and ".join(f"{kind} {name}" for kind, name in named.items() if name)
        wanted = [f"{self.actions} actions"] if self.actions else []
        wanted += [f"{_plain(self.money)} money"] if self.money else []
        return f"at least {' and '.join(wanted)} for {of}"


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


class Infeasible(Exception):
    """No set meets all demands. `conflict` is a contradicting set; `remedies` what would mend it.

    `smallest`: each demand of the conflict is needed for it; False where the time was over before that was sure.
    """

    def __init__(self, conflict: tuple[str, ...], remedies: tuple[str, ...], *, smallest: bool):
        self.conflict, self.remedies, self.smallest = conflict, remedies, smallest
        super().__init__("no set of actions meets all of: " + "; ".join(conflict))


class OutOfTime(Exception):
    """The time was over before any set, or its impossibility, was found."""


@dataclass(frozen=True)
class _Demand:
    """least ≤ factors·actions, or ≤ most: whole numbers, one of the two."""

    name: str
    actions: tuple[int, ...]
    factors: tuple[int, ...]
    least: int | None = None
    most: int | None = None
    minimum: Minimum | None = None

    def reached(self, taken: AbstractSet[int]) -> int:
        return sum(factor for at, factor in zip(self.actions, self.factors, strict=True) if at in taken)

    def met(self, taken: AbstractSet[int]) -> bool:
        reached = self.reached(taken)
        return (self.least is None or self.least <= reached) and (self.most is None or reached <= self.most)

    def into(self, program: Program) -> None:
        if self.most is not None:
            program.at_most(self.actions, self.factors, self.most)
        if self.least is not None:
            program.at_most(self.actions, [-factor for factor in self.factors], -self.least)


def choose(
    actions: Sequence[Action],
    budget: Fraction | int,
    minima: Iterable[Minimum] = (),
    *,
    seconds: float = inf,
    watch: Watch | None = None,
) -> Portfolio:
    """The feasible set with the highest sum of scores. `watch` hears the nodes searched.

    Raises Infeasible with the reason, OutOfTime, ValueError for an id that is unknown or stands twice.
    """
    task = _Task(actions, Fraction(budget), tuple(minima), until=monotonic() + seconds, watch=watch)
    found = task.solve(task.demands, [-action.score for action in actions])
    if found.infeasible:
        raise task.explained()
    if found.x is None:
        raise OutOfTime
    taken = sorted(task.taken(found.x))
    score, bound = sum(actions[at].score for at in taken), -found.bound
    proven = bound - score <= TOLERANCE * max(1.0, abs(score))
    return Portfolio(
        selected=tuple(actions[at].id for at in taken),
        score=score,
        cost=sum((actions[at].cost for at in taken), Fraction(0)),
        bound=score if proven else bound,
        proven=proven,
    )


class _Task:
    """The demands in whole numbers: money in the coarsest unit that divides every cost."""

    def __init__(
        self,
        actions: Sequence[Action],
        budget: Fraction,
        minima: tuple[Minimum, ...],
        *,
        until: float,
        watch: Watch | None = None,
    ):
        self.actions, self.minima, self.until, self.watch = actions, minima, until, watch
        place = {action.id: at for at, action in enumerate(actions)}
        if len(place) < len(actions):
            raise ValueError("two actions have the same id")
        cents = lcm(*(action.cost.denominator for action in actions))
        self.unit = Fraction(gcd(*(int(action.cost * cents) for action in actions)) or 1, cents)
        self.costs = tuple(int(action.cost / self.unit) for action in actions)
        everyone = tuple(range(len(actions)))
        self.budget = _Demand(
            f"the budget of {_plain(budget)}", everyone, self.costs, most=budget // self.unit
        )
        self.demands = [self.budget, *self._minima(), *self._ties(place)]

    def _minima(self) -> Iterable[_Demand]:
        for minimum in self.minima:
            who = tuple(at for at, action in enumerate(self.actions) if minimum.counts(action))
            if minimum.actions:
                of_actions = Minimum(minimum.area, minimum.perspective, actions=minimum.actions)
                ones = (1,) * len(who)
                yield _Demand(str(of_actions), who, ones, least=minimum.actions, minimum=of_actions)
            if minimum.money:
                of_money = Minimum(minimum.area, minimum.perspective, money=minimum.money)
                costs = tuple(self.costs[at] for at in who)
                least = -(-minimum.money // self.unit)
                yield _Demand(str(of_money), who, costs, least=least, minimum=of_money)

    def _ties(self, place: dict[str, int]) -> Iterable[_Demand]:
        for at, action in enumerate(self.actions):
            for other in (*action.requires, *action.excludes):
                if other not in place:
                    raise ValueError(f"action {action.id} names the unknown action {other}")
            for other in action.requires:
                yield _Demand(f"{action.id} requires {other}", (at, place[other]), (-1, 1), least=0)
            for other in action.excludes:
                yield _Demand(f"{action.id} excludes {other}", (at, place[other]), (1, 1), most=1)

    def solve(self, demands: Iterable[_Demand], cost: Sequence[float]) -> Solved:
        """The set with the least cost that meets the demands, held to them in whole numbers."""
        demands = tuple(demands)
        program = Program()
        for worth in cost:
            program.column(worth, whole=True)
        for demand in demands:
            demand.into(program)
        found = solve(program, seconds=self.until - monotonic(), watch=self.watch)
        if found.x is not None:
            taken = self.taken(found.x)
            if broken := [demand.name for demand in demands if not demand.met(taken)]:
                raise ArithmeticError(f"the solver's answer breaks {broken[0]}")
        return found

    def taken(self, x: Floats) -> AbstractSet[int]:
        return {at for at in range(len(self.actions)) if x[at] > 0.5}

    def explained(self) -> Infeasible:
        """A smallest conflict and its remedies, as far as the time allows."""
        nothing = [0.0] * len(self.actions)
        conflict, smallest = list(self.demands), True
        for demand in self.demands:
            without = [other for other in conflict if other is not demand]
            found = self.solve(without, nothing)
            if found.infeasible:
                conflict = without
            elif found.x is None:
                smallest = False
        remedies = [remedy for demand in conflict if (remedy := self._remedy(demand))]
        return Infeasible(tuple(demand.name for demand in conflict), tuple(remedies), smallest=smallest)

    def _remedy(self, demand: _Demand) -> str | None:
        """How far this demand alone would have to give for all others to be met."""
        if demand is not self.budget and demand.minimum is None:
            return None
        others = [other for other in self.demands if other is not demand]
        sign = 1 if demand is self.budget else -1
        cost = [0.0] * len(self.actions)
        for at, factor in zip(demand.actions, demand.factors, strict=True):
            cost[at] = sign * factor / max(1, *demand.factors)
        found, reached = self.solve(others, cost), None
        # The objective is a floating-point figure: only that nothing is a unit better makes it exact.
        while found.x is not None:
            reached = demand.reached(self.taken(found.x))
            better = (
                replace(demand, least=None, most=reached - 1)
                if sign > 0
                else replace(demand, least=reached + 1)
            )
            found = self.solve([*others, better], cost)
        if reached is None or not found.infeasible:
            return None
        if demand is self.budget:
            return f"a budget of {_plain(reached * self.unit)} would do"
        amount = (
            f"{_plain(reached * self.unit)} money"
            if demand.minimum and demand.minimum.money
            else str(reached)
        )
        return f"{demand.name}: at most {amount} can be had"


def _plain(amount: Fraction) -> str:
    cents = round(amount * 100)
    return str(int(amount)) if amount.denominator == 1 else f"{cents // 100}.{cents % 100:02d}"
