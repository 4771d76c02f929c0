"""The siting of centres and hubs by the p-median or maximal covering, with the gap proven or stated."""

from planning.engines.siting.instance import SitingInstance
from planning.engines.siting.maximal_covering import solve_maximal_covering
from planning.engines.siting.p_median import SitingSolution, solve_p_median

__all__ = ["SitingInstance", "SitingSolution", "solve_maximal_covering", "solve_p_median"]
