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

    __slots__ = (
        *("attributes", "children", "line", "parent"),
        *("parts", "tag", "text", "texts"),
    )

    def __init__(
        self, tag: str, attributes: Mapping[str, str], parent: str, line: int
    ) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.text = ""
        self.parts: list[str] = []  #: of its text, before its last child
        #: those with attributes or children; of all others `texts` has everything
        self.children: list[XmlNode] = []
        self.texts: dict[str, str] = {}  #: of the first child with each tag
        self.line = line  #: of an element that was wanted; of its children, the same

    def child(self, tag: str) -> XmlNode | None:
        """Return the first child with a tag that has attributes or children."""
        for node in self.children:
            if node.tag == tag:
                return node
        return None

    def value(self, tag: str) -> str:
        """Return the text of the first child with a tag, trimmed; nothing: none."""
        text = self.texts.get(tag)
        return text.strip() if text else ""


class _TreeBuilder:
    """Collects wanted elements; what lies outside of them is not kept.

    An import spends more time here than anywhere else in reading. So the parser puts
    texts into a list itself, and an element that is only a text becomes no node.
    """

    def __init__(self, wanted: Collection[str], parser: Any) -> None:
        self.done: list[XmlNode] = []
        self._wanted, self._parser = frozenset(wanted), parser
        self._open: list[str] = []
        #: the open elements from the wanted one on; None: only a text so far
        self._nodes: list[XmlNode | None] = []
        self._texts: list[str] = []  # since the last tag
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._texts.append
        parser.StartDoctypeDeclHandler = self._refuse_doctype

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        names, nodes = self._open, self._nodes
        if len(names) >= MAX_DEPTH:
            raise UnreadableFile(f"Elements are nested more than {MAX_DEPTH} deep.")
        if nodes:
            above = nodes[-1]
            if above is None:
                above = nodes[-1] = self._add_child(names[-1], {}, nodes[-2])
            above.parts += self._texts
            nodes.append(
                self._add_child(tag, attributes, above) if attributes else None
            )
        elif tag in self._wanted:
            parent = names[-1] if names else ""
            line = self._parser.CurrentLineNumber
            nodes.append(XmlNode(tag, attributes, parent, line))
        self._texts.clear()
        names.append(tag)

    @staticmethod
    def _add_child(
        tag: str, attributes: Mapping[str, str], above: XmlNode | None
    ) -> XmlNode:
        assert above is not None  # noqa: S101 - it has a child
        node = XmlNode(tag, attributes, above.tag, above.line)
        above.children.append(node)
        return node

    def _end(self, tag: str) -> None:
        self._open.pop()
        nodes, texts = self._nodes, self._texts
        if nodes:
            node = nodes.pop()
            if node is None:
                text = texts[0] if len(texts) == 1 else "".join(texts)
            else:
                node.text = text = "".join(node.parts + texts)
            if nodes:
                nodes[-1].texts.setdefault(tag, text)  # type: ignore[union-attr]
            elif node is not None:
                self.done.append(node)
        texts.clear()

    def cut(self) -> None:
        """Drop the rest of a text that is too long for a comment anyway."""
        if len(self._texts) > 1:
            self._texts[:] = ["".join(self._texts)[:MAX_FIELD_LENGTH]]

    def _refuse_doctype(self, *_: object) -> None:
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
    fed = 0
    with open_bytes(path) as file:
        head = file.peek(512)
        mender = XmlMender(findings.mended, _encoding(head))
        while True:
            data = file.read(CHUNK_BYTES)
            text = mender.mend(data, is_last=not data)
            fed += len(text)
            fault = _parse(parser, text, is_last=not data)
            builder.cut()
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
