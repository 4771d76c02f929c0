"""The common behaviour of commands on files: exit statuses, error messages, progress and atomic output.

Exit status 0 is success. With status 1 the input is invalid, and standard error has the place and the reason. With
status 2 the command cannot do what was requested. An output file is written completely or not at all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

import typer

_OF_AN_EXTRA = re.compile(r"(?P<library>[\w-]+).*;.*\bextra == ['\"](?P<extra>[\w-]+)['\"]")
"""A requirement of an extra in a package's metadata: `scipy>=1.14; extra == 'siting'`."""

P = ParamSpec("P")
R = TypeVar("R")


class InvalidInput(ValueError):
    """The input is invalid.

    `reason` is a sentence, `file` the path, `place` a line number (`line 12`) or a JSON pointer (`/services/0/name`).
    """

    def __init__(self, reason: str, *, file: Path | str | None = None, place: str | None = None):
        self.reason, self.file, self.place = reason, file, place
        super().__init__(": ".join(str(part) for part in (file, place, reason) if part))


class CommandError(Exception):
    """The command cannot do what was requested. The message is a sentence for the person at the command line."""


def cli_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Decorate a command: `InvalidInput` becomes exit status 1 and `CommandError` status 2, each with its message.

    A missing library that belongs to an extra of the command's package is reported as a `CommandError` too.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (InvalidInput, CommandError) as error:
            reported: Exception = error
        except ImportError as error:
            reported = _explain_missing_extra(error, command.__module__)
            if reported is error:
                raise
        typer.echo(f"error: {reported}", err=True)
        raise typer.Exit(1 if isinstance(reported, InvalidInput) else 2) from reported

    return run


def _explain_missing_extra(error: ImportError, module: str) -> Exception:
    """Return an error that names the extra of the module's package to install, or else the error itself."""
    package, *concepts = module.split(".")
    library = (error.name or "").partition(".")[0]
    try:
        requirements = [
            found for line in requires(f"solidary-{package}") or () if (found := _OF_AN_EXTRA.match(line))
        ]
    except PackageNotFoundError:
        return error
    extras = [found["extra"] for found in requirements if found["library"] == library]
    if not extras:
        return error
    extra = next((concept for concept in concepts if concept in extras), extras[0])
    return CommandError(
        f"The library {library} is not installed. In a checkout, run «make env»; elsewhere, run "
        f"«pip install 'solidary-{package}[{extra}]'»."
    )


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[str]]:
    """Open a text file (UTF-8, LF) that takes its name only when the block ends without an error."""
    with _complete_file(path) as handle, open(handle, "w", encoding="utf-8", newline="") as text:
        yield text


@contextmanager
def output_file(out: Path | None) -> Iterator[IO[str]]:
    """Open a file as `atomic_file` does, or standard output when `out` is None, which is written at the end too."""
    if out is None:
        with spooled() as text:
            yield text
            print_spooled(text)
    else:
        with atomic_file(out) as text:
            yield text


@contextmanager
def spooled() -> Iterator[IO[str]]:
    """Open a temporary text file, for output that is printed only when all of it is complete."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as text:
        yield text


def print_spooled(text: IO[str]) -> None:
    """Write a spooled text to standard output."""
    text.seek(0)
    shutil.copyfileobj(text, sys.stdout)


def write_json_array(entries: Iterable[object], out: IO[str]) -> None:
    """Write a JSON array with one entry per line, without keeping the entries in memory."""
    separator = "[\n"
    for entry in entries:
        out.write(separator + json.dumps(entry, ensure_ascii=False))
        separator = ",\n"
    out.write("[]\n" if separator == "[\n" else "\n]\n")


@contextmanager
def atomic_binary_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a binary file that takes its name only when the block ends without an error."""
    with _complete_file(path) as handle, open(handle, "wb") as binary:
        yield binary


def require_writable(path: Path) -> None:
    """Check, before long work, that a file can be written. Raises InvalidInput when it cannot."""
    handle, part = _temporary_file(path)
    os.close(handle)
    part.unlink()


def _temporary_file(path: Path) -> tuple[int, Path]:
    try:
        if path.is_dir():
            raise InvalidInput("This is a folder, not a file.", file=path)
        if not path.parent.is_dir():
            raise InvalidInput("This folder does not exist.", file=path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    except OSError as error:
        raise InvalidInput(f"The file cannot be written: {error.strerror}.", file=path) from error
    return handle, Path(name)


@contextmanager
def _complete_file(path: Path) -> Iterator[int]:
    handle, part = _temporary_file(path)
    try:
        yield handle
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def show_progress(done: int, of: int | None, what: str) -> None:
    """Show progress on standard error, in one line that is rewritten, if standard error is a terminal."""
    if sys.stderr.isatty():
        share = f" of {of:,}" if of is not None else ""
        end = "\n" if done == of else ""
        print(f"\r{what}: {done:,}{share}", end=end, file=sys.stderr, flush=True)
