"""A newsroom for tests of refusals, which change nothing: made once a module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from moderation import create_app
from moderation.database import db
from tests.builders import ALL_HELD, ENVIRONMENT, Newsroom, open_newsroom


@pytest.fixture(scope="module")
def shared_newsroom(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Newsroom]:
    """One newsroom for all tests of a module."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("shared"))
    app = create_app({**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{path}"})
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        newsroom.set_policy(ALL_HELD)
        yield newsroom
        db.session.remove()
        db.engine.dispose()
