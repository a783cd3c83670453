"""The table of contents: the sections of `docs/index.md`, with their links in order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

INDEX = "docs/index.md"
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+\.md)[^)]*\)")


def sections(index: str) -> dict[str, list[str]]:
    """Return the pages of each section, as paths by the repository, each page once."""
    parts = SECTION.split(index)
    seen: set[str] = set()
    contents = {}
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        paths = [resolve(target) for target in LINK.findall(text)]
        contents[title] = [path for path in dict.fromkeys(paths) if path not in seen]
        seen |= set(paths)
    return contents


def resolve(target: str) -> str:
    """Return the path by the repository of a link in the index."""
    path = PurePosixPath(INDEX).parent / target
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def with_contents(index: str, generated: Mapping[str, list[str]]) -> str:
    """Return the index with a hidden table of contents for each of its sections."""
    blocks = []
    for title, paths in sections(index).items():
        entries = [*paths, *generated.get(title, ())]
        names = "\n".join(f"/{Path(each).with_suffix('')}" for each in entries)
        blocks.append(f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n{names}\n```\n")
    return index + "\n" + "\n".join(blocks)
