"""XML from outside, read as a stream that can do no harm.

No document type declaration is accepted, hence no entity but XML's own five, and nothing to fetch. Memory
holds one record at a time: a file that goes on for a mebibyte without ending a record is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast
from xml.parsers import expat

from lxml import etree
from solidary.files.command_line import InvalidInput

MOST_BETWEEN_RECORDS = 1 << 20


def root_name(path: Path) -> tuple[str, str]:
    """The namespace (maybe empty) and name of the root element; raises InvalidInput.

    Read by expat alone, which stops at the root: what refuses a document type must not have read it.
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
            reason = "a document type declaration (DTD) is not accepted"
            raise InvalidInput(reason, file=path, place=f"line {parser.CurrentLineNumber}") from None
        except expat.ExpatError as error:
            if not found:
                reason = expat.ErrorString(error.code)
                raise InvalidInput(reason, file=path, place=f"line {error.lineno}") from None
        except (LookupError, ValueError) as error:
            raise InvalidInput(f"encoding: {error}", file=path, place="line 1") from None
    namespace, _, name = found[0].rpartition("\n")
    return namespace, name


def elements(
    path: Path, starts: Iterable[str], ends: Iterable[str], schema: etree.XMLSchema | None = None
) -> Iterator[tuple[str, etree._Element]]:
    """("start" or "end", element) for these tags. What stands before an ended element is forgotten once the
    caller asks for the next. Raises InvalidInput with the line, also where such a name, or anything within it,
    stands in another namespace (a payment that nobody would read). Where a schema is given, what breaks it is
    refused too, but without a line, and a truncated file is not noticed: read it once without (libxml2).
    """
    starts, ends = frozenset(starts), frozenset(ends)
    known = starts | ends
    own = etree.QName(next(iter(known))).namespace
    envelope = f"{{{own}}}Envlp"
    enveloped, strangers = 0, False
    with _opened(path) as file:
        source = _Watched(file)
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
                    strangers = strangers or element[1] != own
                    continue
                if element.tag == envelope:
                    enveloped += 1 if event == "start" else -1
                    continue
                if enveloped:
                    continue
                if strangers and event == "end":
                    _refuse_strangers(element, str(own), path)
                if element.tag in (starts if event == "start" else ends):
                    yield event, element
                if event == "end":
                    _forget(element)
                    source.since_record = 0
        except etree.XMLSyntaxError as error:
            raise _located(error, stream.error_log, path) from None
        except _Endless:
            size = f"{MOST_BETWEEN_RECORDS:,} bytes without a payment"
            raise InvalidInput(f"{size}: not a bank's answer", file=path) from None


#: In the envelope of supplementary data ISO 20022 lets a bank put what belongs to another standard.
_STRANGERS = etree.XPath(
    "(preceding::* | ancestor::* | descendant-or-self::*)[namespace-uri() != $own]"
    "[not(ancestor::*[local-name() = 'Envlp' and namespace-uri() = $own])]"
)


def _refuse_strangers(element: etree._Element, own: str, path: Path) -> None:
    """Of the element, and of what stands before it and will be forgotten with it."""
    for stranger in cast("list[etree._Element]", _STRANGERS(element, own=own)):
        name = etree.QName(stranger)
        reason = f"<{name.localname}> is in namespace {name.namespace or ''!r}, not in the message's own"
        raise InvalidInput(reason, file=path, place=f"line {stranger.sourceline}")


def _located(error: etree.XMLSyntaxError, log: etree._ListErrorLog, path: Path) -> InvalidInput:
    """The first thing of which this parser complained; what it raises in the end may be a consequence."""
    for said in log:
        place = f"line {said.line}" if said.line else None
        return InvalidInput(said.message, file=path, place=place)
    return InvalidInput(error.msg or "not well-formed", file=path)


class _DocumentType(Exception):
    """The file declares a document type."""


class _Endless(Exception):
    """Too much between two records."""


class _Watched:
    """A file that counts what has been read since the last record."""

    def __init__(self, file: BinaryIO):
        self._file, self.since_record = file, 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.since_record += len(chunk)
        if self.since_record > MOST_BETWEEN_RECORDS:
            raise _Endless
        return chunk


def _forget(element: etree._Element) -> None:
    """Empties the element and drops all that stands before it, at every level."""
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
