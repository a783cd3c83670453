"""The other system's decisions about authors and articles."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.authors import standings
from moderation.authors.identity import FoundBy
from moderation.comments.articles import find_article
from moderation.importing.findings import BlockedAuthor
from moderation.importing.runs import ImportTarget
from moderation.tables.authors import Author
from moderation.tables.comments import Article


def give_standings(
    session: Session, target: ImportTarget, blocked: Sequence[BlockedAuthor]
) -> int:
    """Give authors the standings that they have there; return how many.

    Only those with a comment here, and about whom nothing was ever decided here: what
    staff has lifted stays lifted when a newer export comes in.
    """
    count = 0
    for entry in blocked:
        if entry.until is not None and entry.until <= target.now:
            continue
        keys = target.privacy.list_author_keys(
            target.site.id, FoundBy.VERIFIED, entry.author_id
        )
        author = session.scalar(
            sa.select(Author)
            .where(Author.site_id == target.site.id, Author.key.in_(keys))
            .with_for_update()
            .limit(1)
        )
        if author is not None and not standings.has_history(session, author.id):
            standings.take_over(
                session, author, entry.standing, entry.until, target.now
            )
            count += 1
    return count


def close_articles(
    session: Session, target: ImportTarget, addresses: Sequence[str]
) -> int:
    """Close articles that are closed there; return how many.

    Only those with comments here that no one has opened or closed here.
    """
    ids = {find_article(session, target.site, address) for address in addresses}
    ids.discard(None)
    closed = session.scalars(
        sa.update(Article)
        .where(Article.id.in_(ids), Article.is_open.is_(None))
        .values(is_open=False)
        .returning(Article.id)
    )
    return len(closed.all())
