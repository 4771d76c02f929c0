"""Progress of a start on standard error: a line per step with its seconds, and bars for downloads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from stack.errors import Stopped


class Steps:
    """The reporter of a start, and its switch for cancelling: after `stop` every wait raises `Stopped`."""

    def __init__(self, *, quiet: bool = False):
        self.console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._stopped = threading.Event()
        self._progress: Progress | None = None
        self._lock = threading.Lock()

    def report(self, line: str) -> None:
        """Print a line."""
        self.console.print(line, markup=False)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Print the title and the duration of the block, when it ends without an error."""
        started = time.monotonic()
        yield
        self.report(f"  {title:<52} {time.monotonic() - started:6.1f} s")

    def reset(self) -> None:
        """Forget an earlier `stop`."""
        self._stopped.clear()

    def stop(self) -> None:
        """Make every current and later wait raise `Stopped`."""
        self._stopped.set()

    @contextmanager
    def exclusive(self, lock: Path, message: str) -> Iterator[None]:
        """Hold the lock file; print the message once where another program holds it, and wait."""
        file_lock = FileLock(lock)
        is_reported = False
        while True:
            try:
                file_lock.acquire(blocking=False)
                break
            except Timeout:
                if not is_reported:
                    self.report(message)
                is_reported = True
                self.pause(0.2)
        try:
            yield
        finally:
            file_lock.release()

    def check(self) -> None:
        """Raise `Stopped` where the start was stopped."""
        if self._stopped.is_set():
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Wait so many seconds. Raises `Stopped` as soon as the start is stopped."""
        if self._stopped.wait(seconds):
            raise Stopped

    @contextmanager
    def download(self, title: str) -> Iterator[Download]:
        """Show a progress bar for the downloads of the block."""
        with self._lock:
            if self._progress is None:
                self._progress = Progress(
                    TextColumn("  {task.description:<24}"),
                    BarColumn(),
                    DownloadColumn(),
                    TransferSpeedColumn(),
                    console=self.console,
                    transient=True,
                    disable=not self.console.is_terminal,
                )
                self._progress.start()
            progress = self._progress
        task = progress.add_task(title, total=None)
        try:
            yield Download(self, progress, task)
        finally:
            with self._lock:
                progress.remove_task(task)
                if not progress.tasks:
                    progress.stop()
                    self._progress = None


class Download:
    """The progress of one component's files, which several threads fetch."""

    def __init__(self, steps: Steps, progress: Progress, task: TaskID):
        self._steps, self._progress, self._task = steps, progress, task
        self._total = 0
        self._lock = threading.Lock()

    def add_size(self, size: int) -> None:
        """Add the bytes of one file to the total."""
        with self._lock:
            self._total += size
            self._progress.update(self._task, total=self._total)

    def advance(self, size: int) -> None:
        """Count bytes that were received. Raises `Stopped` where the start was stopped."""
        self._steps.check()
        self._progress.advance(self._task, size)
