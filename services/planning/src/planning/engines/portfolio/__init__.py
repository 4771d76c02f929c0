"""The best set of actions within a budget, proven, or the reason why there is none."""

from planning.engines.portfolio.rules import Action, Infeasible, Minimum, Portfolio, choose

__all__ = ["Action", "Infeasible", "Minimum", "Portfolio", "choose"]
