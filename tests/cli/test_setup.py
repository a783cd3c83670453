"""`moderation init`: what it writes, what it refuses, and that it serves afterwards."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation import config, create_app, installation
from moderation.cli import setup
from moderation.cli.main import main
from tests.builders import ENVIRONMENT, PASSWORD

URL = "https://comments.example"


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Type in an empty folder, without any setting in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(installation, "SYSTEM_FILE", tmp_path / "etc" / "settings.env")
    for name in [name for name in os.environ if name.startswith("MODERATION_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["init", *words], input=typed)


def test_settings_are_written_for_the_owner_alone_and_can_be_read(
    tmp_path: Path,
) -> None:
    result = run("--url", f"{URL}/", "--proxies", "2")
    assert result.exit_code == 0, result.output
    file = tmp_path / "instance" / "secrets.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settings = config.load(installation.environment())
    assert settings.public_url == URL
    assert settings.trusted_proxies == 2
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/moderation.sqlite"
    for secret in installation.read_settings_file(file).values():
        assert len(secret) < 32 or secret not in result.output
    assert "moderation migrate" in result.output
    assert "moderation add-site" in result.output


def test_a_first_site_has_a_key_and_an_admin_who_sets_a_password() -> None:
    result = run("--url", URL, "--site", "gazette", "--admin", "ada")
    assert result.exit_code == 0, result.output
    client = create_app(installation.environment()).test_client()
    key = re.search(r"Site key +(\S+)", result.output)
    assert key
    sent = client.post(
        "/api/v1/comments",
        headers={"Authorization": f"Bearer {key[1]}"},
        json={
            "author_name": "Grace",
            "author_email": "grace@mail.example",
            "body": "The first one.",
            "article": "https://gazette.example/1",
        },
    )
    assert sent.status_code == 201
    assert sent.get_json()["status"] == "pending"  # until the site decides otherwise
    shown = CliRunner().invoke(main, ["audit", "show", "--action", "command.run"])
    assert '{"command": "init"}' in shown.output
    link = re.search(rf"{URL}(/console/password/\S+)", result.output)
    assert link
    page = client.get(link[1], base_url=URL)
    assert page.status_code == 200
    words = {"password": PASSWORD, "again": PASSWORD}
    client.post(link[1], base_url=URL, data=words)
    answer = client.post(
        "/api/v1/session", base_url=URL, json={"login": "ada", "password": PASSWORD}
    )
    assert answer.status_code == 201, answer.json


def test_an_existing_file_is_never_overwritten() -> None:
    file = Path("precious.env")
    file.write_text("MODERATION_SECRET_KEY=precious\n")
    result = run("--file", str(file))
    assert result.exit_code == 1
    assert "exists already" in result.output
    assert file.read_text() == "MODERATION_SECRET_KEY=precious\n"
    file.unlink()
    file.symlink_to("nowhere")
    assert run("--file", str(file)).exit_code == 1


def test_a_filled_database_needs_its_own_secrets() -> None:
    first = run("--site", "gazette", "--admin", "ada")
    assert first.exit_code == 0, first.output
    database = f"sqlite:///{Path('instance/moderation.sqlite').absolute()}"
    second = run("--file", "other.env", "--database", database, "--migrate")
    assert second.exit_code == 1
    assert "holds sites already" in second.output
    assert not Path("other.env").exists()


def test_the_password_of_the_database_comes_from_a_file() -> None:
    Path("password").write_text("p@ss/word:1\n")
    words = ["--database", "postgresql://moderation@db/moderation"]
    result = run(*words, "--database-password-file", "password")
    assert result.exit_code == 0, result.output
    settings = config.load(installation.environment())
    assert settings.database_url == (
        "postgresql+psycopg://moderation:p%40ss%2Fword%3A1@db/moderation"
    )
    assert "p@ss" not in result.output


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--url", "comments.example"], "expected the scheme and the host"),
        (["--url", f"{URL}/path"], "expected the scheme and the host"),
        (["--database", "mysql://db/moderation"], "DATABASE_URL can't be read"),
        (["--site", "gazette"], "--site needs --admin"),
        (["--site", "The Gazette", "--admin", "ada"], "--site: Must be 1 to 63"),
        (["--site", "gazette", "--admin", "Ada L"], "--admin: Must be 1 to 63"),
        (["--redis", "cupboard://"], "MODERATION_RATE_LIMIT_STORAGE can't be read"),
        (["--file", "/proc/nowhere/settings.env"], "--file: /proc/nowhere"),
        (["--database", "sqlite:////proc/nowhere/m", "--migrate"], "--database: "),
    ],
)
def test_wrong_options_are_named_and_nothing_is_written(
    words: list[str], complaint: str, tmp_path: Path
) -> None:
    result = run(*words)
    assert result.exit_code in (1, 2)
    assert complaint in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.rglob("*.env*"))


def test_secrets_of_the_environment_are_not_shadowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MODERATION_SECRET_KEY", ENVIRONMENT["MODERATION_SECRET_KEY"])
    result = run()
    assert result.exit_code == 1
    assert "MODERATION_SECRET_KEY is set in the environment" in result.output


def test_on_a_terminal_it_asks_for_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(setup, "_is_terminal", lambda: True)
    result = run(typed=f"\n{URL}\ngazette\nada\n")
    assert result.exit_code == 0, result.output
    assert "Address of the service" in result.output
    assert "The site gazette is created" in result.output
    assert config.load(installation.environment()).public_url == URL


def test_the_settings_file_is_found_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installation.find_settings_file() is None
    installation.SYSTEM_FILE.parent.mkdir()
    for path in (installation.SYSTEM_FILE, Path("instance/secrets.env"), Path("x.env")):
        installation.write_private(path, f"MODERATION_CLAIM_MINUTES={len(str(path))}\n")
        if path.name == "x.env":
            monkeypatch.setenv(installation.FILE_VARIABLE, str(path))
        found = installation.environment()["MODERATION_CLAIM_MINUTES"]
        assert found == str(len(str(path)))
    monkeypatch.setenv("MODERATION_CLAIM_MINUTES", "99")
    assert installation.environment()["MODERATION_CLAIM_MINUTES"] == "99"


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_without_settings_a_process_says_how_to_begin(command: str) -> None:
    result = CliRunner().invoke(main, [command])
    assert result.exit_code == 1
    assert "MODERATION_SECRET_KEY is missing" in result.output
    assert "`moderation init` writes" in result.output


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"MODERATION_DEMO=true\nexport A=1\n", "line 2: expected NAME=VALUE"),
        (b"s3cret\n", "line 1: expected NAME=VALUE"),
        (b"\xff\xfe", "no text file in UTF-8"),
        (None, "No such file or directory. `moderation init` writes"),
    ],
)
def test_a_settings_file_that_cant_be_read_says_where(
    content: bytes | None, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        Path("x.env").write_bytes(content)
    monkeypatch.setenv(installation.FILE_VARIABLE, "x.env")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert complaint in result.output
    assert "s3cret" not in result.output


def test_values_may_be_quoted_and_lines_left_out() -> None:
    Path("x.env").write_text("# a\n\nA = 'b c'\nB=\"x\"\nC='\nD=a=b#c\n")
    values = installation.read_settings_file(Path("x.env"))
    assert values == {"A": "b c", "B": "x", "C": "'", "D": "a=b#c"}
