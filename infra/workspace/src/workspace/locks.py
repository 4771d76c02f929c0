"""The check of revisions for statements that stop a desk: their SQL, as squawk reads it.

A first revision makes an empty database, so only those after it are checked. A statement that is right all the same has
`-- squawk-ignore RULE` in the line above, with the reason in the revision's docstring (docs/extending/migrations.md).
"""

from __future__ import annotations

import io
import re
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory
from solidary.files.command_line import CommandError
from solidary.platform.database import migrations

from workspace.checkout import ROOT, SERVICES

POSTGRESQL = "18"
NOT_ABOUT_LOCKS = (
    "adding-required-field",  # `guard` does so to new tables; for one with rows PostgreSQL refuses it
    "ban-char-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamptz",
    "require-statement-timeout",  # the build of an index may take an hour; nobody waits for it
)
"""The rules of squawk that are about style, or that the settings of `env.py` fulfil otherwise."""
FIRST = re.compile(r"_0001$")
# Lines are counted from 0.
FINDING = re.compile(r"^\S*?([^/\s]+)\.sql:(\d+):\d+: \w+: (\S+) (.*)$")


def findings(folders: Sequence[tuple[str, Path]] | None = None) -> Iterator[str]:
    """Yield a line for each statement of a later revision that holds a lock for long.

    `folders` are services with the folder of their revisions; by default those of all services, with the platform's.
    """
    if folders is None:
        folders = [(folder.parent.name, folder) for folder in sorted(SERVICES.glob("*/migrations"))]
    with tempfile.TemporaryDirectory() as temporary:
        for service, folder in folders:
            for revision, sql in _later_revisions(service, folder):
                (Path(temporary) / f"{revision}.sql").write_text(sql, encoding="utf-8")
        files = sorted(Path(temporary).glob("*.sql"))
        if files:
            yield from _squawk(files)


def _later_revisions(service: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the SQL of each revision after the first of its line."""
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, (migrations.HERE / "versions", folder))))
    config.attributes.update(service=service)
    scripts = ScriptDirectory.from_config(config)
    for script in scripts.walk_revisions():
        if not FIRST.search(script.revision) and script.down_revision is not None:
            yield script.revision, _sql_of(script, config, scripts)


def _sql_of(script: Script, config: Config, scripts: ScriptDirectory) -> str:
    output = io.StringIO()
    with EnvironmentContext(config, scripts, as_sql=True) as environment:
        environment.configure(
            dialect_name="postgresql",
            output_buffer=output,
            literal_binds=True,
            transaction_per_migration=True,
        )
        output.write(f"SET lock_timeout = '{migrations.LOCK_TIMEOUT}';\nBEGIN;\n")
        with Operations.context(environment.get_context()):
            try:
                script.module.upgrade()
            except Exception as error:
                raise CommandError(
                    f"The SQL of {script.revision} cannot be read without a database ({error}). A revision writes "
                    "SQL and asks the database nothing: use op.execute."
                ) from error
    return output.getvalue() + "\nCOMMIT;\n"


def _squawk(files: Sequence[Path]) -> Iterator[str]:
    command = [
        str(Path(sysconfig.get_path("scripts")) / "squawk"),
        "--reporter=gcc",
        f"--pg-version={POSTGRESQL}",
        *(f"--exclude={rule}" for rule in NOT_ABOUT_LOCKS),
        *map(str, files),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    reported = False
    for line in done.stdout.splitlines():
        if found := FINDING.match(line):
            reported = True
            revision, number, rule, reason = found.groups()
            statement = (files[0].parent / f"{revision}.sql").read_text(encoding="utf-8").splitlines()
            near = next((text.strip() for text in statement[int(number) :] if text.strip()), "")
            yield f"{revision}: {rule}: {reason} Near: {near[:100]}"
    if done.returncode and not reported:
        raise CommandError(f"The linter squawk failed: {(done.stderr or done.stdout).strip()}")
