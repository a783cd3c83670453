"""The installation's keys are shown, replaced, and ended by command."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from moderation.cli.main import main
from moderation.database import db
from moderation.tables.audit import AuditEntry
from tests.builders import Newsroom
from tests.refusals import on_sqlite
from tests.rekeying.test_sweeps import ENDED, ROTATED

pytestmark = [on_sqlite, pytest.mark.usefixtures("commands_find_the_database")]


def run(*words: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["secrets", *words])
    assert result.exit_code == exit_code, result.output
    return result


def use(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def test_keys_are_replaced_and_ended(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.send(author_email="jo@news.example")
    assert "waits for a worker" in run("status").output
    assert "email addresses of comments: done, 0 renewed" in run("replace").output
    assert "Nothing is left of older keys." in run("status", "--count").output

    use(monkeypatch, ROTATED)
    shown = run("status", "--count", exit_code=1).output
    assert "k2  in use" in shown
    assert "k1  accepted" in shown
    assert "rows are left of older keys" in shown
    assert "email addresses of comments: done, 1 renewed" in run("replace").output
    assert "site keys: done, 0 renewed, 1 left" in run("status").output
    ended = run("end", "--yes", "secret", "email_index", "email").output
    assert "Take the older keys out of:" in ended

    use(monkeypatch, ENDED)
    assert "Nothing is left of older keys." in run("status", "--count").output
    audit = CliRunner().invoke(main, ["audit", "verify"])
    assert "are sound" in audit.output, audit.output
    actions = set(db.session.scalars(sa.select(AuditEntry.action)))
    assert {"keys.replaced", "keys.ended"} <= actions


def test_a_missing_key_is_named(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.send()
    run("replace")
    use(monkeypatch, ENDED)
    shown = run("status", exit_code=1).output
    assert "MODERATION_EMAIL_KEYS: the key k1 is missing" in shown
