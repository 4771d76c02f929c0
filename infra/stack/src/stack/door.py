"""The front door of an instance: one origin for pages (`/`), services (`/api/…`) and logins (`/auth`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from stack.events_page import events_pages
from stack.index_page import index_page
from stack.services import capabilities, front_end

API = "/api/{service}/v1"
LOGINS = "/auth"
LARGEST_FORM = 1024 * 1024
"""The bytes of a login's form."""
SLOWEST_PACE = 64 * 1024
"""The bytes of a body that must arrive in a second; each service holds its own bodies to the same pace."""

CERTIFICATE_FILES = ("certificate.pem", "key.pem")
"""The files of a certificate of the operator's, with those of its authorities, and of its key."""


@dataclass(frozen=True)
class Door:
    """The front door: its public address, and what is behind it."""

    address: str
    """The public address, without a path: `http://127.0.0.1:21000`."""
    listen: str
    """The address of this machine on which it listens."""
    services: Mapping[str, str]
    """The address of each service for the door."""
    keycloak: str
    site: Path
    """The folder of the pages."""
    storage: Path
    """The folder of certificates."""
    port: int | None = None
    """The port on which it listens, where that differs from the public one."""
    certificates: Path | None = None
    """The folder of the operator's certificate and key; without it an authority is asked for them."""

    @property
    def is_local_tls(self) -> bool:
        """True where Caddy's local authority signs the certificate, because no public one would."""
        place = urlsplit(self.address)
        return self.certificates is None and place.scheme == "https" and is_loopback(place.hostname or "")

    def pages(self) -> dict[str, str]:
        """Return the files of the folder `site`."""
        return {"api/index.html": index_page(self.services), **events_pages()}

    def configuration(self) -> str:
        """Return the text of the Caddyfile."""
        place = urlsplit(self.address)
        port = self.port or place.port or (443 if place.scheme == "https" else 80)
        host = place.hostname or ""
        limits = {name: capabilities()[name].largest_body for name in self.services}
        template = Template((files("stack") / "door.caddyfile").read_text(encoding="utf-8"))
        return template.substitute(
            site_address=_site_address(place.scheme, host, port),
            listen=self.listen,
            certificates=self._certificates,
            host=host,
            address=self.address,
            read_body=f"{max(limits.values(), default=0) // SLOWEST_PACE + 10}s",
            slowest_pace=SLOWEST_PACE,
            keycloak=_upstream(self.keycloak),
            largest_form=LARGEST_FORM,
            storage=_quoted(self.storage),
            site=_quoted(self.site),
            front_end=self._front_end(),
            logins=LOGINS,
            services="\n".join(
                f"\t\timport service {API.format(service=name)} {_upstream(url)} {limits[name]}"
                for name, url in self.services.items()
            ),
        )

    @property
    def _certificates(self) -> str:
        if self.is_local_tls:
            return "tls internal"
        if self.certificates is None:
            return ""
        return " ".join(["tls", *(_quoted(self.certificates / name) for name in CERTIFICATE_FILES)])

    def _front_end(self) -> str:
        """Return the directive for what nothing else takes: the pages of the front end, or the index of the APIs."""
        name = front_end()
        if name is None or name not in self.services:
            return "redir / /api/ 302"
        return f"import pages {_upstream(self.services[name])}"


def api_address(address: str, service: str) -> str:
    """Return the address of a service's API at the front door of a public address."""
    return address + API.format(service=service)


def is_loopback(host: str) -> bool:
    """Return true for a name or an address of the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _site_address(scheme: str, host: str, port: int) -> str:
    """Return the addresses that Caddy answers. The second one by https is for requests that name another host."""
    return f"https://{host}:{port}, https://:{port}" if scheme == "https" else f"http://:{port}"


def _upstream(url: str) -> str:
    return urlsplit(url).netloc


def _quoted(path: Path) -> str:
    return f'"{path}"'
