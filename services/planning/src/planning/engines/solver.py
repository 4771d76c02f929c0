"""Mixed-integer programs by HiGHS, with its bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import highspy
import numpy as np

from planning.engines.arrays import Floats

Watch = Callable[[int], None]
"""Hears how many nodes of the search tree are done."""

# A row of whole numbers stands in digits of this base, a row each: far from where floating point errs.
BASE = 10**4


@dataclass
class Program:
    """min cost·x, lower ≤ x ≤ upper, row_lower ≤ A·x ≤ row_upper; `whole` columns take whole numbers."""

    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)

    def column(self, cost: float, lower: float = 0.0, upper: float = 1.0, *, whole: bool = False) -> int:
        """Adds a column, returns its index."""
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.cost) - 1

    def row(
        self, columns: Sequence[int], values: Sequence[float], lower: float = -inf, upper: float = inf
    ) -> int:
        """Adds a row, returns its index."""
        self.columns.extend(columns)
        self.values.extend(values)
        self.starts.append(len(self.columns))
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        return len(self.row_lower) - 1

    def at_most(self, columns: Sequence[int], factors: Sequence[int], most: int) -> None:
        """factors·x ≤ most for whole x from 0 to 1, exact however large the numbers are.

        A tolerance that is nothing beside 1 is a fortune beside 10⁹. So the row is written as in a sum on
        paper: Σ low·x ≤ most_low + BASE·carry for the lowest digit, Σ high·x + carry ≤ most_high for the rest.
        """
        columns, factors = list(columns), list(factors)
        while max(map(abs, factors), default=0) > BASE:
            high, low = zip(*(divmod(factor, BASE) for factor in factors), strict=True)
            most, rest = divmod(most, BASE)
            carry = self.column(0.0, 0.0, float(len(columns)), whole=True)
            self.row([*columns, carry], [*low, -BASE], upper=rest)
            columns, factors = [*columns, carry], [*high, 1]
        enough = BASE * len(columns)
        self.row(columns, factors, upper=max(-enough - 1, min(most, enough)))


@dataclass(frozen=True)
class Solved:
    """`x` is None when no solution was found; `bound` is what no solution can be below."""

    x: Floats | None
    objective: float
    bound: float
    infeasible: bool = False


def solve(program: Program, *, seconds: float = inf, watch: Watch | None = None) -> Solved:
    """Solves to proven optimality (gap 0) or until the time is over. One thread: the same run each time."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(program.cost), len(program.row_lower)
    model.col_cost_ = np.array(program.cost)
    model.col_lower_, model.col_upper_ = np.array(program.lower), np.array(program.upper)
    model.row_lower_, model.row_upper_ = np.array(program.row_lower), np.array(program.row_upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.array(program.starts)
    model.a_matrix_.index_ = np.array(program.columns, dtype=np.int32)
    model.a_matrix_.value_ = np.array(program.values)
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[whole] for whole in program.whole]
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, bool | int | float] = {
        "output_flag": False,
        "threads": 1,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.0,
        "mip_feasibility_tolerance": 1e-9,
    }
    if seconds < inf:
        options["time_limit"] = max(seconds, 0.0)
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(model)
    if watch is not None:
        highs.cbMipInterrupt.subscribe(lambda event: watch(event.data_out.mip_node_count))
    highs.run()
    if highs.getModelStatus() in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return Solved(None, inf, inf, infeasible=True)
    info = highs.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Solved(None, inf, info.mip_dual_bound)
    bound = info.mip_dual_bound if any(program.whole) else info.objective_function_value
    return Solved(np.array(highs.getSolution().col_value), info.objective_function_value, bound)
