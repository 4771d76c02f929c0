"""The keys of backups.

The instance has the key that encrypts and the one that signs. The key that opens is made once, and kept where neither
the instance nor its backups are: somebody who takes over the instance cannot read its backups.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import BaseModel, ConfigDict, ValidationError
from pyrage import IdentityError, x25519
from stack.files import write_private
from stack.production import BACKUP_KEYS

from operations.backup.errors import BackupError, DamagedBackup

VERIFY = "# verify: "


class WritingKeys(BaseModel):
    """The keys with which the instance writes backups: `backup-keys.json` in its state folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipient: str
    """The age recipient, a public key: `age1…`."""
    signing_key: str

    def sign(self, content: bytes) -> str:
        """Return the signature of a manifest."""
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.signing_key))
        return base64.b64encode(key.sign(content)).decode()


@dataclass(frozen=True)
class OpeningKey:
    """The key that opens backups, and the one that verifies that the instance wrote them."""

    identity: x25519.Identity
    verification_key: bytes

    def verify(self, content: bytes, signature: str, place: Path) -> None:
        """Raise DamagedBackup unless the instance that has the other keys signed the content."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.verification_key)
            key.verify(base64.b64decode(signature), content)
        except (InvalidSignature, ValueError) as error:
            reason = "was changed after it was written, or another instance wrote it"
            raise DamagedBackup(place, reason) from error


def keys_file(state: Path) -> Path:
    """Return the path of the keys with which the instance of a state folder writes backups."""
    return state / BACKUP_KEYS


def create_keys(state: Path, opening: Path) -> str:
    """Make both sides' keys, write each into its file, and return the recipient. Raises BackupError.

    The file `opening` is one of age: `age --decrypt --identity` reads it too.
    """
    for file in (keys_file(state), opening):
        if file.exists():
            raise BackupError(
                f"{file} exists already. Backups made with its keys would be lost; move it away first."
            )
    identity, signing = x25519.Identity.generate(), Ed25519PrivateKey.generate()
    verification = signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    text = (
        f"# Opens the backups of a Solidary instance; made {datetime.now(UTC):%Y-%m-%d}.\n"
        "# Keep it where neither the instance nor its backups are.\n"
        f"{VERIFY}{base64.b64encode(verification).decode()}\n{identity}\n"
    )
    secret = signing.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    keys = WritingKeys(recipient=str(identity.to_public()), signing_key=base64.b64encode(secret).decode())
    write_private(opening, text)
    write_private(keys_file(state), keys.model_dump_json(indent=1))
    return keys.recipient


def read_writing_keys(state: Path) -> WritingKeys:
    """Return the keys of an instance. Raises BackupError where it has none."""
    file = keys_file(state)
    try:
        return WritingKeys.model_validate_json(file.read_text())
    except FileNotFoundError as error:
        raise BackupError(
            f"There are no keys for backups in {file}. Make them once: solidaryctl backup keys FILE, where FILE is on "
            "a medium that is kept away from the instance."
        ) from error
    except ValidationError as error:
        raise BackupError(f"{file} has no keys for backups that can be read.") from error


def read_opening_key(file: Path) -> OpeningKey:
    """Return the key in a file that `create_keys` has written. Raises BackupError."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        verification = next(line.removeprefix(VERIFY) for line in lines if line.startswith(VERIFY))
        secret = next(line for line in lines if line.startswith("AGE-SECRET-KEY-"))
        return OpeningKey(x25519.Identity.from_str(secret), base64.b64decode(verification))
    except (OSError, UnicodeDecodeError, StopIteration, ValueError, IdentityError) as error:
        raise BackupError(
            f"{file} is not a key that opens backups, as «solidaryctl backup keys» writes it."
        ) from error
