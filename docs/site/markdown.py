"""Small pieces of Markdown, for the pages that are generated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

CODE = re.compile(r"(`[^`]*`)")


def prose(text: str) -> str:
    """Return a text of the code so that Markdown shows it as it is written.

    Text in back-ticks is also code there; nothing else is markup.
    """
    parts = CODE.split(" ".join(text.split()))
    parts[::2] = [re.sub(r"([\\<>*_\[\]|{}])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def cell(text: str) -> str:
    """Return Markdown that is safe in a cell of a table."""
    return re.sub(r"(?<!\\)\|", r"\\|", text.replace("\n", " ")).strip() or "–"


def code(text: str) -> str:
    """Return a text as inline code."""
    return f"`{text}`"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; empty if it has no rows."""
    lines = ["| " + " | ".join(cell(each) for each in row) + " |" for row in rows]
    if not lines:
        return ""
    rule = "| " + " | ".join("---" for _ in head) + " |"
    return "\n".join(["| " + " | ".join(head) + " |", rule, *lines])


def page(title: str, *parts: str) -> str:
    """Return a page of paragraphs and tables; empty ones are left out."""
    return "\n\n".join([f"# {title}", *(part for part in parts if part)]) + "\n"
