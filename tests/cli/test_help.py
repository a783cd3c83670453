"""`--help` reads like a manual, errors say what to do, and scripts get JSON."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from moderation.cli import output
from moderation.cli.completion import SHELLS
from moderation.cli.main import main
from moderation.cli.manual import SECTIONS
from moderation.config import load
from moderation.errors import ConfigurationError
from tests.builders import ENVIRONMENT, Newsroom
from tests.cli.typed import run
from tests.refusals import on_sqlite

MAX_COLUMNS = 80  # of a terminal
POSTGRESQL = "postgresql+psycopg://moderation:s3cret@db/moderation"


def walk(
    group: click.Group, names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield each command with its names, groups included."""
    yield names, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from walk(command, (*names, name))
        else:
            yield (*names, name), command


COMMANDS = list(walk(main))


@pytest.mark.parametrize(
    ("names", "command"), COMMANDS, ids=[" ".join(names) for names, _ in COMMANDS]
)
def test_each_command_explains_itself_and_its_options(
    names: tuple[str, ...], command: click.Command
) -> None:
    result = CliRunner().invoke(main, [*names, "--help"], terminal_width=MAX_COLUMNS)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= MAX_COLUMNS
    assert not any(line.endswith("...") for line in lines if "[" not in line)
    assert (command.help or "").split("\n")[0].rstrip().endswith((".", ":"))
    for option in command.params:
        assert not isinstance(option, click.Option) or option.help, option.opts
    if isinstance(command, click.Group):
        shown = " ".join(result.output.split())
        for each in command.commands.values():
            first = (each.help or "").split("\n\n")[0]
            sentence = " ".join(first.split()).split(". ")[0].removesuffix(".")
            assert sentence in shown


def test_each_command_has_one_section() -> None:
    named = [name for names in SECTIONS.values() for name in names]
    assert sorted(named) == sorted(main.commands)
    shown = CliRunner().invoke(main, ["--help"]).output
    for title in SECTIONS:
        assert f"\n{title}:\n" in shown


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_reads_its_completion_script(shell: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert "_MODERATION_COMPLETE" in result.output
    program = shutil.which(shell)
    if program is not None:
        command = [program, "-n"] if shell != "fish" else [program, "--no-execute"]
        subprocess.run(command, input=result.output, text=True, check=True)


def test_commands_and_options_are_completed() -> None:
    variables = {
        "_MODERATION_COMPLETE": "bash_complete",
        "COMP_WORDS": "moderation staff re",
        "COMP_CWORD": "2",
    }
    result = CliRunner(env=variables).invoke(main, prog_name="moderation")
    assert result.output.split() == ["plain,reset-password"]


@pytest.mark.parametrize(
    ("name", "value", "package", "extra"),
    [
        ("DATABASE_URL", POSTGRESQL, "psycopg", "postgres"),
        ("DATABASE_URL", "postgresql://db/moderation", "psycopg", "postgres"),
        ("DATABASE_URL", "postgres://db/moderation", "psycopg", "postgres"),
        ("MODERATION_RATE_LIMIT_STORAGE", "redis://cache", "redis", "redis"),
        ("MODERATION_RATE_LIMIT_STORAGE", "rediss://cache", "redis", "redis"),
        ("MODERATION_DASK_SCHEDULER", "tls://scheduler", "distributed", "scale"),
    ],
)
def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, package: str, extra: str
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n, *a: None if n == package else find(n, *a)
    )
    with pytest.raises(ConfigurationError) as caught:
        load({**ENVIRONMENT, name: value})
    assert name in str(caught.value)
    assert f"pip install 'moderation[{extra}]'" in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://a:b%40c@db/m", "postgresql+psycopg://a:b%40c@db/m"),
        ("postgresql://db/m?host=/run", "postgresql+psycopg://db/m?host=%2Frun"),
        (POSTGRESQL, POSTGRESQL),
        (
            "postgres://db/m?prepare_threshold=none",
            "postgresql+psycopg://db/m?prepare_threshold=none",
        ),
        ("sqlite:////var/m.sqlite", "sqlite:////var/m.sqlite"),
    ],
)
def test_the_database_gets_the_driver_that_the_service_uses(
    given: str, read: str
) -> None:
    assert load({**ENVIRONMENT, "DATABASE_URL": given}).database_url == read


@pytest.mark.parametrize(
    "url",
    [
        "mysql://db/m",
        "postgresql+psycopg2://db/m",
        "postgresql://db/m?prepare_threshold=off",
        "m",
    ],
)
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL can.t be read"):
        load({**ENVIRONMENT, "DATABASE_URL": url})


@on_sqlite
@pytest.mark.usefixtures("commands_find_the_database")
def test_lists_are_printed_as_json(newsroom: Newsroom) -> None:
    (key,) = json.loads(run_json("keys", "list", "gazette"))
    assert key["name"]
    assert not any(word in key for word in ("hash", "secret"))
    staff = json.loads(run("staff", "list", "--json").output)
    assert {person["username"] for person in staff} >= {"gazette-admin"}
    assert staff[0]["roles"][0]["sections"] == []
    models = json.loads(run("models", "--json").output)
    assert [model["is_active"] for model in models] == [True]
    assert json.loads(run("jobs", "--json").output) == []
    (site,) = json.loads(run_json("sites", "list"))
    assert site["name"] == "gazette"
    assert CliRunner().invoke(main, ["sites", "list"]).output == "gazette\n"


def run_json(*words: str) -> str:
    return CliRunner().invoke(main, [*words, "--json"]).output


def test_work_that_takes_long_is_shown_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = threading.Event()
    echo = click.echo

    def listen(text: str, **more: object) -> None:
        echo(text, err=True)
        if "0043 is done" in text:
            written.set()

    monkeypatch.setattr(click, "echo", listen)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(output, "QUIET_SECONDS", 0.001)
    monkeypatch.setattr(output, "STEP_SECONDS", 0.001)
    with output.busy("Migrating") as show:
        show("0043 is done")
        assert written.wait(10)
    assert "0043 is done … 0 s" in capsys.readouterr().err


def test_nothing_is_shown_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with output.busy("Migrating") as show:
        show("further")
    assert capsys.readouterr() == ("", "")
