"""Keycloak 26.7 on our PostgreSQL: unpacked and built once per cache, its state per checkout."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import httpx

from stack.artifacts import cache_folder, fetch, locked, made_once
from stack.errors import StackError
from stack.files import write_private
from stack.java import QUICK, find_java
from stack.ports import HOST
from stack.processes import ProcessTable, run_to_end
from stack.servers.server import Server, clean_environment
from stack.steps import Steps

ADMIN = "admin"
DATABASE_USER = "keycloak"
BUILD = {"db": "postgres", "health-enabled": "true", "metrics-enabled": "true"}
SMALL = (*QUICK, "-Xms64m", "-Xmx512m", "-XX:MaxMetaspaceSize=256m")
OPENED = tuple(
    f"--add-opens=java.base/java.{part}=ALL-UNNAMED"
    for part in ("util", "util.concurrent", "security", "lang")
)
MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint"


def tree(steps: Steps) -> Path:
    """Keycloak's folder, fetched, verified, unpacked and built for PostgreSQL once per cache."""
    (artifact,) = locked("keycloak")

    def make(part: Path) -> None:
        with steps.step(f"Keycloak {artifact.version} fetched"):
            (archive,) = fetch([artifact], part, f"Keycloak {artifact.version}", steps)
        with steps.step(f"Keycloak {artifact.version} unpacked and built (once)"):
            with tarfile.open(archive) as packed:
                # Verified a moment ago, so trusted; the argument `filter` came with Python 3.11.4 only.
                packed.extraction_filter = lambda member, _: member
                packed.extractall(part)
            archive.unlink()
            (unpacked,) = part.glob("keycloak-*")
            for child in unpacked.iterdir():
                child.rename(part / child.name)
            unpacked.rmdir()
            _build(part, steps)

    return made_once(cache_folder() / f"keycloak-{artifact.version}", make, steps)


class Keycloak(Server):
    name: ClassVar[str] = "keycloak"
    title: ClassVar[str] = "Keycloak"

    def __init__(
        self,
        folder: Path,
        processes: ProcessTable,
        steps: Steps,
        *,
        port: int,
        management_port: int,
        admin_password: str,
        database: str,
        database_password: str,
    ):
        super().__init__(folder, processes, steps)
        self.port, self.management_port = port, management_port
        self._admin_password = admin_password
        self._database, self._database_password = database, database_password

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port, self.management_port)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def prepare(self) -> None:
        """Fetches and builds; a home of its own for this checkout, whose programs are the cache's."""
        cached = tree(self.steps)
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("lib", "conf", "providers", "themes"):
            link = self.home / name
            link.unlink(missing_ok=True)
            link.symlink_to(cached / name)
        settings = configuration(
            public_url=self.url,
            listen=HOST,
            port=self.port,
            management_port=self.management_port,
            database=self._database,
            database_password=self._database_password,
            admin_password=self._admin_password,
        )
        write_private(self._settings_file, settings)

    def command(self) -> Sequence[str]:
        return [
            *(str(find_java()), *SMALL, *OPENED, "-XX:+ExitOnOutOfMemoryError", "-Dfile.encoding=UTF-8"),
            f"-Dsolidary.stack={self.processes.mark}",
            *_locations(self.home),
            *("-cp", str(self.home / "lib" / "quarkus-run.jar"), MAIN),
            *(f"--config-file={self._settings_file}", "start", "--optimized"),
        ]

    @property
    def _settings_file(self) -> Path:
        return self.home / "keycloak.conf"

    def answers(self) -> bool:
        try:
            ready = httpx.get(
                f"http://{HOST}:{self.management_port}/health/ready", timeout=5, trust_env=False
            )
        except httpx.TransportError:
            return False
        return ready.is_success


def configuration(
    *,
    public_url: str,
    listen: str,
    port: int,
    management_port: int,
    database: str,
    database_password: str,
    admin_password: str,
) -> str:
    """keycloak.conf; `database` is host:port/name, `public_url` what browsers see and tokens name."""
    settings = BUILD | {
        "hostname": public_url,
        # Services fetch keys and tokens by the address that they know; the issuer stays the public one.
        "hostname-backchannel-dynamic": "true",
        "http-enabled": "true",
        "http-host": listen,
        "http-port": str(port),
        "http-management-port": str(management_port),
        "cache": "local",
        "db-url": f"jdbc:postgresql://{database}",
        "db-username": DATABASE_USER,
        "db-password": database_password,
        "db-pool-max-size": "20",
        "bootstrap-admin-username": ADMIN,
        "bootstrap-admin-password": admin_password,
        "log-level": "warn,org.keycloak:info,io.smallrye.health:error",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _locations(home: Path) -> tuple[str, ...]:
    return (
        f"-Dkc.home.dir={home}",
        f"-Djboss.server.config.dir={home / 'conf'}",
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Dpicocli.disable.closures=true",
        "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
        "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    )


def _build(home: Path, steps: Steps) -> None:
    command = [
        *(str(find_java()), *SMALL, *OPENED, *_locations(home)),
        *(
            "-cp",
            str(home / "lib" / "quarkus-run.jar"),
            MAIN,
            "build",
            *(f"--{name}={value}" for name, value in BUILD.items()),
        ),
    ]
    code, output = run_to_end(command, steps, environment=clean_environment())
    if code != 0:
        raise StackError(f"Keycloak's build failed:\n{output}")
