"""Reads our Markdown pages: blocks with their marks, links, anchors, inline code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("benchmarks", "classifiers", "deploy", "docs", "moderation", "tests")

FENCE = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)(?: \"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} (?P<title>.+?)#*$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    mark: str  #: of the comment right above it; empty: none

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def paths() -> tuple[str, ...]:
    """Return the paths of all Markdown files of the project, by the repository."""
    found = [*ROOT.glob("*.md")]
    for folder in FOLDERS:
        found += (ROOT / folder).rglob("*.md")
    pages = (path.relative_to(ROOT) for path in found)
    return tuple(
        sorted(each.as_posix() for each in pages if "node_modules" not in each.parts)
    )


@cache
def text_of(page: str) -> str:
    """Return the text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def blocks() -> tuple[Block, ...]:
    """Return the fenced blocks of all pages."""
    return tuple(block for page in paths() for block in _blocks(page))


def _blocks(page: str) -> Iterator[Block]:
    text = text_of(page)
    for match in FENCE.finditer(text):
        yield Block(
            page=page,
            line=text.count("\n", 0, match.start("language")) + 1,
            language=match["language"],
            text=match["text"],
            mark=match["mark"] or "",
        )


def prose(page: str) -> str:
    """Return a page without its blocks."""
    return FENCE.sub("", text_of(page))


def links(page: str) -> list[str]:
    """Return the targets of a page's links and images."""
    return [match["target"] for match in LINK.finditer(CODE.sub("", prose(page)))]


def inline_code(page: str) -> list[str]:
    """Return the text in back-ticks in the prose of a page."""
    return CODE.findall(prose(page))


@cache
def anchors(page: str) -> frozenset[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    names: dict[str, int] = {}
    made = []
    for match in HEADING.finditer(prose(page)):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match["title"].strip())
        name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        count = names.get(name, 0)
        names[name] = count + 1
        made.append(f"{name}-{count}" if count else name)
    return frozenset(made)
