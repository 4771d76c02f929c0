"""PostgreSQL's own programs, `pg_dump` and its like, with passwords in their environment only."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from psycopg.conninfo import conninfo_to_dict
from stack.servers.postgres import client_programs

from operations.backup.errors import BackupError

VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}


@contextmanager
def output_of(program: str, url: str, *options: str) -> Iterator[IO[bytes]]:
    """Yield the output of a program, which must be read to its end. Raises BackupError where the program fails."""
    with tempfile.TemporaryFile() as errors:
        with _started(
            program, url, options, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as child:
            assert child.stdout is not None
            yield child.stdout
            # Else it would wait for a reader of the rest.
            child.stdout.close()
        _check(child, program, errors)


@contextmanager
def input_of(program: str, url: str, *options: str) -> Iterator[IO[bytes]]:
    """Yield the input of a program. Raises BackupError where the program fails."""
    with tempfile.TemporaryFile() as errors:
        with _started(
            program, url, options, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
        ) as child:
            assert child.stdin is not None
            try:
                yield child.stdin
                child.stdin.close()
            except BrokenPipeError:
                pass  # it ended early: its own error is reported
        _check(child, program, errors)


@contextmanager
def _started(
    program: str, url: str, options: tuple[str, ...], *, stdin: int, stdout: int, stderr: BinaryIO | IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    address = conninfo_to_dict(url)
    variables = {VARIABLES[name]: str(value) for name, value in address.items() if name in VARIABLES}
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "PGOPTIONS": "-c TimeZone=UTC"}
    child = subprocess.Popen(
        [client_programs() / program, "--no-password", *options],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=environment | variables,
    )
    try:
        yield child
    except BaseException:
        child.kill()
        raise
    finally:
        child.wait()


def _check(child: subprocess.Popen[bytes], program: str, errors: BinaryIO | IO[bytes]) -> None:
    if child.returncode != 0:
        errors.seek(0)
        report = errors.read().decode(errors="replace").strip()
        raise BackupError(f"{program} ended with status {child.returncode}:\n{report[-2000:]}")
