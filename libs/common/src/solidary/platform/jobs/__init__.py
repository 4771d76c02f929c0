"""Jobs, long work and timers: deferred in the transaction that needs them, run by a worker, never twice at once.

They are run by procrastinate, which keeps its queue in the service's own database (schema `machinery`).
See docs/extending/jobs.md.
"""

from solidary.platform.jobs.compression import compress, decompress
from solidary.platform.jobs.iteration import for_each
from solidary.platform.jobs.job import Job, Jobs, LongJob
from solidary.platform.jobs.work import Progress, Work, start_work, unfinished_work

__all__ = [
    "Job",
    "Jobs",
    "LongJob",
    "Progress",
    "Work",
    "compress",
    "decompress",
    "for_each",
    "start_work",
    "unfinished_work",
]
