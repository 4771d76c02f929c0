"""The best set of actions within a budget, proven, or the reason for which there is none."""

from planning.engines.portfolio.rules import (
    InfeasiblePortfolio,
    Minimum,
    Portfolio,
    PortfolioAction,
    choose_actions,
)

__all__ = ["InfeasiblePortfolio", "Minimum", "Portfolio", "PortfolioAction", "choose_actions"]
