"""`python -m tests.wording [PATH ...]`: check the wording of the sources and of the API documents.

docs/extending/wording.md lists the rules. Each finding is one line, `file:line: message`; the exit status is 1 when
there is any. Without a path every file that git tracks is checked.
"""

from __future__ import annotations

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BANNED_OPENINGS = _words(
    """What How Who Whom Whose Whether Which Where When Why Those Of So As Whatever Whoever Wherever Somebody Something
    Anybody Anything Everybody Everything Nobody Nothing"""
)
"""Words that no docstring begins with, whatever it describes."""

NOT_IMPERATIVE = BANNED_OPENINGS | _words(
    """The A An One Two Three All Every Each Some Any No None Only Its Their His Her Your Our My It They He She We You
    This That These There Here From For In On By With Within Without Until After Before Between Beside Through Because
    Not And Or But Also If Rows People Persons Raises True False Yes Other Another Both Either Neither More Most Less
    Same Still Then Now Once Twice Never Always Long Somewhere Is Are Was Were Has Have Had Does Did Can May Must
    Should Will Would At To Out Up Down Over Under Like Such Many Few Several Enough Own At"""
)
"""Words that are no verb in the imperative, so no function's docstring begins with them. Ruff's D401 finds other forms
of a verb («Returns»)."""

BANNED_NAME_PARTS = _words(
    """said told tells telling hears heard hearing speaks says asks asking answers_to purses purse
    arrows arrow leads yeses hangs everyones refusals pulse broom hands sealing becomes moves
    came alike apart fitting someone somebody everybody nobody"""
)
"""Parts of a name in snake_case or CamelCase that no name of code or SQL has."""

ALLOWED_IN_TEST_NAMES = _words("asks becomes moves hands leads nobody somebody someone everybody")
"""Parts that a test's name may have: it is a sentence, and people do these things."""

BANNED_NAMES = _words(
    """lead _lead LEADS NEXT WAY ARROWS hang_up everyones Outside Workplace hand HANDS Pulse
    take_up_stalled Watch begin_new_life CursorOfAnotherLife passing in_the_way pour_out
    WithoutWords _silent Spot Seal sealing
    Held is_known_as moves_on make_findable Yes yes Followed come_back _onward TELLING FITTING Alike came
    apart along middle purses letters hear follow"""
)
"""Whole names that no function, class, variable, parameter or attribute of ours has (see the table of replacements)."""

BANNED_SQL_NAMES = re.compile(r"\b[a-z]\w*_(?:way|says\w*|yeses|tells|told|said)\b|\bsays_\w+|\bgoes_\w+")
"""Names of constraints, triggers, functions and columns, inside string literals."""

BANNED_PROSE: dict[str, str] = {
    r"says|said|saying": "states, contains, reports, returns",
    r"tells|told|telling": "publishes, reports, returns",
    r"hears|heard": "consumes, subscribes to",
    r"speaks|spoke": "uses, calls",
    r"hangs? up|hung up": "closes the connection",
    r"(?:a|the|no|further|one|two|each|every) yes|yeses": "approval",
    r"purses?": "budget",
    r"gives? (?:\w+ )?away": "discloses",
    r"lets? go of": "delete, release",
    r"takes? up": "retry, claim, continue",
    r"goes this way": "is an allowed transition",
    r"comes? back": "is returned",
    r"the story": "the scenario",
    r"in the way": "blocking",
}
"""Riddles and personifications in docstrings, comments and texts, each with the words to use instead."""

PROSE = {
    re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE): instead
    for pattern, instead in BANNED_PROSE.items()
}

WRONG_PLURAL = re.compile(r"[a-z]\((?:s|es|ies)\)")

RIDDLE_TEST_NAME = re.compile(r"test_(?:what|who|whom|whose|how|why|whether|which|those|of|so|as)_")
"""Openings of test names that are not plain sentences about behaviour, subject first."""

PRIVATE_WORDS_IN_TEXTS = re.compile(r"\b(?:pydantic|BaseModel|TypeAdapter|NoneType)\b")

ERROR_ENDINGS = (".", "!", "?", ":", "…", "\n")

EXEMPT: frozenset[str] = frozenset({"tests/wording.py", "docs/extending/wording.md"})
"""Files that quote the banned words."""

ALLOWED: frozenset[tuple[str, str]] = frozenset()
"""Words that are right where they are: (file, word in lower case). A person may tell somebody something."""


class Finding(NamedTuple):
    """A place whose wording breaks a rule."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def tracked_files() -> list[str]:
    """Return the paths of all files that git tracks, relative to the root."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


def findings(names: list[str]) -> Iterator[Finding]:
    """Check the named files."""
    yield from _shared_titles([name for name in names if name.endswith("openapi.json")])
    for name in names:
        if name in EXEMPT:
            continue
        if name.endswith(".py"):
            yield from python_findings(name, (ROOT / name).read_text())
        elif name.endswith("openapi.json"):
            yield from openapi_findings(name, json.loads((ROOT / name).read_text()))
        elif name.endswith((".md", ".toml")) or name == "Makefile":
            for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
                yield from prose_findings(name, number, line)


def python_findings(file: str, source: str) -> Iterator[Finding]:
    """Check the docstrings, names, texts, error sentences and comments of one Python module."""
    tree = ast.parse(source)
    docstrings: set[int] = set()
    for node in ast.walk(tree):
        for text, is_function in _docstring_of(node):
            docstrings.add(id(text))
            yield from docstring_findings(file, text, is_function)
    for node in ast.walk(tree):
        yield from _name_findings(file, node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _text_findings(file, node, is_docstring=id(node) in docstrings)
        if isinstance(node, ast.Raise) and "/tests/" not in f"/{file}":
            yield from _error_findings(file, node)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield from prose_findings(file, token.start[0], token.string)


def docstring_findings(file: str, docstring: ast.Constant, is_function: bool) -> Iterator[Finding]:
    """Check a docstring's first word."""
    words = str(docstring.value).split()
    opening = words[0].strip("`.,:;«»\"'") if words else ""
    if opening in BANNED_OPENINGS:
        yield Finding(file, docstring.lineno, f"a docstring opens with «{opening}»")
    elif is_function and opening in NOT_IMPERATIVE:
        yield Finding(
            file,
            docstring.lineno,
            f"a function's docstring opens with «{opening}», not with a verb in the imperative",
        )


def _docstring_of(node: ast.AST) -> Iterator[tuple[ast.Constant, bool]]:
    """Return the docstrings in a node's body, and whether each describes a function that does something.

    The text after an assignment describes a constant or a field. A property and a fixture are described by what they
    are, so their docstrings may be noun phrases.
    """
    body: list[ast.stmt] = getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []
    is_described = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    for before, statement in zip([None, *body], body, strict=False):
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            continue
        if not isinstance(statement.value.value, str):
            continue
        if before is None and is_described:
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            yield statement.value, is_function and not _is_value(node)
        elif isinstance(before, ast.Assign | ast.AnnAssign):
            yield statement.value, False


def _is_value(node: ast.AST) -> bool:
    decorators = [ast.unparse(decorator) for decorator in getattr(node, "decorator_list", [])]
    return any("property" in decorator or "fixture" in decorator for decorator in decorators)


def _name_findings(file: str, node: ast.AST) -> Iterator[Finding]:
    names: list[str] = []
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            names = [node.name]
        case ast.arg():
            names = [node.arg]
        case ast.Name(ctx=ast.Store()):
            names = [node.id]
        case ast.Attribute(ctx=ast.Store()):
            names = [node.attr]
        case ast.keyword(arg=str(name)):
            names = [name]
        case ast.alias():
            names = [node.asname or node.name.rpartition(".")[2]]
    for name in names:
        if RIDDLE_TEST_NAME.match(name):
            yield Finding(file, getattr(node, "lineno", 0), f"the test's name «{name}» opens like a riddle")
        banned = _banned_parts(name)
        if banned:
            yield Finding(file, getattr(node, "lineno", 0), f"the name «{name}» uses «{banned}»")


def _banned_parts(name: str) -> str:
    if name in BANNED_NAMES:
        return name
    banned = BANNED_NAME_PARTS - ALLOWED_IN_TEST_NAMES if name.startswith("test_") else BANNED_NAME_PARTS
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return next((part for part in parts if part.lower() in banned), "")


def _text_findings(file: str, node: ast.Constant, *, is_docstring: bool) -> Iterator[Finding]:
    text = str(node.value)
    if not is_docstring:
        for name in BANNED_SQL_NAMES.findall(text):
            yield Finding(file, node.lineno, f"the name «{name}» in a text or statement")
        if text in ("~0", "~1") and file != "libs/common/src/solidary/language/problems.py":
            yield Finding(file, node.lineno, "use json_pointer, the only implementation of RFC 6901")
        if " " not in text:
            return
        if WRONG_PLURAL.search(text):
            yield Finding(file, node.lineno, "a plural in brackets: write «1 fault» and «2 faults»")
    for offset, line in enumerate(text.split("\n")):
        yield from prose_findings(file, node.lineno + offset, line)


def _error_findings(file: str, node: ast.Raise) -> Iterator[Finding]:
    """Check that the text of a raised error is a complete sentence."""
    if not (isinstance(node.exc, ast.Call) and node.exc.args):
        return
    text = _literal(node.exc.args[0])
    if text is None or " " not in text.strip():
        return
    if text[0].islower():
        yield Finding(file, node.lineno, "an error sentence begins with a small letter")
    if not text.endswith((*ERROR_ENDINGS, "\0")):
        yield Finding(file, node.lineno, "an error sentence ends without a full stop")
    if PRIVATE_WORDS_IN_TEXTS.search(text):
        yield Finding(file, node.lineno, "an error sentence names a class or a library")


def _literal(node: ast.expr) -> str | None:
    """Return the text of a literal; each inserted value is a NUL character."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
    return None


def prose_findings(file: str, number: int, line: str) -> Iterator[Finding]:
    """Check one line of prose."""
    for pattern, instead in PROSE.items():
        for found in pattern.finditer(line):
            if (file, found[0].lower()) not in ALLOWED:
                yield Finding(file, number, f"«{found[0]}» (instead: {instead})")


def openapi_findings(file: str, document: dict[str, Any]) -> Iterator[Finding]:
    """Check the titles, summaries, descriptions and schema names of an OpenAPI document."""
    titles: dict[str, str] = {}
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        title = schema.get("title", name)
        if title in titles:
            yield Finding(file, 0, f"the schemas {titles[title]} and {name} have the same title «{title}»")
        titles[title] = name
        banned = _banned_parts(title)
        if banned:
            yield Finding(file, 0, f"the schema title «{title}» uses «{banned}»")
    for place, text in _descriptions(document, ""):
        opening = text.split()[0].strip("`.,:;«»\"'") if text.split() else ""
        if opening in BANNED_OPENINGS and not place.endswith("/title"):
            yield Finding(file, 0, f"{place} opens with «{opening}»")
        for finding in prose_findings(file, 0, text):
            yield finding._replace(message=f"{place}: {finding.message}")


def _shared_titles(files: list[str]) -> Iterator[Finding]:
    """Find schema titles that mean different things in two documents."""
    first: dict[str, tuple[str, Any]] = {}
    for file in files:
        document = json.loads((ROOT / file).read_text())
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            title = schema.get("title", name)
            other, known = first.setdefault(title, (file, schema))
            if known != schema:
                yield Finding(file, 0, f"the schema title «{title}» means something else in {other}")


def _descriptions(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            if key in ("title", "summary", "description") and isinstance(inside, str):
                yield f"{place}/{key}", inside
            else:
                yield from _descriptions(inside, f"{place}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from _descriptions(inside, f"{place}/{index}")


def main(paths: list[str], report: Callable[[str], None] = print) -> int:
    """Report every finding in the given files and folders; return the exit status."""
    names = tracked_files()
    if paths:
        wanted = [str(Path(path).resolve().relative_to(ROOT)) for path in paths]
        names = [
            name for name in names if any(name == path or name.startswith(f"{path}/") for path in wanted)
        ]
    found = list(dict.fromkeys(findings(names)))
    for finding in found:
        report(str(finding))
    report(f"wording: {len(found)} {'finding' if len(found) == 1 else 'findings'} in {len(names)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
