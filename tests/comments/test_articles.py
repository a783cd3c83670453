"""One article in many spellings of its address is one thread."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction
from moderation.cli.main import main
from moderation.comments import article_merging
from moderation.comments.articles import reference_hash
from moderation.database import db, start_writing
from moderation.tables.audit import AuditEntry
from moderation.tables.comments import Article, ArticleAlias, Comment
from tests.builders import NOTHING_HELD, NOW, Newsroom

PAGE = "https://gazette.example/bugs/spelling"
SPELLINGS = (
    PAGE,
    f"{PAGE}?utm_source=fb&fbclid=abc",
    "http://gazette.example/bugs/spelling",
    "https://GAZETTE.example/bugs/spelling",
    f"{PAGE}#comments",
    "https:/gazette.example/bugs/spelling",
)
SLASHED = f"{PAGE}/"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(NOTHING_HELD)
    return newsroom


@pytest.fixture(autouse=True)
def commands_find_the_database(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def thread(newsroom: Newsroom, article: str) -> list[str]:
    """Return the ids of an article's published comments."""
    path = f"/api/v1/articles/{article.replace('?', '%3F').replace('#', '%23')}"
    answer = newsroom.as_site().get(f"{path}/comments")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json["comments"]]


def run(newsroom: Newsroom, *words: str) -> Result:
    db.session.remove()
    command, *options = words
    result = CliRunner().invoke(
        main, ["sites", command, "--site", newsroom.name, *options]
    )
    assert result.exit_code == 0, result.output
    return result


def store_as_before(session: Session, newsroom: Newsroom, *names: str) -> None:
    """Store articles as before their names were folded: each spelling by itself."""
    start_writing(session)
    for number, name in enumerate(names):
        session.add(
            Article(
                site_id=newsroom.site_id,
                reference=name,
                reference_hash=reference_hash(name),
                title=None,
                section="Sport" if number else "Politics",
                created_at=NOW,
            )
        )
    session.commit()


def references(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(sa.select(Article.reference).order_by(Article.id)))


def test_every_spelling_is_one_thread(newsroom: Newsroom) -> None:
    ids = [newsroom.send(article=spelling)["id"] for spelling in SPELLINGS]
    for spelling in SPELLINGS:
        assert thread(newsroom, spelling) == ids
    reply = newsroom.send(article=SPELLINGS[2], parent=ids[1])
    assert reply["status"] == "approved"


def test_staff_find_comments_by_every_spelling(newsroom: Newsroom) -> None:
    ids = {newsroom.send(article=spelling)["id"] for spelling in SPELLINGS[:2]}
    for spelling in SPELLINGS:
        answer = newsroom.as_staff().get(
            "/api/v1/comments", query_string={"article": spelling}
        )
        assert {row["id"] for row in answer.json["comments"]} == ids


def test_a_trailing_slash_is_a_sites_choice(newsroom: Newsroom) -> None:
    first = newsroom.send(article=PAGE)["id"]
    apart = newsroom.send(article=SLASHED)["id"]
    assert (thread(newsroom, PAGE), thread(newsroom, SLASHED)) == ([first], [apart])
    result = run(newsroom, "fold-addresses", "--trailing-slash")
    assert "trailing_slash  yes" in result.output
    # What is stored stays apart, and is found as before, until it is merged.
    assert (thread(newsroom, PAGE), thread(newsroom, SLASHED)) == ([first], [apart])
    run(newsroom, "merge-articles")
    assert thread(newsroom, PAGE) == thread(newsroom, SLASHED) == [first, apart]
    run(newsroom, "fold-addresses", "--no-trailing-slash")
    assert thread(newsroom, SLASHED) == [first, apart]


def test_an_article_from_before_is_joined_by_its_other_spellings(
    newsroom: Newsroom, session: Session
) -> None:
    store_as_before(session, newsroom, SPELLINGS[2])
    first = newsroom.send(article=SPELLINGS[2])["id"]
    second = newsroom.send(article=PAGE)["id"]
    assert thread(newsroom, SPELLINGS[2]) == thread(newsroom, PAGE) == [first, second]
    assert len(references(session)) == 1


def merged(newsroom: Newsroom, session: Session) -> list[str]:
    """Store comments under three spellings from before; return their ids."""
    spellings = (SPELLINGS[2], PAGE, SPELLINGS[1])
    store_as_before(session, newsroom, *spellings, "https://gazette.example/other")
    return [
        newsroom.send(article=spelling)["id"] for spelling in spellings for _ in "ab"
    ]


def test_stored_spellings_are_merged(
    newsroom: Newsroom, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_merging, "BATCH_SIZE", 1)
    ids = merged(newsroom, session)
    assert thread(newsroom, SPELLINGS[2]) == ids[:2]
    result = run(newsroom, "merge-articles", "--dry-run")
    expected = "2 articles would be merged into 1 others, with 4 comments."
    assert expected in result.output
    assert len(references(session)) == 4
    result = run(newsroom, "merge-articles")
    assert "2 articles were merged into 1 others, with 4 comments." in result.output
    assert references(session) == [SPELLINGS[2], "https://gazette.example/other"]
    for spelling in SPELLINGS:
        assert thread(newsroom, spelling) == ids
    sections = session.scalars(sa.select(Article.section).order_by(Article.id))
    assert list(sections) == ["Sport", "Sport"]
    again = run(newsroom, "merge-articles")
    assert "0 articles were merged into 0 others, with 0 comments." in again.output


def test_what_was_closed_stays_closed_in_a_merge(
    newsroom: Newsroom, session: Session
) -> None:
    merged(newsroom, session)
    articles = session.scalars(sa.select(Article).order_by(Article.id)).all()
    for article, is_open in zip(articles, (True, None, False, None), strict=True):
        article.is_open = is_open
    session.commit()
    run(newsroom, "merge-articles")
    kept = session.scalars(sa.select(Article.is_open).order_by(Article.id))
    assert list(kept) == [False, None]


def test_a_merge_that_was_stopped_is_continued(
    newsroom: Newsroom, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_merging, "BATCH_SIZE", 1)
    ids = merged(newsroom, session)

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(article_merging, "close_group", stop)
        db.session.remove()
        words = ["sites", "merge-articles", "--site", newsroom.name]
        assert CliRunner().invoke(main, words).exit_code != 0
    assert len(references(session)) == 4
    run(newsroom, "merge-articles")
    assert thread(newsroom, PAGE) == ids


def test_a_merge_is_recorded_and_stays_in_its_site(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session
) -> None:
    other_newsroom.set_policy(NOTHING_HELD)
    store_as_before(session, other_newsroom, PAGE, SPELLINGS[2])
    merged(newsroom, session)
    run(newsroom, "merge-articles")
    session.rollback()
    entry = session.scalars(
        sa.select(AuditEntry).where(
            AuditEntry.action == AuditAction.ARTICLES_MERGED.value
        )
    ).one()
    assert entry.details["comments"] == 4
    assert entry.site_id == newsroom.site_id
    foreign = sa.select(Article.id).where(Article.site_id == other_newsroom.site_id)
    assert len(session.scalars(foreign).all()) == 2


def test_a_setting_that_is_changed_to_and_fro_loses_no_article(
    newsroom: Newsroom, session: Session
) -> None:
    first = newsroom.send(article=SLASHED)["id"]
    ids = [first]
    for option in ("--trailing-slash", "--no-trailing-slash") * 2:
        run(newsroom, "fold-addresses", option)
        ids.append(newsroom.send(article=SLASHED)["id"])
        assert thread(newsroom, SLASHED) == ids
    session.rollback()
    assert session.scalar(sa.select(sa.func.count(ArticleAlias.article_id))) == 2
    assert len(references(session)) == 1
    assert session.scalar(sa.select(sa.func.count(Comment.id))) == 5
