"""The `moderation` command: what it does, and how it reads when the input is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation.cli.main import main
from moderation.sites.keys import is_key_format
from tests.builders import PASSWORD

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def runner(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    """A runner with the settings of the service under test, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("MODERATION_")]:
        monkeypatch.delenv(name)
    return CliRunner(env={**environment, "MODERATION_LOG_LEVEL": "WARNING"})


def run(runner: CliRunner, *arguments: str, **env: str) -> Result:
    return runner.invoke(main, list(arguments), env=env)


def add_staff(runner: CliRunner, *arguments: str, password: str = PASSWORD) -> Result:
    return run(runner, "add-staff", *arguments, "--password", password)


def test_migrate_tells_the_revision(runner: CliRunner, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite"
    result = run(runner, "migrate", DATABASE_URL=url)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("The database is at ")


def test_migrate_twice_is_harmless(runner: CliRunner) -> None:
    first, second = run(runner, "migrate"), run(runner, "migrate")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output == second.output


def test_a_new_site_gets_a_key(runner: CliRunner) -> None:
    result = run(runner, "add-site", "gazette")
    assert result.exit_code == 0, result.output
    assert is_key_format(result.output.strip())


def test_a_further_key_is_another_one(runner: CliRunner) -> None:
    first = run(runner, "add-site", "gazette").output
    second = run(runner, "add-key", "gazette")
    assert second.exit_code == 0
    assert is_key_format(second.output.strip())
    assert second.output != first


def test_a_person_gets_a_role(runner: CliRunner) -> None:
    run(runner, "add-site", "gazette")
    result = add_staff(runner, "ada", "--site", "gazette", "--role", "lead")
    assert (result.exit_code, result.output) == (0, "ada is lead at gazette.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add-site", "The Gazette"], "name: Must be 1 to 63"),
        (["add-site", "gazette"], "A site of this name exists."),
        (["add-site", "new", "--default", "never"], "'never' is not one of"),
        (["add-key", "nowhere"], "There is no site 'nowhere'."),
        (["add-staff", "ada", "--site", "nowhere", "--password", PASSWORD], "no site"),
        (
            ["add-staff", "Ada L", "--site", "gazette", "--password", "short"],
            "login: Must be 1 to 63",
        ),
        (
            ["add-staff", "ada", "--site", "gazette", "--password", "short"],
            "password: Must have 12 characters or more.",
        ),
        (
            ["add-staff", "bob", "--site", "gazette", "--password", PASSWORD],
            "A person with this login exists.",
        ),
        (["add-staff", "ada", "--password", PASSWORD], "Missing option '--site'"),
        (["promise"], "No such command"),
    ],
)
def test_wrong_input_reads_well(
    runner: CliRunner, arguments: list[str], said: str
) -> None:
    run(runner, "add-site", "gazette")
    add_staff(runner, "bob", "--site", "gazette")
    result = run(runner, *arguments)
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert "Traceback" not in result.output
    assert PASSWORD not in result.output


def test_a_refused_person_is_not_stored(runner: CliRunner) -> None:
    run(runner, "add-site", "gazette")
    add_staff(runner, "ada", "--site", "nowhere")
    assert add_staff(runner, "ada", "--site", "gazette").exit_code == 0


def test_missing_settings_are_named(runner: CliRunner) -> None:
    result = run(runner, "migrate", MODERATION_SECRET_KEY="", MODERATION_EMAIL_KEYS="")
    assert result.exit_code == 1
    assert "MODERATION_SECRET_KEY is missing" in result.output
    assert "MODERATION_EMAIL_KEYS is missing" in result.output


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all.sqlite", "postgresql+psycopg://x@127.0.0.1:1/x"]
)
@pytest.mark.parametrize("command", [["migrate"], ["add-site", "gazette"]])
def test_a_database_that_is_away_reads_well(
    runner: CliRunner, url: str, command: list[str]
) -> None:
    result = run(runner, *command, DATABASE_URL=url)
    assert result.exit_code == 1
    assert "database" in result.output
    assert "Traceback" not in result.output


def test_a_database_without_tables_reads_well(
    runner: CliRunner, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/empty.sqlite"
    result = run(runner, "add-site", "gazette", DATABASE_URL=url)
    assert result.exit_code == 1
    assert "moderation migrate" in result.output


def test_an_invitation_is_printed_once(runner: CliRunner) -> None:
    run(runner, "add-site", "gazette")
    arguments = ["--site", "gazette", "--section", "Sport", "--section", "Opinion"]
    result = run(runner, "staff", "invite", "grace", *arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("/console/password/")
    assert "Works once, until" in result.stderr
    listed = run(runner, "staff", "list", "--site", "gazette").output
    assert "moderator in Opinion, Sport" in listed
    assert "invited" in listed
    again = run(runner, "staff", "reset-password", "grace")
    assert again.stdout.startswith("/console/password/")
    assert again.stdout != result.stdout


def test_access_is_taken_and_given_back(runner: CliRunner) -> None:
    run(runner, "add-site", "gazette")
    add_staff(runner, "ada", "--site", "gazette", "--role", "admin")
    add_staff(runner, "grace", "--site", "gazette")
    changed = run(
        runner, "staff", "role", "grace", "--site", "gazette", "--role", "lead"
    )
    assert changed.output == "grace is lead in gazette.\n"
    assert run(runner, "staff", "disable", "grace").output == "grace is disabled.\n"
    assert "disabled" in run(runner, "staff", "list", "--site", "gazette").output
    assert run(runner, "staff", "enable", "grace").exit_code == 0
    ended = run(runner, "staff", "end-sessions", "grace")
    assert ended.output == "0 sessions and tokens of grace ended.\n"
    removed = run(runner, "staff", "role", "grace", "--site", "gazette", "--remove")
    assert removed.exit_code == 0
    last = run(runner, "staff", "disable", "ada")
    assert last.exit_code == 1
    assert "needs an active admin" in last.output


PROVIDER = {
    "MODERATION_OIDC_ISSUER": "https://login.example",
    "MODERATION_OIDC_CLIENT_ID": "moderation",
    "MODERATION_OIDC_CLIENT_SECRET": "of the tests",
    "MODERATION_OIDC_ROLES": "desk=demo:moderator",
}


def test_the_commands_of_docs_staff_md_link_an_account(runner: CliRunner) -> None:
    """Those of docs/staff.md that need a provider in the settings."""
    run(runner, "add-site", "gazette")
    run(runner, "staff", "invite", "grace", "--site", "gazette")
    link = ["staff", "link", "grace", "--subject", "248289761001"]
    assert "can log in" in run(runner, *link, **PROVIDER).output
    listed = run(runner, "staff", "list", "--site", "gazette").output
    assert "active" in listed.split("moderator")[1]
    add_staff(runner, "ada", "--site", "gazette")
    other = run(runner, "staff", "link", "ada", *link[3:], **PROVIDER)
    assert other.exit_code == 1
    assert "linked to grace" in other.output
    assert "can no longer" in run(runner, "staff", "unlink", "grace", **PROVIDER).output
    again = run(runner, "staff", "unlink", "grace", **PROVIDER)
    assert again.exit_code == 1


def test_a_link_needs_a_provider(runner: CliRunner) -> None:
    result = run(runner, "staff", "link", "grace", "--subject", "248289761001")
    assert result.exit_code == 1
    assert "MODERATION_OIDC_ISSUER is missing" in result.output


def test_there_are_no_invitations_without_passwords(runner: CliRunner) -> None:
    run(runner, "add-site", "gazette")
    closed = {**PROVIDER, "MODERATION_LOCAL_LOGIN": "false"}
    arguments = ["staff", "invite", "grace", "--site", "gazette"]
    result = run(runner, *arguments, **closed)
    assert result.exit_code == 1
    assert "Passwords are switched off" in result.output
    assert run(runner, *arguments).exit_code == 0
