"""Turn the markup of other systems into plain text. Addresses of links survive."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from enum import StrEnum

MAX_QUOTES = 20  # blockquotes in one another; deeper ones are read as their text


class Markup(StrEnum):
    """The markup of a source's texts."""

    LINES = "lines"  #: HTML in which a line break is one (WordPress)
    HTML = "html"  #: HTML in which white space means nothing
    PLAIN = "plain"  #: as it is


_HIDDEN = frozenset({"script", "style"})
_LINES = frozenset({"div", "li", "tr", "section"})
_PARAGRAPHS = frozenset(
    {"p", "blockquote", "ul", "ol", "pre", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
)
# No part of a tag runs over a `<`, so that hostile text is read once, not from each
# sign to the end, as `html.parser` does.
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/<>]*+)((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>"""
)
_ATTRIBUTE = re.compile(
    r"""([a-zA-Z-]++)\s*=\s*(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))"""
)
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n{3,}")
_LINE_ENDS = re.compile(r"[ \t]+(?=\n)")


def to_plain(text: str, markup: Markup) -> str:
    """Return what a reader sees of a text, as plain text.

    >>> to_plain("Yes &amp; <em>no</em><br>see <a href='https://a.example/b'>it</a>",
    ...          Markup.HTML)
    'Yes & no\\nsee it (https://a.example/b)'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if markup is not Markup.PLAIN:
        if "<" in text:
            text = _TextReader(is_in_lines=markup is Markup.LINES).read(text)
        else:
            text = html.unescape(text) if "&" in text else text
            text = text.replace("\xa0", " ")
            if markup is Markup.HTML:
                text = _SPACES.sub(" ", text)
    return tidy(text)


def tidy(text: str) -> str:
    """Return a text without spaces at the ends of lines, and without blank lines twice.

    >>> tidy(" a \\n\\n\\n b ")
    'a\\n\\n b'
    """
    text = text.strip()
    if "\n" not in text:
        return text
    return _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("", text))


class _Block:
    """Text that is being put together, with the line breaks that it owes."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.owed = 0  # line breaks before the next text, however many asked for some

    def add(self, text: str, *, is_in_lines: bool) -> None:
        if not is_in_lines:
            text = _SPACES.sub(" ", text)
            if self.owed or not self.parts or self.parts[-1].endswith((" ", "\n")):
                text = text.lstrip(" ")
        elif self.owed and not text.strip():
            return
        if not text:
            return
        if self.owed:
            self._end_line()
            text = text.lstrip("\n")
        self.parts.append(text)

    def separate(self, breaks: int) -> None:
        if self.parts:
            self.owed = max(self.owed, breaks)

    def break_line(self) -> None:
        if self.owed:
            self._end_line()
        elif self.parts:
            self.parts[-1] = self.parts[-1].rstrip(" ")
        self.parts.append("\n")

    def _end_line(self) -> None:
        self.parts[-1] = self.parts[-1].rstrip()
        self.parts.append("\n" * self.owed)
        self.owed = 0

    def text(self) -> str:
        return "".join(self.parts)


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield a mark, a name or text, and attributes: `<`, `</`, or nothing for text."""
    place, has_comment_ends = 0, True
    while (start := text.find("<", place)) >= 0:
        if start > place:
            yield "", text[place:start], ""
        place = start
        if text.startswith("<!--", start) and has_comment_ends:
            end = text.find("-->", start + 4)
            has_comment_ends = end >= 0
            if has_comment_ends:
                place = end + 3
                continue
        tag = _TAG.match(text, start)
        if tag is not None:
            yield "<" + tag[1], tag[2].lower(), tag[3]
            place = tag.end()
        elif (
            text.startswith(("<!", "<?"), start) and (end := text.find(">", start)) > 0
        ):
            place = end + 1
        else:  # a sign like any other
            following = text.find("<", start + 1)
            place = len(text) if following < 0 else following
            yield "", text[start:place], ""
    if place < len(text):
        yield "", text[place:], ""


def _attributes(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, *quoted in _ATTRIBUTE.findall(text):
        values.setdefault(name.lower(), html.unescape("".join(quoted)))
    return values


class _TextReader:
    """Reads HTML as its text. Entities are decoded once."""

    def __init__(self, *, is_in_lines: bool) -> None:
        self._is_in_lines = is_in_lines
        self._blocks = [_Block()]
        self._hidden = 0
        self._link: tuple[str, int] | None = None  # its address, and where it begins

    def read(self, text: str) -> str:
        """Return the text, with what was left open closed."""
        for mark, value, attributes in _tokens(text):
            if not mark:
                self._read_text(html.unescape(value) if "&" in value else value)
            elif mark == "<":
                self._start(value, attributes)
            else:
                self._end(value)
        self._end_link()
        while len(self._blocks) > 1:
            self._end_quote()
        return self._blocks[0].text()

    def _start(self, tag: str, attributes: str) -> None:
        block = self._blocks[-1]
        if tag in _HIDDEN:
            self._hidden += not attributes.endswith("/")
        elif tag == "br":
            block.break_line()
        elif tag == "img":
            named = _attributes(attributes)
            self._read_text(named.get("alt") or named.get("src") or "")
        elif tag == "a":
            self._end_link()
            address = _attributes(attributes).get("href", "")
            self._link = address, len(block.parts)
        elif tag in _PARAGRAPHS:
            block.separate(2)
            if tag == "blockquote" and len(self._blocks) <= MAX_QUOTES:
                self._end_link()
                self._blocks.append(_Block())
        elif tag in _LINES:
            block.separate(1)
            if tag == "li":
                block.add("- ", is_in_lines=True)

    def _end(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "a":
            self._end_link()
        elif tag == "blockquote" and len(self._blocks) > 1:
            self._end_link()
            self._end_quote()
        elif tag in _PARAGRAPHS:
            self._blocks[-1].separate(2)
        elif tag in _LINES:
            self._blocks[-1].separate(1)

    def _read_text(self, data: str) -> None:
        if self._hidden or not data:
            return
        data = data.replace("\xa0", " ")
        self._blocks[-1].add(data, is_in_lines=self._is_in_lines)

    def _end_quote(self) -> None:
        quoted = tidy(self._blocks.pop().text())
        block = self._blocks[-1]
        if quoted:
            lines = "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
            block.separate(2)
            block.add(lines, is_in_lines=True)
        block.separate(2)

    def _end_link(self) -> None:
        if self._link is None:
            return
        (address, start), self._link = self._link, None
        parts = self._blocks[-1].parts
        shown = "".join(parts[start:])
        text = shown.strip()
        address = address.strip()
        if not address.lower().startswith(("http://", "https://")):
            return
        if not text or _is_same(text, address):
            before = shown[: len(shown) - len(shown.lstrip())] if text else ""
            parts[start:] = [before + address]
        else:
            parts.append(f" ({address})")


def _is_same(text: str, address: str) -> bool:
    """Tell whether a link shows its own address, perhaps shortened."""
    for end in ("...", "…"):
        if text.endswith(end):
            return _bare(address).startswith(_bare(text.removesuffix(end)))
    return _bare(text) == _bare(address)


def _bare(address: str) -> str:
    plain = re.sub(r"^https?://", "", address, flags=re.IGNORECASE)
    return plain.rstrip("/")
