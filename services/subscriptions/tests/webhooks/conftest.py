from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from solidary.platform.identity import Duty
from solidary_testing.servers import api_client, settings_for
from subscriptions.feed.events.projection import append_to_feeds
from subscriptions.webhooks.deliveries.sending import Sender
from subscriptions.webhooks.deliveries.worker import Deliverer, Timing
from subscriptions.webhooks.endpoints.encryption import SecretCipher
from subscriptions.webhooks.policy import Policy

NAME = "receiver.example.org"
FAST = Timing(lease=20, poll=0.02, stop=1, pause_scale=0.001)


@dataclass
class Receiver:
    """A receiver process; `mode` is how it answers."""

    port: int
    log: Path
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}/hook"

    def set_mode(self, mode: str) -> None:
        Path(f"{self.log}.mode").write_text(mode)

    @property
    def requests(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def accepted(self) -> list[tuple[str, int]]:
        """Return subject and sequence of each accepted event in order."""
        events = [json.loads(each["body"]) for each in self.requests if each["mode"] == "accept"]
        return [(event["subject"], event["sequence"]) for event in events]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """Write a self-signed certificate of the receiver's name, with its key."""
    return write_certificate(tmp_path_factory.mktemp("tls") / "receiver.pem", NAME)


def write_certificate(file: Path, name: str) -> Path:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def receiver(tmp_path, certificate) -> Iterator[Callable[..., Receiver]]:
    """Return a function that starts a receiver."""
    started: list[Receiver] = []

    def start(mode: str = "accept", cert: Path | None = certificate) -> Receiver:
        log = tmp_path / f"receiver-{len(started)}.jsonl"
        Path(f"{log}.mode").write_text(mode)
        command = [sys.executable, str(Path(__file__).with_name("receiver.py")), str(log)]
        command += [str(cert)] if cert else []
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        started.append(Receiver(int(process.stdout.readline()), log, process))
        return started[-1]

    yield start
    for each in started:
        each.kill()


@pytest.fixture
def policy(certificate) -> Policy:
    """The policy of an operator who allows the receivers of these tests."""
    from subscriptions.engines.addresses.networks import read_networks

    return Policy(read_networks("127.0.0.0/8"), ca=certificate)


async def to_loopback(agency, name, port):
    """Resolve each name to the receivers of these tests."""
    return [ip_address("127.0.0.1")]


@pytest.fixture
def integrator(tokens):
    return tokens.of("unhcr", Duty.INTEGRATOR)


@pytest.fixture
async def hooks(run, service, service_database, certificate) -> AsyncIterator:
    """A client of an API whose operator allows loopback."""
    settings = settings_for(
        run, service_database, service.name, webhook_networks="127.0.0.0/8", webhook_ca=certificate
    )
    async with api_client(service.application(settings)) as client:
        yield client


@pytest.fixture
def create(hooks, tokens):
    """Return a function that creates a webhook and returns it with its secret."""

    async def create(url: str, agency: str = "unhcr", **body) -> dict:
        headers = tokens.of(agency, Duty.INTEGRATOR) | {"Idempotency-Key": str(uuid4())}
        made = await hooks.post("/webhooks", json={"url": url, **body}, headers=headers)
        assert made.status_code == 201, made.text
        return made.json()

    return create


@pytest.fixture(autouse=True)
async def without_webhooks(service_database):
    """Begin each test without webhooks: an agency has few of them."""
    import psycopg

    yield
    with psycopg.connect(service_database.admin) as admin:
        admin.execute("DELETE FROM data.webhook")


@pytest.fixture
def append(database, service):
    async def append(*notices) -> None:
        async with database.unit_for_service(service.principal) as unit:
            await append_to_feeds(unit, notices)

    return append


@pytest.fixture
def deliverer(run, service, service_database, database, policy):
    """Return a context in which a worker delivers."""

    @asynccontextmanager
    async def running(timing: Timing = FAST, seconds: float = 5, resolve=to_loopback):
        sender = Sender(policy, resolve, seconds=seconds)
        settings = settings_for(run, service_database, service.name)
        cipher, stop = SecretCipher.of(settings), asyncio.Event()
        worker = Deliverer(database, service_database.roles["app"], sender, cipher, timing)
        task = asyncio.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()
            await task
            await sender.close()

    return running
