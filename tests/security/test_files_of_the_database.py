"""Files of the embedded database, read by other users of the machine.

Based on CWE-276 (incorrect default permissions) and CWE-732: under the usual umask a
database of readers' comments is there for every account on the machine.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from moderation import create_app, installation, migration
from moderation.database import db
from tests.builders import ENVIRONMENT


@pytest.fixture
def open_umask() -> Iterator[None]:
    """The umask of most machines."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def migrate(folder: Path, url: str = "sqlite:///one.sqlite") -> dict[str, int]:
    """Migrate an installation; return the modes of its files while it is open."""
    app = create_app({**ENVIRONMENT, "DATABASE_URL": url}, instance=folder)
    with app.app_context():
        migration.migrate()
        with db.engine.connect() as connection:
            connection.execute(sa.text("SELECT count(*) FROM sites"))
            found = modes(folder)
        db.session.remove()
        db.engine.dispose()
    return found


@pytest.mark.usefixtures("open_umask")
def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    found = migrate(folder)
    assert {"one.sqlite", "one.sqlite-wal", "one.sqlite-shm"} <= set(found)
    assert set(found.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.usefixtures("open_umask")
def test_an_open_database_of_before_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir(0o755)
    for name in ("one.sqlite", "one.sqlite-wal", "one.sqlite-shm"):
        (folder / name).touch(0o644)
    assert set(migrate(folder).values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.usefixtures("open_umask")
def test_a_folder_elsewhere_is_left_as_it_is(tmp_path: Path) -> None:
    elsewhere = tmp_path / "srv"
    elsewhere.mkdir(0o755)
    instance = tmp_path / "instance"
    app = create_app(
        {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{elsewhere}/one.sqlite"},
        instance=instance,
    )
    with app.app_context():
        migration.migrate()
        assert set(modes(elsewhere).values()) == {0o600}
        db.session.remove()
        db.engine.dispose()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755
    assert not instance.exists()


@pytest.mark.usefixtures("open_umask")
def test_secrets_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    installation.ensure_secrets(folder)
    assert modes(folder) == {"secrets.env": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
