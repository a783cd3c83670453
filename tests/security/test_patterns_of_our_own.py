"""Texts that make one of our patterns try every way to cut them up.

Based on the outages of Cloudflare on 2 July 2019 (one pattern of a firewall rule took
all processors of its network for 27 minutes) and of Stack Overflow on 20 July 2016 (a
comment with 20,000 spaces). `make fuzz` found such a pattern in our lists of words.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as codes
from re import _parser as parser
from types import ModuleType
from typing import Any

import pytest

import classifiers
import moderation
from moderation.rules.words import get_keys

PROGRAMS = ("__main__", ".wsgi", ".gunicorn_settings")  # do something when imported
NEEDS_PYTORCH = "classifiers.training.encoder."  # which the service doesn't install
UNBOUNDED = codes.MAXREPEAT


def modules() -> Iterator[ModuleType]:
    for package in (classifiers, moderation):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in found.name or found.name.endswith(PROGRAMS):
                continue
            if not found.name.startswith(NEEDS_PYTORCH):
                yield importlib.import_module(found.name)


def patterns() -> dict[str, str]:
    """Return the compiled patterns of all modules, by where they are."""
    return {
        f"{module.__name__}.{name}": value.pattern
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str)
    }


def alternatives(items: Any) -> list[list[Any]]:
    """Return what a repeated group may be: its branches, without what may be empty."""
    branch = list(items)
    if len(branch) == 1:
        code, argument = branch[0]
        if code is codes.BRANCH:
            return [each for part in argument[1] for each in alternatives(part)]
        if code is codes.SUBPATTERN:
            return alternatives(argument[-1])
    return [[item for item in branch if not may_be_empty(item)] or branch[:1]]


def may_be_empty(item: Any) -> bool:
    code, argument = item
    is_repeat = code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
    return is_repeat and argument[0] == 0


def is_unbounded(item: Any) -> bool:
    code, argument = item
    return code in {codes.MAX_REPEAT, codes.MIN_REPEAT} and argument[1] is UNBOUNDED


def nested(items: Any) -> bool:
    """Return whether a repeat without end repeats nothing but such a repeat."""
    for code, argument in items:
        if code in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
            _, most, repeated = argument
            inner = alternatives(repeated)
            if most is UNBOUNDED and any(
                len(branch) == 1 and is_unbounded(branch[0]) for branch in inner
            ):
                return True
            if nested(repeated):
                return True
        elif code is codes.BRANCH:
            if any(nested(part) for part in argument[1]):
                return True
        elif code in {codes.SUBPATTERN, codes.POSSESSIVE_REPEAT} and nested(
            argument[-1]
        ):
            return True
    return False


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"(a+)+b", True),
        (r"(?:a+(?:-a+)*|c)+", True),
        (r"(?:(?:a*)*)", True),
        (r"(?:a++(?:-a++)*+|c)++", False),
        (r"(?:-a+)+", False),
        (r"[a-z]+(?:\.[a-z]+)+", False),
    ],
)
def test_the_check_finds_what_it_looks_for(pattern: str, expected: bool) -> None:
    assert nested(parser.parse(pattern)) is expected


def test_no_pattern_of_ours_nests_repeats() -> None:
    known = patterns()
    assert len(known) > 20
    assert [name for name in known if nested(parser.parse(known[name]))] == []


def test_a_word_that_ends_in_no_letter_is_read_at_once() -> None:
    assert get_keys("i" + "P" * 5_000 + "\ufffd")[0].startswith("ipp")
