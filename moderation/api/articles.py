"""Published comments of an article, and counts of comments by article."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from moderation import identifiers
from moderation.api.article_count_bodies import ArticleCounts, ArticleCountsQuery
from moderation.api.comment_bodies import PageQuery, PublishedPage
from moderation.comments import article_counts, published
from moderation.database import db
from moderation.errors import InvalidFields
from moderation.sites.keys import KeyScope
from moderation.web import cors
from moderation.web.auth import current_site, needs_site
from moderation.web.caching import cache
from moderation.web.cursors import read_cursor, refused_cursor, write_cursor
from moderation.web.fields import is_storable
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services
from moderation.web.site_keys import limit_page

bp = StrictBlueprint(
    "articles", __name__, url_prefix="/api/v1/articles", description="For sites"
)

published_page = PublishedPage()
counts_out = ArticleCounts()

CACHED = {
    "ETag": {"schema": {"type": "string"}},
    "Cache-Control": {
        "schema": {"type": "string"},
        "description": "With a browser key `public`, for a CDN; else `private`",
    },
}
UNCHANGED = "Nothing has changed since (If-None-Match)"


@bp.route(
    "/<path:article>/comments",
    methods=["GET"],
    parameters=[
        {
            "in": "path",
            "name": "article",
            "required": True,
            "schema": {"type": "string"},
            "description": "As sent with its comments, percent-encoded",
        }
    ],
)
@needs_site(KeyScope.READ, takes_query=True)
@bp.arguments(PageQuery, location="query")
@bp.response(200, PublishedPage, headers=CACHED)
@bp.alt_response(304, description=UNCHANGED)
@answers(422, 429)
def list_published_comments(query: dict[str, Any], article: str) -> ResponseReturnValue:
    """List the approved comments of an article, in reading order.

    A reply follows what it replies to, with its depth; an article without comments,
    or one that is unknown, has an empty page. A browser key may be used.
    """
    if not is_storable(article):
        raise InvalidFields({"article": ["Holds a control character."]})
    site = current_site()
    limit_page(site, services().settings.read_limit, "threads")
    page = published.list_published(
        db.session(),
        site,
        article,
        after=_thread(query.get("cursor")),
        limit=query["limit"],
    )
    more = page.has_more
    body = published_page.dump(
        {
            "comments": page.comments,
            "next": write_cursor([page.comments[-1].thread]) if more else None,
        }
    )
    return cache(jsonify(body), site)


@bp.route("/counts", methods=["GET"])
@needs_site(KeyScope.READ, takes_query=True)
@bp.arguments(ArticleCountsQuery, location="query")
@bp.response(200, ArticleCounts, headers=CACHED)
@bp.alt_response(304, description=UNCHANGED)
@answers(422, 429)
def count_published_comments(query: dict[str, Any]) -> ResponseReturnValue:
    """Count the approved comments of up to 50 articles.

    Also tells whether each takes comments now. A browser key may be used.
    """
    site = current_site()
    limit_page(site, services().settings.read_limit, "counts")
    counts = article_counts.count_published(
        db.session(), site, query["url"], datetime.now(UTC)
    )
    rows = [
        {"url": each.reference, "count": each.count, "is_open": each.is_open}
        for each in counts
    ]
    return cache(jsonify(counts_out.dump({"counts": rows})), site)


@bp.after_request
def _let_browsers_in(response: Response) -> Response:
    site = None if request.method == "OPTIONS" else g.get("site")
    return cors.let_in(response, site)


def _thread(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    (thread,) = read_cursor(cursor, 1)
    try:
        identifiers.read_thread(thread)
    except ValueError:
        raise refused_cursor() from None
    return thread
