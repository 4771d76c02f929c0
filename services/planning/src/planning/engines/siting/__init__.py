"""Where to put centres and hubs: p-median and maximal covering, with the gap proven or stated."""

from planning.engines.siting.coverage import cover
from planning.engines.siting.pmedian import Sited, p_median
from planning.engines.siting.task import Task

__all__ = ["Sited", "Task", "cover", "p_median"]
