"""Read XML as a stream that is not well-formed more often than not.

A mender stands between the file and the parser. Document types are refused, and with
them every entity of the file's own.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat

from moderation.importing.files import MAX_DEPTH, UnreadableFile, open_bytes
from moderation.importing.findings import FileFindings

CHUNK_BYTES = 1 << 16
MAX_FIELD_LENGTH = 1 << 20  # characters; what is longer is refused as a comment
MAX_TOKEN_BYTES = 16 << 20  # that the parser keeps to find the end of a tag
HELD_BACK = 40  # characters that may begin a reference or a section

_DECLARED = re.compile(rb"""^[^<]{0,64}<\?xml[^>]{0,200}encoding=["']([\w.-]+)["']""")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:(#[0-9]{1,8}|#x[0-9a-fA-F]{1,8}|[a-zA-Z][a-zA-Z0-9]*);)?")
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
_OPENS, _CLOSES = "<![CDATA[", "]]>"


class XmlMender:
    """Mends a document chunk by chunk, and counts what it mends."""

    def __init__(self, mended: Counter[str], encoding: str = "utf-8") -> None:
        self._mended = mended
        self._is_utf8 = codecs.lookup(encoding).name == "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._undecoded = b""
        self._held = ""
        self._is_in_cdata = False
        self._has_begun = False

    def mend(self, data: bytes, *, is_last: bool = False) -> str:
        """Return what can be parsed of the text so far."""
        text = self._decode(data, is_last)
        if "\x00" in text or _FORBIDDEN.search(text):
            text, count = _FORBIDDEN.subn("", text)
            self._mended["characters"] += count
        text = self._held + text
        self._held = ""
        if not self._has_begun:
            start = text.find("<")
            if start < 0:
                return ""
            text, self._has_begun = text[start:], True
        if not is_last:
            place = _held_from(text)
            text, self._held = text[:place], text[place:]
        return self._mend_references(text)

    def _decode(self, data: bytes, is_last: bool) -> str:
        if not self._is_utf8:
            return self._decoder.decode(data, is_last)
        data = self._undecoded + data
        self._undecoded = b""
        parts = []
        while data:
            try:
                parts.append(data.decode())
                break
            except UnicodeDecodeError as error:
                parts.append(data[: error.start].decode())
                if not is_last and "unexpected end" in error.reason:
                    self._undecoded = data[error.start :]
                    break
                parts.append("\ufffd")
                self._mended["bytes"] += 1
                data = data[error.end :]
        return "".join(parts)

    def _mend_references(self, text: str) -> str:
        """Mend what lies outside of CDATA: sign by sign, not section by section."""
        parts: list[str] = []
        done = place = 0
        while True:
            if self._is_in_cdata:
                end = text.find(_CLOSES, place)
                if end < 0:
                    break
                place, self._is_in_cdata = end + len(_CLOSES), False
            sign = text.find("&", place)
            opened = text.rfind(_OPENS, place, sign if sign >= 0 else len(text))
            closed = text.find(_CLOSES, opened) if opened >= 0 else 0
            if opened >= 0 and (closed < 0 or closed > sign >= 0):
                place, self._is_in_cdata = opened + len(_OPENS), True
            elif sign < 0:
                break
            else:
                match = _REFERENCE.match(text, sign)
                assert match is not None  # noqa: S101 - it begins with the sign
                parts += text[done:sign], self._mend_reference(match)
                done = place = match.end()
        parts.append(text[done:])
        return "".join(parts)

    def _mend_reference(self, match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            self._mended["ampersands"] += 1
            return "&amp;"
        if name in _PREDEFINED:
            return match[0]
        if name.startswith("#"):
            number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
            if _is_allowed(number):
                return match[0]
            self._mended["characters"] += 1
            return ""
        character = html.entities.html5.get(f"{name};")
        if character is None:
            self._mended["ampersands"] += 1
            return f"&amp;{name};"
        self._mended["references"] += 1
        return character.replace("&", "&amp;").replace("<", "&lt;")


def _held_from(text: str) -> int:
    """Return from where on a text may begin something that goes on."""
    tail = max(0, len(text) - HELD_BACK)
    places = [
        place for place in (text.rfind("&", tail), text.rfind("<", tail)) if place >= 0
    ]
    # `]]>` may be cut in two, too.
    stripped = text.rstrip("]")
    if len(stripped) < len(text):
        places.append(max(len(stripped), len(text) - 2))
    return min(places, default=len(text))


def _is_allowed(number: int) -> bool:
    """Tell whether XML 1.0 has a character (https://www.w3.org/TR/xml/#charsets)."""
    if number < 0x20:
        return number in (0x9, 0xA, 0xD)
    return (
        number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or 0x10000 <= number <= 0x10FFFF
    )


class XmlNode:
    """An element with its text and children."""

    __slots__ = ("attributes", "children", "line", "parent", "tag", "text", "texts")

    def __init__(
        self, tag: str, attributes: Mapping[str, str], parent: str, line: int
    ) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.text = ""
        self.children: list[XmlNode] = []
        self.texts: dict[str, str] = {}  #: of the first child with each tag
        self.line = line  #: of an element that was wanted; of its children, the same

    def child(self, tag: str) -> XmlNode | None:
        """Return the first child with a tag."""
        for node in self.children:
            if node.tag == tag:
                return node
        return None

    def value(self, tag: str) -> str:
        """Return the text of the first child with a tag, trimmed; nothing: none."""
        text = self.texts.get(tag)
        return text.strip() if text else ""


class _TreeBuilder:
    """Collects wanted elements; what lies outside of them is not kept."""

    def __init__(self, wanted: Collection[str], parser: Any) -> None:
        self.done: list[XmlNode] = []
        self._wanted, self._parser = frozenset(wanted), parser
        self._open: list[str] = []
        self._nodes: list[XmlNode] = []
        self._texts: list[list[str]] = []
        self._length = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise UnreadableFile(f"Elements are nested more than {MAX_DEPTH} deep.")
        if self._nodes or tag in self._wanted:
            parent = self._open[-1] if self._open else ""
            if self._nodes:
                node = XmlNode(tag, attributes, parent, self._nodes[0].line)
                self._nodes[-1].children.append(node)
            else:
                line = self._parser.CurrentLineNumber
                node = XmlNode(tag, attributes, parent, line)
            self._nodes.append(node)
            self._texts.append([])
        self._length = 0
        self._open.append(tag)

    def end(self, tag: str) -> None:
        self._open.pop()
        if self._nodes:
            node = self._nodes.pop()
            node.text = "".join(self._texts.pop())
            if self._nodes:
                self._nodes[-1].texts.setdefault(tag, node.text)
            else:
                self.done.append(node)
        self._length = 0

    def add_text(self, text: str) -> None:
        if self._texts and self._length < MAX_FIELD_LENGTH:
            self._length += len(text)
            self._texts[-1].append(text)

    def refuse_doctype(self, *_: object) -> None:
        raise UnreadableFile(
            "The file declares a document type; that is never needed and refused."
        )


def read_nodes(
    path: Path, wanted: Collection[str], findings: FileFindings
) -> Iterator[XmlNode]:
    """Yield the elements of a file that have one of some tags, as they end.

    Inside of one, all elements are its children. A file that ends too early yields what
    came before; `findings.fault` tells it.

    Raises
    ------
    UnreadableFile
        If it declares a document type, or nests more than `MAX_DEPTH` deep.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    builder = _TreeBuilder(wanted, parser)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.add_text
    parser.StartDoctypeDeclHandler = builder.refuse_doctype
    fed = 0
    with open_bytes(path) as file:
        head = file.peek(512)
        mender = XmlMender(findings.mended, _encoding(head))
        while True:
            data = file.read(CHUNK_BYTES)
            text = mender.mend(data, is_last=not data)
            fed += len(text)
            fault = _parse(parser, text, is_last=not data)
            yield from builder.done
            builder.done.clear()
            if fault is not None:
                findings.fault = f"{path.name}: {fault}"
                return
            if not data:
                return
            if fed - parser.CurrentByteIndex > MAX_TOKEN_BYTES:
                raise UnreadableFile("A tag of the file has no end.")


def _parse(parser: Any, text: str, *, is_last: bool) -> str | None:
    """Parse a part of a document; return what is wrong with it."""
    try:
        parser.Parse(text, is_last)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        return f"line {error.lineno}, column {error.offset + 1}: {reason}"
    return None


def _encoding(head: bytes) -> str:
    declared = _DECLARED.match(head)
    if declared is None:
        return "utf-8"
    try:
        return codecs.lookup(declared[1].decode("ascii")).name
    except (LookupError, UnicodeDecodeError):
        return "utf-8"
