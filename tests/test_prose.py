"""Constructions that our texts and our code don't use.

A match isn't always wrong, and a text without any isn't always good. But each of these
has hidden who does what from a reader before. Write the noun, the actor, or the plain
verb instead; the right column says which.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import CODE, FENCE, LINK, ROOT, paths, text_of

#: By name: what is searched, and what to write instead.
BANNED: dict[str, tuple[str, str]] = {
    "told": (r"\b(told|said|unsay)\b", "stored, returned, sent, recorded"),
    "whoever": (r"\b(whoever|whatever|whichever)\b", "the moderator, the client, any"),
    "nobody": (
        r"\b(nobody|somebody)\b",
        "no one, a moderator, a reader, another person",
    ),
    "what comes": (
        r"\bwhat (waits?|came|comes|stands|becomes|became|people)\b",
        "a noun: pending comments, new comments",
    ),
    "in hand": (
        r"\b(in|out of) \w* ?hands?\b|\bhandful\b|\ba hand\b|\b(prolong|lapse)\w*",
        "reserved, claimed, renew, extend, expire",
    ),
    "take back": (
        r"\b(takes?|taken|took|taking|gives?|given) (\w+ ){0,2}back\b",
        "undo, undone; release",
    ),
    "anew": (r"\b(anew|likewise|lately|of late|besides)\b", "again, also, recently"),
    "of ours": (r"\b(of ours|of yours)\b|\bby lot\b", "our, your; at random"),
    "learnt": (r"\b(learnt|lessons?|taught)\b", "learned, training example"),
    "beside": (
        r"\b(beside|nevertheless|in force)\b",
        "compared with, next to, current",
    ),
    "foreign": (
        r"\bforeign\b(?! key| language)",
        "third-party, compatible, of another site",
    ),
    "spelling": (
        r"[0-9] %|\be-mail|\b(licence|colour|behaviour|labelled|normalis\w+)\b",
        "95%, email, and the spelling of the United States",
    ),
}
#: Where a match is often right: how many the docs and catalogues have at most.
DOUBTFUL: dict[str, tuple[str, int]] = {
    "what is": (r"\bwhat (is|was)\b", 88),
    "stands": (r"\b(stands?|stood)\b", 20),
    "waits": (r"\bwait(s|ing)? for (a|an|the|people)\b|\bwaits?\b", 38),
    "look at": (
        r"\blook(s|ed)?( \w+)? at\b|\b(second|blind|another) looks?\b|\blooks\b",
        44,
    ),
    "people": (r"\bthe machine\b|\ba person\b|\bpeople\b", 135),
    "otherwise": (r"\b(otherwise|alike|meanwhile|at once)\b", 62),
    "too": (r", too\b", 24),
    "by itself": (r"\bby (itself|themselves)\b", 24),
    "speaks": (r"\bspeaks?\b|\b(teach|teaches|silent(ly)?)\b", 25),
}
#: Where the code means the word itself: by module and construction, how often.
KEPT: dict[str, dict[str, int]] = {
    # The words and the example by which it detects negation in comments.
    "classifiers/text/negation.py": {"told": 2, "nobody": 2},
    # The mask that stored texts have in place of an email address.
    "moderation/privacy.py": {"spelling": 2},
}

ENGLISH = ROOT / "moderation" / "languages" / "catalogue" / "en"
#: What has been released keeps its words; the card changes with each model.
NOT_HELD = ("CHANGELOG.md", "classifiers/pretrained/MODEL_CARD.md")
FOLDERS = ("benchmarks", "classifiers", "deploy", "docs", "moderation", "tests")
#: What a module says, found without the seconds that a tokenizer takes for all of them.
PROSE = re.compile(
    r'(?P<docstring>^[ \t]*""".*?""")|""".*?"""'
    r'|(?P<string>"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
    r"|(?P<comment>#[^\n]*)",
    re.DOTALL | re.MULTILINE,
)
INSERTED = re.compile(r"\{[^{}\n]*\}")
#: The comments of scripts, styles, and templates.
REMARK = re.compile(r"(?:^|\s)//[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL | re.MULTILINE)
#: Their other strings are readers' comments, or what a response has.
ONLY_DOCSTRINGS = ("benchmarks", "tests")
SENTENCES = ROOT / "classifiers" / "data"  # to train on


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, str):
        yield re.sub(r"\{\w+\}", "", value)


def page_prose(page: str) -> str:
    """Return a page without blocks, code, targets of links, and marks."""
    text = FENCE.sub("", text_of(page))
    text = CODE.sub("", text)
    text = LINK.sub(lambda match: match[0].replace(match["target"], ""), text)
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


def pages() -> list[str]:
    """Return the pages that a user reads."""
    folders = ("docs/", "deploy/", "classifiers/")
    return [
        page
        for page in paths()
        if page not in NOT_HELD and ("/" not in page or page.startswith(folders))
    ]


def catalogues() -> list[str]:
    """Return the English catalogues: of the console, mails, and further texts."""
    return sorted(path.relative_to(ROOT).as_posix() for path in ENGLISH.rglob("*.json"))


@cache
def read(name: str) -> str:
    """Return the prose of a page or a catalogue."""
    if name.endswith(".md"):
        return page_prose(name)
    return "\n".join(_texts(json.loads((ROOT / name).read_text(encoding="utf-8"))))


def code_prose(path: Path) -> str:
    """Return the comments of a module, and its strings with blanks between words."""
    is_data = path.relative_to(ROOT).parts[0] in ONLY_DOCSTRINGS
    kinds = {"docstring", "comment"} if is_data else {"docstring", "comment", "string"}
    found = PROSE.finditer(path.read_text(encoding="utf-8"))
    prose = "\n".join(
        match[0] for match in found if match.lastgroup in kinds and " " in match[0]
    )
    return INSERTED.sub("", CODE.sub("", prose))


def matches(pattern: str, text: str) -> list[str]:
    """Return the lines in which a pattern is found."""
    found = re.compile(pattern, re.IGNORECASE)
    return [line.strip() for line in text.splitlines() for _ in found.finditer(line)]


def over(counts: dict[str, int], limits: dict[str, int]) -> dict[str, int]:
    """Return how far each construction is over its limit, where it is."""
    return {
        title: count - limits[title]
        for title, count in counts.items()
        if count > limits[title]
    }


@pytest.mark.parametrize("name", [*pages(), *catalogues()])
def test_texts_for_users_have_none_of_them(name: str) -> None:
    bad = {
        f"{title} (write: {instead})": lines
        for title, (pattern, instead) in BANNED.items()
        if (lines := matches(pattern, read(name)))
    }
    assert bad == {}


def test_what_is_often_right_gets_no_more_frequent() -> None:
    texts = [read(name) for name in (*pages(), *catalogues())]
    counts = {
        title: sum(len(matches(pattern, text)) for text in texts)
        for title, (pattern, _) in DOUBTFUL.items()
    }
    limits = {title: limit for title, (_, limit) in DOUBTFUL.items()}
    assert over(counts, limits) == {}


def found_in(text: str) -> dict[str, list[str]]:
    """Return the lines of a text with each construction."""
    lines = {title: matches(pattern, text) for title, (pattern, _) in BANNED.items()}
    return {title: each for title, each in lines.items() if each}


def test_the_code_has_none_of_them_but_where_it_means_the_word() -> None:
    bad = {}
    for path in [path for each in FOLDERS for path in (ROOT / each).rglob("*.py")]:
        if SENTENCES in path.parents or "node_modules" in path.parts:
            continue
        name = path.relative_to(ROOT).as_posix()
        lines, kept = found_in(code_prose(path)), KEPT.get(name, {})
        if {title: len(each) for title, each in lines.items()} != kept:
            bad[name] = lines
    assert bad == {}


@pytest.mark.parametrize("ending", ["js", "css", "html"])
def test_scripts_styles_and_templates_have_none_in_comments(ending: str) -> None:
    paths = [*(ROOT / "moderation").rglob(f"*.{ending}")]
    remarks = {
        path.relative_to(ROOT).as_posix(): CODE.sub(
            "", "\n".join(REMARK.findall(path.read_text(encoding="utf-8")))
        )
        for path in paths
    }
    bad = {name: found_in(text) for name, text in remarks.items()}
    assert {name: lines for name, lines in bad.items() if lines} == {}


@pytest.mark.parametrize(
    "text", ["He told me.", "Whatever fails", "a 5 % share", "what comes next"]
)
def test_a_banned_construction_is_found(text: str) -> None:
    assert any(matches(pattern, text) for pattern, _ in BANNED.values())
