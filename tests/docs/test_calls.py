"""Calls and commands that our pages name in passing exist, with their options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest
from flask import Flask
from werkzeug.routing import RequestRedirect

from moderation import create_app
from moderation.cli.main import main
from tests.builders import ENVIRONMENT
from tests.docs.pages import inline_code, paths, prose

METHODS = "GET|POST|PUT|PATCH|DELETE"
CALL = re.compile(rf"(?:`(?:{METHODS})`[ ·,]*)*`(?:{METHODS}) (/[^` ]+)`")
METHOD = re.compile(METHODS)
VALUES = {  # of what the pages put into braces
    "site": "gazette",
    "article": "https:%2F%2Fcourier.example%2F1",
    "version": "gazette-7",
}


@pytest.fixture(scope="module")
def served() -> Flask:
    """The service, without calls."""
    return create_app({**ENVIRONMENT, "DATABASE_URL": "sqlite://"})


def calls(page: str) -> Iterator[tuple[str, str]]:
    """Yield the method and path of each call that the prose names in full."""
    for match in CALL.finditer(prose(page)):
        for method in METHOD.findall(match[0].rpartition("/api")[0] or match[0]):
            yield method, match[1]


@pytest.mark.parametrize("page", [each for each in paths() if list(calls(each))])
def test_calls_that_are_named_exist(page: str, served: Flask) -> None:
    router = served.url_map.bind("localhost")
    gone = []
    for method, path in calls(page):
        filled = re.sub(
            r"\{(\w+)\}", lambda each: VALUES.get(each[1], "1"), path
        ).partition("?")[0]
        try:
            router.match(filled, method=method)
        except RequestRedirect:
            continue
        except Exception as error:  # noqa: BLE001 - any of them is a finding
            gone.append(f"{method} {path}: {type(error).__name__}")
    assert gone == []


def commands(page: str) -> list[str]:
    """Return our commands that the prose names."""
    return [
        text
        for text in inline_code(page)
        if re.match(r"moderation (?!\d)[a-z]", text)
        and not text.startswith("moderation worker`")
    ]


@pytest.mark.parametrize("page", [each for each in paths() if commands(each)])
def test_commands_that_are_named_exist(page: str) -> None:
    for text in commands(page):
        _, *words = shlex.split(text.partition(" …")[0])
        command: click.Command | None = main
        while isinstance(command, click.Group) and words and words[0][0] != "-":
            command = command.commands.get(words.pop(0))
        assert command is not None, text
        options = {
            option
            for parameter in command.params
            if isinstance(parameter, click.Option)
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        assert {each for each in words if each.startswith("--")} <= options, text
