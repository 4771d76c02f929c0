"""Long work and timers: asked for in the transaction that needs them, run by a worker, never twice at once.

On procrastinate, which keeps its queue in the service's own database (schema `machinery`).
"""

from solidary.jobs.job import Job, Jobs, Outside
from solidary.jobs.progress import Progress, report

__all__ = ["Job", "Jobs", "Outside", "Progress", "report"]
