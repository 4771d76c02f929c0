"""Kafka over TLS: the broker must show a certificate that we trust, before it hears anything."""

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
    """A broker's certificate that it signed itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker.example")])
    now = datetime.now(UTC)
    made = (
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
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file


@dataclass
class Broker:
    """Something that speaks TLS and hangs up after the first words that it hears."""

    address: str
    heard: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def broker(certificate: Path) -> AsyncIterator[Broker]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            found.heard.append(await reader.readexactly(8))
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0, ssl=context)
    found = Broker("{}:{}".format(*server.sockets[0].getsockname()))
    async with server:
        yield found


async def meet(kafka: KafkaSettings) -> None:
    producer = kafka.producer()
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await producer.stop()


@pytest.mark.parametrize("user", ["market", None])
async def test_a_broker_whose_certificate_is_trusted_is_spoken_to(certificate, user):
    async with broker(certificate) as found:
        await meet(KafkaSettings(found.address, user, "secret" if user else None, tls=True, ca=certificate))
    assert found.heard, "the handshake ended well, and a request followed"


async def test_a_broker_whose_certificate_nobody_signed_hears_nothing(certificate):
    async with broker(certificate) as found:
        await meet(KafkaSettings(found.address, "market", "secret", tls=True))
    assert found.heard == []


def test_the_environment_says_so(run, place, certificate):
    kafka = settings_for(run, place, "market", kafka_tls=True, kafka_ca=certificate).kafka_settings
    assert (kafka.tls, kafka.ca) == (True, certificate)
