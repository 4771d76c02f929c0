"""A reader of XML records from untrusted files, as a stream.

A document type declaration is refused, so that a file can define no entity and nothing is fetched. Memory holds one
record at a time: a file that continues for a mebibyte without ending a record is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast
from xml.parsers import expat

from lxml import etree
from solidary.files.command_line import InvalidInput

MAX_BYTES_BETWEEN_RECORDS = 1 << 20


def root_name(path: Path) -> tuple[str, str]:
    """Return the namespace (may be empty) and the name of the root element. Raises InvalidInput.

    Only expat reads here, and it stops at the root: a document type must be refused before lxml parses it.
    """
    found: list[str] = []

    def refuse(*_: object) -> NoReturn:
        raise _DocumentType

    parser = expat.ParserCreate(namespace_separator="\n")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: found.append(name)
    with _opened(path) as file:
        try:
            while not found:
                chunk = file.read(4096)
                parser.Parse(chunk, not chunk)
        except _DocumentType:
            reason = "A document type declaration (DTD) is not accepted."
            raise InvalidInput(reason, file=path, place=f"line {parser.CurrentLineNumber}") from None
        except expat.ExpatError as error:
            if not found:
                reason = f"The file is not well-formed XML: {expat.ErrorString(error.code)}."
                raise InvalidInput(reason, file=path, place=f"line {error.lineno}") from None
        except (LookupError, ValueError) as error:
            reason = f"The encoding cannot be read: {error}."
            raise InvalidInput(reason, file=path, place="line 1") from None
    namespace, _, name = found[0].rpartition("\n")
    return namespace, name


def read_elements(
    path: Path, starts: Iterable[str], ends: Iterable[str], schema: etree.XMLSchema | None = None
) -> Iterator[tuple[str, etree._Element]]:
    """Yield ("start" or "end", element) for the tags of `starts` and `ends`, in the order of the file.

    An ended element, and everything before it, is discarded when the caller asks for the next one. Raises
    InvalidInput with the line for a file that is not well-formed, and where such an element, or one inside it, is
    in another namespace than the message: a payment there would be overlooked.

    With a `schema`, a file that does not conform is refused too, but without a line, and a truncated file is not
    noticed (libxml2): read the file once without a schema first.
    """
    starts, ends = frozenset(starts), frozenset(ends)
    known = starts | ends
    own_namespace = etree.QName(next(iter(known))).namespace
    envelope = f"{{{own_namespace}}}Envlp"
    open_envelopes, has_foreign_names = 0, False
    with _opened(path) as file:
        source = _LimitedReader(file)
        stream = etree.iterparse(
            source,
            events=("start", "end", "start-ns"),
            tag=[envelope, *("{*}" + etree.QName(tag).localname for tag in known)],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            schema=schema,
        )
        try:
            for event, element in cast("Iterator[tuple[str, Any]]", stream):
                if event == "start-ns":
                    has_foreign_names = has_foreign_names or element[1] != own_namespace
                    continue
                if element.tag == envelope:
                    open_envelopes += 1 if event == "start" else -1
                    continue
                if open_envelopes:
                    continue
                if has_foreign_names and event == "end":
                    _refuse_foreign_elements(element, str(own_namespace), path)
                if element.tag in (starts if event == "start" else ends):
                    yield event, element
                if event == "end":
                    _discard(element)
                    source.since_record = 0
        except etree.XMLSyntaxError as error:
            raise _syntax_error(error, stream.error_log, path) from None
        except _RecordTooLong:
            reason = f"There are {MAX_BYTES_BETWEEN_RECORDS:,} bytes without a payment, so this is no bank message."
            raise InvalidInput(reason, file=path) from None


#: The elements of another namespace in an element, and before it. ISO 20022 allows content of other standards only in
#: the envelope of supplementary data.
_FOREIGN_ELEMENTS = etree.XPath(
    "(preceding::* | ancestor::* | descendant-or-self::*)[namespace-uri() != $own]"
    "[not(ancestor::*[local-name() = 'Envlp' and namespace-uri() = $own])]"
)


def _refuse_foreign_elements(element: etree._Element, own: str, path: Path) -> None:
    """Refuse foreign elements in the element, and in what stands before it and is discarded with it."""
    for foreign in cast("list[etree._Element]", _FOREIGN_ELEMENTS(element, own=own)):
        name = etree.QName(foreign)
        namespace = name.namespace or ""
        reason = f"<{name.localname}> is in the namespace {namespace!r}, not in the message's own."
        raise InvalidInput(reason, file=path, place=f"line {foreign.sourceline}")


def _syntax_error(error: etree.XMLSyntaxError, log: etree._ListErrorLog, path: Path) -> InvalidInput:
    """Return the first error that this parser logged; the one that it raises may be a consequence of it."""
    for entry in log:
        place = f"line {entry.line}" if entry.line else None
        return InvalidInput(f"The XML is not valid: {entry.message}", file=path, place=place)
    return InvalidInput(f"The XML is not valid: {error.msg}", file=path)


class _DocumentType(Exception):
    """The file declares a document type."""


class _RecordTooLong(Exception):
    """The file has too many bytes between two records."""


class _LimitedReader:
    """A file that counts the bytes read since the last record. Raises _RecordTooLong."""

    def __init__(self, file: BinaryIO):
        self._file, self.since_record = file, 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.since_record += len(chunk)
        if self.since_record > MAX_BYTES_BETWEEN_RECORDS:
            raise _RecordTooLong
        return chunk


def _discard(element: etree._Element) -> None:
    """Empty the element and delete everything before it, at every level."""
    element.clear()
    for node in (element, *element.iterancestors()):
        parent = node.getparent()
        while parent is not None and node.getprevious() is not None:
            del parent[0]


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=path) from None
