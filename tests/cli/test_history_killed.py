"""An import whose process is killed (`kill -9`) in the middle of a transaction."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from moderation.cli.main import main
from moderation.database import db
from moderation.importing.live_site import LiveSite
from moderation.tables.authors import Author
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.importing import HistoryImport, ImportedComment
from tests.builders import Newsroom
from tests.cli import live_blog
from tests.cli.typed import run
from tests.importing.reading import SAMPLES
from tests.refusals import on_sqlite

pytestmark = [
    on_sqlite,
    pytest.mark.apart,
    pytest.mark.usefixtures("commands_find_the_database"),
]
SECONDS = 120
#: Stores two comments at a time, and is killed when the third pair is written.
KILLED = """
import os, signal, sys
from moderation.importing import ingestion, runs
from moderation.cli.main import main
from moderation.importing.live_site import LiveSite
from tests.cli import live_blog
LiveSite.ask = live_blog.ask
ingestion.BATCH_SIZE, store, count = 2, runs.store_batch, 0
def die(*arguments):
    global count
    count += 1
    batch = store(*arguments)
    if count == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return batch
runs.store_batch = die
main(sys.argv[1:])
"""


def stored(site: Newsroom) -> list[tuple[Any, ...]]:
    """Return what is stored of comments, but for what is drawn at random."""
    db.session.remove()
    parent = sa.orm.aliased(Comment)
    query = (
        sa.select(
            Comment.external_id,
            Comment.body,
            Comment.status,
            Comment.written_at,
            parent.external_id,
            Decision.verdict,
            Decision.created_at,
            ImportedComment.evidence,
            Author.name,
            Author.approved,
            Author.rejected,
        )
        .outerjoin(parent, parent.id == Comment.parent_id)
        .join(Decision, Decision.comment_id == Comment.id)
        .join(ImportedComment, ImportedComment.comment_id == Comment.id)
        .outerjoin(Author, Author.id == Comment.author_record_id)
        .where(Comment.site_id == site.site_id)
        .order_by(Comment.external_id)
    )
    return [tuple(row) for row in db.session.execute(query)]


def import_and_be_killed(site: Newsroom, words: list[str]) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *words, "--site", site.name],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(stored(site)) == 4  # two transactions of two, and none by half


def test_a_killed_import_is_resumed_to_the_same_result(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    words = ["import", "wordpress", str(SAMPLES / "wxr.xml")]
    import_and_be_killed(newsroom, words)
    result = run(*words, "--resume")
    assert result.exit_code == 0, result.output
    resumed = stored(newsroom)
    assert db.session.scalar(sa.select(sa.func.count(HistoryImport.id))) == 1
    CliRunner().invoke(main, [*words, "--site", other_newsroom.name])
    assert stored(other_newsroom) == resumed
    again = run(*words)
    assert "0 added, 12 were here before" in again.output
    assert stored(newsroom) == resumed


def test_a_killed_import_of_a_live_site_goes_on_at_its_page(
    newsroom: Newsroom, other_newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODERATION_WORDPRESS_PASSWORD", "abcd")
    words = ["import", "wordpress-rest", live_blog.URL, "--user", "editor"]
    import_and_be_killed(newsroom, words)
    monkeypatch.setattr(LiveSite, "ask", live_blog.ask)
    live_blog.asked.clear()
    result = run(*words, "--resume")
    assert result.exit_code == 0, result.output
    # The page that was stored last is read again to see that it is still there.
    approved = [page for status, page in live_blog.asked if status == "approve"]
    assert approved == [2, 2, 3, 4]
    resumed = stored(newsroom)
    assert len(resumed) == 10
    (imported,) = db.session.scalars(sa.select(HistoryImport))
    assert imported.finished_at is not None
    assert imported.place is None
    CliRunner().invoke(main, [*words, "--site", other_newsroom.name])
    assert stored(other_newsroom) == resumed
    again = run(*words)
    assert "0 added, 10 were here before" in again.output
    assert stored(newsroom) == resumed
