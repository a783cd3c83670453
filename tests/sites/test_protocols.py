"""Compatibility APIs of a site, keys that change, secrets that are kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from moderation.cli.main import main
from moderation.database import start_writing
from moderation.errors import InvalidFields
from moderation.privacy import UnreadableEmail
from moderation.sites import integrations, keys, protocols, sites
from moderation.sites.protocols import ALL_ON, Integrations, Protocol
from moderation.web.services import services_of
from tests.builders import NOW, Newsroom
from tests.leaks.test_leaks import dump

SECRET = "empsec_" + "ab" * 32
HOUR = timedelta(hours=1)


def test_nothing_is_switched_on_at_first(newsroom: Newsroom, session: Session) -> None:
    site = sites.find_by_id(session, newsroom.site_id)
    assert site is not None
    assert site.integrations == Integrations()
    assert not site.integrations.speaks(Protocol.AKISMET)


def test_what_is_switched_on_comes_back(newsroom: Newsroom, session: Session) -> None:
    wanted = Integrations(
        protocols=frozenset({Protocol.CORAL}),
        home="https://news.example/",
        origins=("https://news.example:8443",),
        discard=True,
        model_version="shipped-1",
    )
    start_writing(session)
    integrations.update_integrations(session, newsroom.site_id, wanted)
    site = sites.find_by_id(session, newsroom.site_id)
    assert site is not None
    assert site.integrations == wanted


@pytest.mark.parametrize(
    "fields",
    [
        {"home": "news.example"},
        {"home": "ftp://news.example"},
        {"home": "https://u:p@news.example"},
        {"home": "https://news.example:x"},
        {"home": "https://" + "a" * 3000},
        {"origins": ("https://news.example/",)},
        {"origins": ("*",)},
        {"origins": ("https://a.example",) * 101},
    ],
)
def test_what_is_no_address_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidFields):
        protocols.refuse_invalid(Integrations(**fields))


def test_an_older_key_ends_after_the_overlap(
    newsroom: Newsroom, session: Session
) -> None:
    hash_keys = services_of(newsroom.app).token_key
    start_writing(session)
    fresh = keys.rotate_key(session, newsroom.site_id, hash_keys, NOW, HOUR)
    for key, moment, opens in [
        (newsroom.key, NOW, True),
        (newsroom.key, NOW + HOUR, False),
        (fresh, NOW + HOUR, True),
    ]:
        found = sites.find_by_key(session, key, hash_keys, moment)
        assert (found is not None) is opens


def test_a_second_rotation_prolongs_no_key(
    newsroom: Newsroom, session: Session
) -> None:
    hash_keys = services_of(newsroom.app).token_key
    start_writing(session)
    keys.rotate_key(session, newsroom.site_id, hash_keys, NOW, HOUR)
    keys.rotate_key(session, newsroom.site_id, hash_keys, NOW, 2 * HOUR)
    assert sites.find_by_key(session, newsroom.key, hash_keys, NOW + HOUR) is None


def test_a_signing_secret_is_kept_encrypted_and_ends(
    newsroom: Newsroom, session: Session
) -> None:
    privacy = services_of(newsroom.app).privacy
    start_writing(session)
    for secret in (SECRET, "empsec_second"):
        integrations.create_secret(
            session,
            newsroom.site_id,
            Protocol.CORAL,
            secret,
            privacy=privacy,
            now=NOW,
            overlap=HOUR,
        )
    session.flush()
    for moment, known in [
        (NOW, ["empsec_second", SECRET]),
        (NOW + HOUR, ["empsec_second"]),
    ]:
        found = integrations.list_secrets(
            session, newsroom.site_id, Protocol.CORAL, privacy=privacy, now=moment
        )
        assert found == known
    assert "empsec_" not in dump(session)


def test_a_sealed_secret_opens_at_its_site_only(newsroom: Newsroom) -> None:
    privacy = services_of(newsroom.app).privacy
    sealed = privacy.seal_secret("s", "coral", 1)
    assert privacy.open_secret(sealed, "coral", 1) == "s"
    for purpose, site_id in [("coral", 2), ("akismet", 1)]:
        with pytest.raises(UnreadableEmail):
            privacy.open_secret(sealed, purpose, site_id)


@pytest.fixture
def run(
    environment: dict[str, str],
    newsroom: Newsroom,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Run a command on the test's database; return what it prints."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, status: int = 0) -> str:
        done = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
        assert done.exit_code == status, done.output
        return done.output

    return invoke


def test_protocols_are_switched_by_command(
    run: Any, app: Flask, newsroom: Newsroom, session: Session
) -> None:
    run("integrate", "gazette", "--protocols", "akismet,coral", "--discard")
    told = run("integrate", "gazette", "--home", "https://news.example")
    assert "akismet, coral" in told
    site = sites.find_by_id(session, newsroom.site_id)
    assert site is not None
    assert site.integrations.discard
    assert site.integrations.home == "https://news.example"
    assert site.integrations.protocols == {Protocol.AKISMET, Protocol.CORAL}
    run("integrate", "gazette", "--protocols", "smtp", status=2)
    run("integrate", "gazette", "--home", "nowhere", status=1)
    run("integrate", "nobody", status=1)


def test_a_key_is_rotated_by_command(run: Any, newsroom: Newsroom) -> None:
    assert keys.is_key_format(run("rotate-key", "gazette").strip())


def test_a_coral_secret_is_kept_by_command(run: Any, newsroom: Newsroom) -> None:
    told = run("coral-secret", "gazette", "--secret", SECRET)
    assert "/coral/gazette/comments" in told
    assert SECRET not in told


def test_the_demo_speaks_them_all() -> None:
    assert ALL_ON.protocols == frozenset(Protocol)
