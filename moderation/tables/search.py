"""The search index of comments."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class SearchText(Table):
    """A comment's words as they are searched; gone once the comment is erased.

    An index of their grams stands next to it under the name `comments_text`, made by a
    migration: see `moderation.comments.search_index`.
    """

    __tablename__ = "search_texts"

    comment_id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.ForeignKey("comments.id"),
        primary_key=True,
        autoincrement=False,
    )
    #: the author's name, folded
    name: Mapped[str] = mapped_column(sa.Text())
    #: folded
    body: Mapped[str] = mapped_column(sa.Text())


class SearchBacklog(Table):
    """Up to which comment a worker has come that indexes what was stored before.

    One row at most; without one, every comment is searched.
    """

    __tablename__ = "search_backlog"

    #: comments with a smaller id may lack their search text
    comment_id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
    )
