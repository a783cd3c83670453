"""What our pages point to is there: pages, headings, images, modules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, inline_code, links, paths, prose

OUTSIDE = re.compile(r"[a-z]+:")
MODULE = re.compile(r"(?:\.?[\w-]+/)*[\w-]+\.(?:py|lock|toml|mjs|safetensors|npz)")

#: Named in prose as files of others, or of the reader.
NOT_OURS: frozenset[str] = frozenset()


@pytest.mark.parametrize("page", paths())
def test_links_and_images_lead_somewhere(page: str) -> None:
    dead = [link for link in links(page) if not _is_there(page, link)]
    assert dead == []


def _is_there(page: str, link: str) -> bool:
    if OUTSIDE.match(link):
        return link.startswith(("https://", "mailto:"))
    target, _, anchor = link.partition("#")
    path = (ROOT / page).parent / target if target else ROOT / page
    if not path.exists():
        return False
    if not anchor:
        return True
    return anchor in anchors(str(path.resolve().relative_to(ROOT)))


@pytest.mark.parametrize("page", paths())
def test_images_say_what_they_show(page: str) -> None:
    assert re.findall(r"!\[\s*\]\(", prose(page)) == []


@pytest.mark.parametrize("page", [each for each in paths() if each != "CHANGELOG.md"])
def test_modules_that_are_named_are_there(page: str) -> None:
    named = {text for text in inline_code(page) if MODULE.fullmatch(text)}
    known = {
        path.relative_to(ROOT).as_posix()
        for folder in (
            "benchmarks",
            "classifiers",
            "deploy",
            "docs",
            "moderation",
            "tests",
        )
        for path in (ROOT / folder).rglob("*.*")
    } | {path.name for path in ROOT.iterdir()}
    gone = {
        name
        for name in named - NOT_OURS
        if not any(each == name or each.endswith(f"/{name}") for each in known)
    }
    assert gone == set()


def test_there_is_something_to_follow() -> None:
    assert Path(ROOT / "README.md").exists()
    assert sum(len(links(page)) for page in paths()) >= 40
