"""One comment as the desk shows it, of any status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.comments import comment_number
from moderation.api.desk_bodies import CardQuery, DeskComment, dump_desk_comment
from moderation.comments.lookup import find
from moderation.database import db
from moderation.desk import comment_card
from moderation.review import qa_reviews
from moderation.web.auth import current_person, needs_staff
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint("cards", __name__, url_prefix="/api/v1", description="For staff")


@bp.route("/comments/<comment_id>/card", methods=["GET"])
@needs_staff
@bp.arguments(CardQuery, location="query")
@bp.response(200, DeskComment)
@answers(404, 422)
def read_card(query: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Get a comment of any status with all that the desk shows. Claims nothing."""
    session, person = db.session(), current_person()
    comment = find(session, person.site_ids(Role.MODERATOR), comment_number(comment_id))
    look = qa_reviews.held_by(session, comment.id, staff_id=person.id)
    (entry,) = comment_card.lay_out(
        session,
        services().scoring,
        [comment],
        datetime.now(UTC),
        {comment.id: look} if look else {},
    )
    if query["marks"] and entry.marked.is_on_request:
        entry = comment_card.with_marks(session, services().scoring, entry)
    return dump_desk_comment(entry, person.sites)
