"""Mixed-integer programs, solved by HiGHS with a proven bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import highspy
import numpy as np

from planning.engines.arrays import Floats

ProgressCallback = Callable[[int], None]
"""A function that is called with the number of nodes searched."""

# Large whole numbers are written in digits of this base, one row per digit, far from the limits of floating point.
BASE = 10**4


@dataclass
class MixedIntegerProgram:
    """The program min cost·x, lower ≤ x ≤ upper, row_lower ≤ A·x ≤ row_upper; `integer` columns are integer."""

    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)

    def add_column(
        self, cost: float, lower: float = 0.0, upper: float = 1.0, *, integer: bool = False
    ) -> int:
        """Add a column and return its index."""
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.cost) - 1

    def add_row(
        self, columns: Sequence[int], values: Sequence[float], lower: float = -inf, upper: float = inf
    ) -> int:
        """Add a row and return its index."""
        self.columns.extend(columns)
        self.values.extend(values)
        self.starts.append(len(self.columns))
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        return len(self.row_lower) - 1

    def add_at_most(self, columns: Sequence[int], factors: Sequence[int], most: int) -> None:
        """Add factors·x ≤ most for binary x, exact for numbers of any size.

        A solver's tolerance that is negligible beside 1 is a large amount beside 10⁹. So the row is written like an
        addition on paper: Σ low·x ≤ most_low + BASE·carry for the lowest digit, Σ high·x + carry ≤ most_high for the
        rest.
        """
        columns, factors = list(columns), list(factors)
        while max(map(abs, factors), default=0) > BASE:
            high, low = zip(*(divmod(factor, BASE) for factor in factors), strict=True)
            most, rest = divmod(most, BASE)
            carry = self.add_column(0.0, 0.0, float(len(columns)), integer=True)
            self.add_row([*columns, carry], [*low, -BASE], upper=rest)
            columns, factors = [*columns, carry], [*high, 1]
        limit = BASE * len(columns)
        self.add_row(columns, factors, upper=max(-limit - 1, min(most, limit)))


@dataclass(frozen=True)
class Solution:
    """A solution; `values` is None where none was found, and `bound` is a value that no solution can be below."""

    values: Floats | None
    objective: float
    bound: float
    infeasible: bool = False


def solve(
    program: MixedIntegerProgram, *, seconds: float = inf, on_progress: ProgressCallback | None = None
) -> Solution:
    """Solve to proven optimality (gap 0) or until the time is over, in one thread so that runs are repeatable."""
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
    model.integrality_ = [kinds[integer] for integer in program.integer]
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
    if on_progress is not None:
        highs.cbMipInterrupt.subscribe(lambda event: on_progress(event.data_out.mip_node_count))
    highs.run()
    if highs.getModelStatus() in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return Solution(None, inf, inf, infeasible=True)
    info = highs.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Solution(None, inf, info.mip_dual_bound)
    bound = info.mip_dual_bound if any(program.integer) else info.objective_function_value
    return Solution(np.array(highs.getSolution().col_value), info.objective_function_value, bound)
