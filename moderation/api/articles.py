"""What readers see under an article."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from moderation import identifiers
from moderation.api.comment_bodies import PageQuery, PublishedPage
from moderation.comments import published
from moderation.database import db
from moderation.errors import InvalidFields
from moderation.sites.keys import KeyScope
from moderation.web.auth import current_site, needs_site
from moderation.web.cursors import read_cursor, refused_cursor, write_cursor
from moderation.web.fields import is_storable
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "articles", __name__, url_prefix="/api/v1/articles", description="For sites"
)

published_page = PublishedPage()


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
@needs_site(KeyScope.SUBMIT)
@bp.arguments(PageQuery, location="query")
@bp.response(200, PublishedPage, headers={"ETag": {"schema": {"type": "string"}}})
@bp.alt_response(304, description="Nothing has changed since (If-None-Match)")
@answers(422)
def list_published_comments(query: dict[str, Any], article: str) -> ResponseReturnValue:
    """Read the approved comments of an article, in reading order.

    A reply follows what it replies to, with its depth; an article without comments,
    or one that was never heard of, has an empty page.
    """
    if not is_storable(article):
        raise InvalidFields({"article": ["Holds a control character."]})
    limit = query["limit"]
    page = published.list_published(
        db.session(),
        current_site(),
        article,
        after=_thread(query.get("cursor")),
        limit=limit,
    )
    more = page.has_more
    body = published_page.dump(
        {
            "comments": page.comments,
            "next": write_cursor([page.comments[-1].thread]) if more else None,
        }
    )
    response: Response = jsonify(body)
    response.cache_control.private = True  # it was asked for with a key
    response.cache_control.no_cache = True  # keep it, but ask whether it still holds
    response.add_etag()
    return response.make_conditional(request)


def _thread(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    (thread,) = read_cursor(cursor, 1)
    try:
        identifiers.read_thread(thread)
    except ValueError:
        raise refused_cursor() from None
    return thread
