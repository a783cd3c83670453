"""The level of the database, and the way to the newest one."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from moderation.database import db

#: The full-text search is made by a migration's own SQL: a virtual table with its
#: shadows on SQLite, an index on PostgreSQL, both named so.
SEARCH = "comments_text"
FOLDER = Path(__file__).parent / "migrations"
_REVISION = re.compile(r'^(down_)?revision(?:: [^=]+)? = "?([^"\n]+)"?$', re.MULTILINE)


@functools.cache
def head() -> str:
    """Return the newest revision: the one that no other builds upon."""
    revisions: set[str] = set()
    parents: set[str] = set()
    for path in (FOLDER / "versions").glob("*.py"):
        for is_parent, name in _REVISION.findall(path.read_text()):
            (parents if is_parent else revisions).add(name)
    (newest,) = revisions - parents
    return newest


def current() -> str | None:
    """Return the revision of the database of the app at hand; None: it is empty."""
    if not sa.inspect(db.engine).has_table("alembic_version"):
        return None
    found: str | None = db.session.scalar(
        sa.text("SELECT version_num FROM alembic_version")
    )
    return found


def migrate(
    revision: str = "head", *, on_step: Callable[[str], None] | None = None
) -> None:
    """Bring the database of the app at hand to a revision, the newest by default.

    Parameters
    ----------
    on_step
        Called with each revision that the database has come to.
    """
    from alembic import command  # slow to import: commands only
    from alembic.config import Config

    config = Config(FOLDER / "alembic.ini")
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["on_step"] = on_step
    command.upgrade(config, revision)


def is_of_tables(row: object, name: str | None, *args: object) -> bool:
    """Tell Alembic what `moderation.tables` describes: all but the text search."""
    return not (name or "").startswith(SEARCH)
