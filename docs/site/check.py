"""Reads the HTML of the site: each link leads somewhere, nothing comes from outside."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Of an element, what a browser loads by itself.
LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src")}
NOT_LOADED = {"canonical", "index", "search", "next", "prev", "genindex"}
FETCHED = re.compile(r"(?:@import\s+|url\(\s*)[\"']?((?:https?:)?//[^\"')\s]+)")


class Page(HTMLParser):
    """What a page points to, and the anchors that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the anchors and the addresses of an element."""
        values = dict(attrs)
        self.anchors |= {
            value for name in ("id", "name") if (value := values.get(name))
        }
        for name, value in values.items():
            if value and (tag, name) in LOADED and values.get("rel") not in NOT_LOADED:
                self.loaded.append(value)
            elif value and name in ("href", "src"):
                self.links.append(value)


@cache
def read(path: Path) -> Page:
    """Return a page of the site."""
    return Page(path.read_text(encoding="utf-8"))


def faults(root: Path) -> Iterator[str]:
    """Yield what is wrong, a line each."""
    for path in sorted(root.rglob("*.html")):
        page, name = read(path), path.relative_to(root).as_posix()
        for target in page.loaded:
            if urlsplit(target).netloc:
                yield f"{name}: loads {target}"
        for target in [*page.links, *page.loaded]:
            if not _is_there(path, target):
                yield f"{name}: leads nowhere: {target}"
    for path in sorted(root.rglob("*.css")):
        for target in FETCHED.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root).as_posix()}: loads {target}"


def _is_there(path: Path, target: str) -> bool:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return parts.scheme in ("https", "mailto", "data")
    other = path.parent / unquote(parts.path) if parts.path else path
    if not other.is_file():
        return False
    is_page = other.suffix == ".html" and bool(parts.fragment)
    return not is_page or unquote(parts.fragment) in read(other.resolve()).anchors


def main() -> None:
    """Print the faults; end with status 1 if there are any."""
    root = Path(sys.argv[1]).resolve()
    found = list(faults(root))
    print("\n".join(found) or f"{len(list(root.rglob('*.html')))} pages, no fault.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
