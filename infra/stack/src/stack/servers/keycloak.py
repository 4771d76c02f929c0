"""Keycloak 26.7 on the stack's PostgreSQL: unpacked and built once per cache, with its state per checkout."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import httpx

from stack.artifacts import cache_folder, fetch, locked_artifacts, make_once
from stack.errors import StackError
from stack.files import write_private
from stack.java import FAST_START_OPTIONS, find_java
from stack.ports import HOST
from stack.processes import ProcessTable, run_to_completion
from stack.servers.server import Server, clean_environment
from stack.steps import Steps

ADMIN = "admin"
PROVISIONER = "provisioner"
"""The machine client of the realm `master` with which the realm is provisioned; no password grant is needed."""
DATABASE_USER = "keycloak"
BUILD_OPTIONS = {
    "db": "postgres",
    "health-enabled": "true",
    "metrics-enabled": "true",
    "event-metrics-user-enabled": "true",
}
JVM_OPTIONS = (*FAST_START_OPTIONS, "-Xms64m", "-Xmx512m", "-XX:MaxMetaspaceSize=256m")
OPENED_PACKAGES = tuple(
    f"--add-opens=java.base/java.{part}=ALL-UNNAMED"
    for part in ("util", "util.concurrent", "security", "lang")
)
THEMES = Path(__file__).parents[1] / "themes"
"""The login pages in our name; containers have the same folder."""
MAIN_CLASS = "io.quarkus.bootstrap.runner.QuarkusEntryPoint"


def install(steps: Steps) -> Path:
    """Return Keycloak's folder, which is fetched, verified, unpacked and built for PostgreSQL once per cache."""
    (artifact,) = locked_artifacts("keycloak")

    def make(part: Path) -> None:
        with steps.step(f"Keycloak {artifact.version} fetched"):
            (archive,) = fetch([artifact], part, f"Keycloak {artifact.version}", steps)
        with steps.step(f"Keycloak {artifact.version} unpacked and built (once)"):
            with tarfile.open(archive) as packed:
                # Its checksum was compared, so it is trusted; the argument `filter` exists only from Python 3.11.4 on.
                packed.extraction_filter = lambda member, _: member
                packed.extractall(part)
            archive.unlink()
            (unpacked,) = part.glob("keycloak-*")
            for child in unpacked.iterdir():
                child.rename(part / child.name)
            unpacked.rmdir()
            _build(part, steps)

    built_as = sha256(repr(BUILD_OPTIONS).encode()).hexdigest()[:8]
    return make_once(cache_folder() / f"keycloak-{artifact.version}-{built_as}", make, steps)


class Keycloak(Server):
    """Keycloak in production mode, on the loopback address."""

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
        public_url: str,
        admin_password: str,
        provisioner_secret: str,
        database: str,
        database_password: str,
    ):
        super().__init__(folder, processes, steps)
        self.port, self.management_port, self._public_url = port, management_port, public_url
        self._admin_password, self._provisioner_secret = admin_password, provisioner_secret
        self._ensure_database, self._database_password = database, database_password

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port, self.management_port)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def prepare(self) -> None:
        """Install Keycloak, and make a home for this checkout that links to the programs in the cache."""
        cached = install(self.steps)
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for source in (*(cached / name for name in ("lib", "conf", "providers")), THEMES):
            link = self.home / source.name
            link.unlink(missing_ok=True)
            link.symlink_to(source)
        settings = configuration(
            public_url=self._public_url,
            admin_url=self.url,
            trusted_proxies=(HOST,),
            listen=HOST,
            port=self.port,
            management_port=self.management_port,
            database=self._ensure_database,
            database_password=self._database_password,
            admin_password=self._admin_password,
            provisioner_secret=self._provisioner_secret,
        )
        write_private(self._settings_file, settings)

    def command(self) -> Sequence[str]:
        return [
            *(
                str(find_java()),
                *JVM_OPTIONS,
                *OPENED_PACKAGES,
                "-XX:+ExitOnOutOfMemoryError",
                "-Dfile.encoding=UTF-8",
            ),
            f"-Dsolidary.stack={self.processes.mark}",
            *_system_properties(self.home),
            *("-cp", str(self.home / "lib" / "quarkus-run.jar"), MAIN_CLASS),
            *(f"--config-file={self._settings_file}", "start", "--optimized"),
        ]

    @property
    def _settings_file(self) -> Path:
        return self.home / "keycloak.conf"

    def is_ready(self) -> bool:
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
    admin_url: str,
    trusted_proxies: Sequence[str],
    listen: str,
    port: int,
    management_port: int,
    database: str,
    database_password: str,
    admin_password: str,
    provisioner_secret: str,
) -> str:
    """Return the text of keycloak.conf.

    `database` is host:port/name; `public_url` is the address at the front door and in tokens; `admin_url` is that of
    Keycloak's own console, which the front door does not pass on.
    """
    settings = BUILD_OPTIONS | {
        "hostname": public_url,
        "hostname-admin": admin_url,
        "proxy-headers": "xforwarded",
        "proxy-trusted-addresses": ",".join(trusted_proxies),
        # Services fetch keys and tokens at their own address of Keycloak; the issuer stays the public one.
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
        # What a busy minute opened is closed after it: each connection is a process of PostgreSQL.
        "db-pool-max-lifetime": "1m",
        # By kind of event and error, without the client: how many logins were refused, and why.
        "event-metrics-user-events": "login,client_login,refresh_token",
        "bootstrap-admin-username": ADMIN,
        "bootstrap-admin-password": admin_password,
        "bootstrap-admin-client-id": PROVISIONER,
        "bootstrap-admin-client-secret": provisioner_secret,
        "log-level": "warn,org.keycloak:info,io.smallrye.health:error",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _system_properties(home: Path) -> tuple[str, ...]:
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
        *(str(find_java()), *JVM_OPTIONS, *OPENED_PACKAGES, *_system_properties(home)),
        *(
            "-cp",
            str(home / "lib" / "quarkus-run.jar"),
            MAIN_CLASS,
            "build",
            *(f"--{name}={value}" for name, value in BUILD_OPTIONS.items()),
        ),
    ]
    code, output = run_to_completion(command, steps, environment=clean_environment())
    if code != 0:
        raise StackError(f"Keycloak's build failed:\n{output}")
