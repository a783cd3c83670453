"""Bodies of article counts, in and out."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from moderation.api.comment_bodies import PageKey
from moderation.web.fields import PublicLine

MAX_ARTICLES = 50  # of one request: what a front page links to


class ArticleCountsQuery(PageKey):
    """The articles to count the comments of."""

    url = ma.fields.List(
        PublicLine(longest=2048),
        required=True,
        validate=validate.Length(min=1, max=MAX_ARTICLES),
        metadata={
            "description": "An article, as sent with its comments, in any spelling of "
            f"its address; repeat it for up to {MAX_ARTICLES}"
        },
    )


class ArticleCount(ma.Schema):
    """The number of an article's comments."""

    url = ma.fields.String(required=True, metadata={"description": "As requested"})
    count = ma.fields.Integer(
        required=True, metadata={"description": "Published comments, 0 or more"}
    )
    is_open = ma.fields.Boolean(
        required=True, metadata={"description": "Whether it takes comments now"}
    )


class ArticleCounts(ma.Schema):
    """The counts, in the order of the request."""

    counts = ma.fields.List(ma.fields.Nested(ArticleCount), required=True)
