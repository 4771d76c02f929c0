"""Kafka over TLS: the client sends nothing before the broker has shown a trusted certificate."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from solidary.platform.messaging import KafkaSettings
from solidary_testing.servers import settings_for


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """Write a self-signed certificate of a broker, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "broker.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
    return file


@dataclass
class Broker:
    """A TLS server that closes the connection after the first bytes that it receives."""

    address: str
    received: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def broker(certificate: Path) -> AsyncIterator[Broker]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            found.received.append(await reader.readexactly(8))
        writer.close()

    server = await asyncio.start_server(receive, "127.0.0.1", 0, ssl=context)
    found = Broker("{}:{}".format(*server.sockets[0].getsockname()))
    async with server:
        yield found


async def connect(kafka: KafkaSettings) -> None:
    producer = kafka.producer()
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await producer.stop()


@pytest.mark.parametrize("user", ["market", None])
async def test_client_sends_requests_to_a_broker_with_a_trusted_certificate(certificate, user):
    async with broker(certificate) as found:
        await connect(
            KafkaSettings(found.address, user, "secret" if user else None, tls=True, ca=certificate)
        )
    assert found.received, "the handshake succeeded and a request followed"


async def test_client_sends_nothing_to_a_broker_with_an_untrusted_certificate(certificate):
    async with broker(certificate) as found:
        await connect(KafkaSettings(found.address, "market", "secret", tls=True))
    assert found.received == []


def test_settings_configure_tls(run, sample_database, certificate):
    kafka = settings_for(run, sample_database, "market", kafka_tls=True, kafka_ca=certificate).kafka_settings
    assert (kafka.tls, kafka.ca) == (True, certificate)
