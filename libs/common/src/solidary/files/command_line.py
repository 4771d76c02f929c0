"""How every command of Solidary that works on files speaks: exits, errors, progress, whole files.

Exit 0: done. Exit 1: the input is broken; standard error says where and why. Exit 2: asked for something
that this command cannot do. An output file appears whole or not at all.
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
"""A requirement of an extra, as a package's metadata has it: `scipy>=1.14; extra == 'siting'`."""

P = ParamSpec("P")
R = TypeVar("R")


class InvalidInput(ValueError):
    """The input cannot be read as what it claims to be.

    `place` is a line number (`line 12`) or a JSON pointer (`/services/0/name`); `file` its path.
    """

    def __init__(self, reason: str, *, file: Path | str | None = None, place: str | None = None):
        self.reason, self.file, self.place = reason, file, place
        super().__init__(": ".join(str(part) for part in (file, place, reason) if part))


class CommandError(Exception):
    """A well-formed request that this command does not serve, said plainly."""


def cli_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turns `InvalidInput` into exit 1 and `CommandError` into exit 2, each with its message.

    A library that is not installed because it belongs to an extra is something that cannot be done, too.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (InvalidInput, CommandError) as error:
            said: Exception = error
        except ImportError as error:
            said = _optional(error, command.__module__)
            if said is error:
                raise
        typer.echo(f"error: {said}", err=True)
        raise typer.Exit(1 if isinstance(said, InvalidInput) else 2) from said

    return run


def _optional(error: ImportError, module: str) -> Exception:
    """How to install what `module` misses, where an extra of its package names that; else the error itself."""
    package, *concepts = module.split(".")
    library = (error.name or "").partition(".")[0]
    try:
        named = [
            found for line in requires(f"solidary-{package}") or () if (found := _OF_AN_EXTRA.match(line))
        ]
    except PackageNotFoundError:
        return error
    extras = [found["extra"] for found in named if found["library"] == library]
    if not extras:
        return error
    extra = next((concept for concept in concepts if concept in extras), extras[0])
    wanted = f"solidary-{package}[{extra}]"
    return CommandError(f"{library} is not installed; in a checkout: make env; else: pip install '{wanted}'")


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[str]]:
    """A text file (UTF-8, LF) that takes its name only when the block ends without an error."""
    with _whole(path) as handle, open(handle, "w", encoding="utf-8", newline="") as text:
        yield text


@contextmanager
def output_file(out: Path | None) -> Iterator[IO[str]]:
    """A whole file, or standard output where none is named: whole, too, or nothing of it."""
    if out is None:
        with spooled() as text:
            yield text
            print_spooled(text)
    else:
        with atomic_file(out) as text:
            yield text


@contextmanager
def spooled() -> Iterator[IO[str]]:
    """A text on disk, without a name: for what is printed once all of it is known to be right."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as text:
        yield text


def print_spooled(text: IO[str]) -> None:
    """All of a spooled text to standard output."""
    text.seek(0)
    shutil.copyfileobj(text, sys.stdout)


def write_json_array(entries: Iterable[object], out: IO[str]) -> None:
    """One JSON document, an entry a line, without holding them all."""
    between = "[\n"
    for entry in entries:
        out.write(between + json.dumps(entry, ensure_ascii=False))
        between = ",\n"
    out.write("[]\n" if between == "[\n" else "\n]\n")


@contextmanager
def atomic_binary_file(path: Path) -> Iterator[IO[bytes]]:
    """Like `atomic_file`, for bytes."""
    with _whole(path) as handle, open(handle, "wb") as binary:
        yield binary


def require_writable(path: Path) -> None:
    """Raises InvalidInput where no file can take this name: to be asked before long work, not after it."""
    handle, part = _part(path)
    os.close(handle)
    part.unlink()


def _part(path: Path) -> tuple[int, Path]:
    try:
        if path.is_dir():
            raise InvalidInput("is a folder, not a file", file=path)
        if not path.parent.is_dir():
            raise InvalidInput("the folder does not exist", file=path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    except OSError as error:
        raise InvalidInput(f"cannot be written: {error.strerror}", file=path) from error
    return handle, Path(name)


@contextmanager
def _whole(path: Path) -> Iterator[int]:
    handle, part = _part(path)
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
    """One line on standard error, rewritten in place where a person watches."""
    if sys.stderr.isatty():
        share = f" of {of:,}" if of is not None else ""
        end = "\n" if done == of else ""
        print(f"\r{what}: {done:,}{share}", end=end, file=sys.stderr, flush=True)
