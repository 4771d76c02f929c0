"""The client of the API as a wheel: the package of `libs/client`, with the functions generated from each description.

The generated functions are in no repository: they are made from `services/*/openapi.json` when the wheel is built, so
they cannot be older than those. What was built from the same files is used again.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock
from solidary.files.command_line import CommandError

from workspace.checkout import ROOT, SERVICES

PACKAGE = ROOT / "libs/client"
CONFIG = ROOT / "docs/integrating/openapi-python-client.yml"
FOLDER = ROOT / ".local/client"
GENERATE = "import sys; from openapi_python_client.cli import app; sys.argv.insert(1, 'generate'); app()"


def build(folder: Path = FOLDER) -> Path:
    """Return the wheel of the client, built if it is not there already. Raises CommandError."""
    wheels = folder / _digest()
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):  # tests in several processes build it once
        if not wheels.exists():
            source = folder / "source"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("tests", "__pycache__"))
            generate(source / "src/solidary_client/generated")
            build = ("build", "--wheel", "--quiet", "--out-dir", "built", ".")
            _run(str(ROOT / ".local/uv/bin/uv"), *build, folder=source)
            (source / "built").rename(wheels)
    (wheel,) = wheels.glob("*.whl")
    return wheel


def generate(folder: Path) -> None:
    """Generate the functions and classes of every service. Raises CommandError, also for a warning."""
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(
        '"""Generated from the descriptions of the services."""\n', encoding="utf-8"
    )
    for description in _descriptions():
        options = [
            "--path",
            str(description),
            "--output-path",
            description.parent.name,
            "--config",
            str(CONFIG),
        ]
        _run(sys.executable, "-c", GENERATE, "--meta", "none", "--fail-on-warning", *options, folder=folder)


def _descriptions() -> list[Path]:
    return sorted(SERVICES.glob("*/openapi.json"))


def _digest() -> str:
    """Return a digest of all that the wheel is made from."""
    digest = hashlib.sha256()
    files = [
        *_descriptions(),
        CONFIG,
        ROOT / "uv.lock",
        *sorted(PACKAGE.glob("src/**/*.py")),
        PACKAGE / "pyproject.toml",
    ]
    for file in files:
        digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _run(*command: str, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"The client was not built: {(done.stdout + done.stderr)[-2000:]}")
