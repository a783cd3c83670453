"""Submits the demo comments on the first start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from moderation.api.comment_bodies import NewComment
from moderation.comments import intake
from moderation.database import db
from moderation.demo.article import Edition
from moderation.errors import NotFound
from moderation.sites import sites
from moderation.web.services import services

FOLDER = Path(__file__).parent
OURS = {"name", "reply_to", "hours_ago"}  # what is not a field of a comment


def seed(site_id: int, edition: Edition) -> None:
    """Submit the comments of an edition to a site.

    Commits after each of them, as the API does.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    site = sites.find_by_id(db.session(), site_id)
    if site is None:
        raise NotFound
    written = json.loads((FOLDER / edition.comments).read_text("utf-8"))
    now, schema = datetime.now(UTC), NewComment()
    comments = [schema.load(_as_sent(entry, edition, now)) for entry in written]
    scores = services().intake.score(
        db.session(), site, [intake.document_of(fields) for fields in comments]
    )
    ids: dict[str, int] = {}
    for entry, fields, scored in zip(written, comments, scores, strict=True):
        if "reply_to" in entry:
            fields["parent"] = ids[entry["reply_to"]]
        standing = services().intake.submit(db.session(), site, fields, scored, None)
        ids[entry["name"]] = standing.comment.id


def _as_sent(
    entry: Mapping[str, Any], edition: Edition, now: datetime
) -> dict[str, Any]:
    """Return the request body that a site would send."""
    written_at = now - timedelta(hours=entry["hours_ago"])
    return {
        **{name: value for name, value in entry.items() if name not in OURS},
        "article": edition.reference,
        "article_title": edition.title,
        "article_section": edition.section,
        "written_at": written_at.isoformat(),
    }
