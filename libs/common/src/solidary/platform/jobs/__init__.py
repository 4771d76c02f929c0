"""Long work and timers: asked for in the transaction that needs them, run by a worker, never twice at once.

On procrastinate, which keeps its queue in the service's own database (schema `machinery`).
See docs/extending/jobs.md.
"""

from solidary.platform.jobs.each import for_each
from solidary.platform.jobs.job import Job, Jobs, LongJob
from solidary.platform.jobs.packing import pack, unpack
from solidary.platform.jobs.work import Progress, Work, start_work, unfinished_work

__all__ = [
    "Job",
    "Jobs",
    "LongJob",
    "Progress",
    "Work",
    "for_each",
    "pack",
    "start_work",
    "unfinished_work",
    "unpack",
]
