"""What `up` says while it works: one line per step with its seconds, and progress on downloads."""

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
    """Reports steps on standard error; `stop()` makes every waiting step give up with `Stopped`."""

    def __init__(self, *, quiet: bool = False):
        self.console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._stopped = threading.Event()
        self._progress: Progress | None = None
        self._lock = threading.Lock()

    def say(self, line: str) -> None:
        self.console.print(line, markup=False)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.say(f"  {what:<52} {time.monotonic() - began:6.1f} s")

    def begin(self) -> None:
        """Forgets an earlier `stop`."""
        self._stopped.clear()

    def stop(self) -> None:
        self._stopped.set()

    @contextmanager
    def alone(self, lock: Path, otherwise: str) -> Iterator[None]:
        """Holds the lock file; while another program holds it, says `otherwise` once and waits."""
        held = FileLock(lock)
        said = False
        while True:
            try:
                held.acquire(blocking=False)
                break
            except Timeout:
                if not said:
                    self.say(otherwise)
                said = True
                self.pause(0.2)
        try:
            yield
        finally:
            held.release()

    def check(self) -> None:
        if self._stopped.is_set():
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Waits, or raises `Stopped` as soon as somebody stops the work."""
        if self._stopped.wait(seconds):
            raise Stopped

    @contextmanager
    def download(self, what: str) -> Iterator[Download]:
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
        task = progress.add_task(what, total=None)
        try:
            yield Download(self, progress, task)
        finally:
            with self._lock:
                progress.remove_task(task)
                if not progress.tasks:
                    progress.stop()
                    self._progress = None


class Download:
    """The progress of one component's files, which arrive in several threads."""

    def __init__(self, steps: Steps, progress: Progress, task: TaskID):
        self._steps, self._progress, self._task = steps, progress, task
        self._total = 0
        self._lock = threading.Lock()

    def expect(self, size: int) -> None:
        with self._lock:
            self._total += size
            self._progress.update(self._task, total=self._total)

    def received(self, size: int) -> None:
        self._steps.check()
        self._progress.advance(self._task, size)
