"""Site keys by command."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result

from moderation.accounts.staff import Role
from moderation.cli.main import main
from moderation.database import db
from moderation.sites import sites
from moderation.sites.keys import KeyScope, is_key_format
from moderation.web.services import services_of
from tests.builders import Newsroom
from tests.refusals import on_sqlite

FROM_PAGE = "--origin=https://gazette.example"

pytestmark = [on_sqlite, pytest.mark.usefixtures("commands_find_the_database")]


def run(*words: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["keys", *words])
    assert result.exit_code == exit_code, result.output
    return result


def create(*words: str) -> str:
    return run("create", "gazette", "--name", "page", *words).output.strip()


def newest_id(newsroom: Newsroom) -> str:
    listed = newsroom.as_staff(Role.ADMIN).get("/api/v1/sites/gazette/keys").json
    return str(listed["keys"][-1]["id"])


def test_a_key_is_created_and_printed_alone(newsroom: Newsroom) -> None:
    origin = "https://gazette.example"
    words = ("--scope", "report", "--scope", "score", "--origin", origin)
    secret = create(*words, "--expires-days", "30")
    assert is_key_format(secret)
    site = sites.find_by_key(db.session(), secret, services_of(newsroom.app).token_key)
    assert site is not None
    assert site.key is not None
    assert site.key.scopes == {KeyScope.SCORE, KeyScope.REPORT}
    assert site.key.origins == (origin,)


def test_the_list_shows_keys_without_secrets(newsroom: Newsroom) -> None:
    secret = create("--scope", "submit", "--expires-days", "30")
    revoked = create("--scope", "score", "--origin", "https://gazette.example")
    run("revoke", "gazette", newest_id(newsroom))
    listed = run("list", "gazette").output
    for line in (
        r"\d+  unnamed\n +valid; all scopes\n +created \S+, last used never",
        r"\d+  page\n +valid until \S+ \S+; submit\n",
        r"\d+  page\n +revoked \S+ \S+; score\n"
        r" +from browsers at https://gazette\.example\n",
    ):
        assert re.search(line, listed), listed
    assert secret not in listed
    assert f"key for pages: {revoked}" in listed  # its pages show it as well


def test_a_key_is_replaced_by_command(newsroom: Newsroom) -> None:
    create("--scope", "submit")
    key_id = newest_id(newsroom)
    assert is_key_format(run("rotate", "gazette", key_id).output.strip())
    assert "valid until" in run("list", "gazette").output


def test_a_revocation_names_the_scopes_that_are_lost(newsroom: Newsroom) -> None:
    create("--scope", "score")
    key_id = newest_id(newsroom)
    output = run("revoke", "gazette", key_id).output
    assert output == f"Revoked key {key_id} (page) of gazette.\n"
    create("--scope", "score")
    output = run("revoke", "gazette", str(int(key_id) - 1)).output
    lost = (
        "No valid key of gazette has these scopes any more: "
        "read, submit, report, manage."
    )
    assert lost in output


@pytest.mark.usefixtures("newsroom")
@pytest.mark.parametrize(
    ("words", "exit_code", "complaint"),
    [
        (["create", "gazette", "--name", "a"], 2, "--scope"),
        (["create", "gazette", "--name", "a", "--scope", "erase"], 2, "erase"),
        (["create", "gazette", "--name", " ", "--scope", "score"], 1, "name: "),
        (
            ["create", "gazette", "--name", "a", "--scope", "submit", FROM_PAGE],
            1,
            "scopes: A key with origins can only have read, score, and report.",
        ),
        (["revoke", "gazette", "99"], 1, "No such key."),
        (["rotate", "gazette", "99"], 1, "No such key."),
        (["list", "nowhere"], 1, "There is no site"),
    ],
)
def test_wrong_input_is_named(words: list[str], exit_code: int, complaint: str) -> None:
    assert complaint in run(*words, exit_code=exit_code).output


@pytest.mark.usefixtures("newsroom")
def test_origins_of_a_site_print_a_hint() -> None:
    words = ["integrate", "gazette", "--origin", "https://gazette.example"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0
    assert "moderation keys create gazette --scope score" in result.stderr
