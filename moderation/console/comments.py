"""The pages of comments: the list of every status, and one comment with its thread."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from classifiers.text.labels import HARMS, LABELS
from moderation.accounts.staff import Person, Role
from moderation.api.comments import comment_number
from moderation.comments import holds, lookup
from moderation.console.blueprint import bp, shown_to, t, visitor
from moderation.console.views import HELD_FOR, HOUSE_KEYS
from moderation.database import db
from moderation.policy.duties import Duty
from moderation.queue.query import CommentTab, QueueOrder
from moderation.sites.legal_settings import read_legal_settings
from moderation.web.services import services

#: Tabs of the list, in their order.
TABS = (
    CommentTab.PENDING,
    CommentTab.REPORTED,
    CommentTab.APPEALED,
    CommentTab.ESCALATED,
    CommentTab.APPROVED,
    CommentTab.REJECTED,
    CommentTab.ALL,
)
#: Keys of the list and of a comment's page, and the names of their texts.
LIST_KEYS = {"J K": "step", "X": "select", "Shift X": "range", "Ctrl A": "everything"}
COMMENT_KEYS = {
    "A": "approve",
    "R": "reject",
    "B": "hold",
    "H": "author",
    "N": "note",
    "E": "escalate",
    "L": "labels",
    "O": "article",
    "U": "undo",
}
#: Tabs of the statuses that the page of decided comments could show.
DECIDED = {"approve": CommentTab.APPROVED, "reject": CommentTab.REJECTED}


@bp.get("/comments")
@shown_to(Role.MODERATOR)
def read_comments() -> ResponseReturnValue:
    """Show comments of every status: searched, filtered, and decided."""
    person = cast(Person, visitor())
    leads = person.whole_site_ids(Role.LEAD)
    keys = {**LIST_KEYS, "Enter": "open", **COMMENT_KEYS, "C": "campaign"}
    return render_template(
        "console/comments/comments.html",
        tabs=TABS,
        orders=[order for order in QueueOrder if order is not QueueOrder.TEACH],
        reasons=HELD_FOR,
        labels=HARMS,
        scored_labels=LABELS,
        house=HOUSE_KEYS,
        shareable=sorted(person.sites[site_id] for site_id in leads),
        undo_seconds=services().settings.undo_seconds,
        keys=[(key, t(f"act.key_map.{name}")) for key, name in keys.items()],
    )


@bp.get("/comments/<comment_id>")
@shown_to(Role.MODERATOR)
def read_comment(comment_id: str) -> ResponseReturnValue:
    """Show one comment with its whole thread."""
    person = cast(Person, visitor())
    number = comment_number(comment_id)
    comment = lookup.find(db.session(), person.site_ids(Role.MODERATOR), number)
    is_admin = comment.site_id in person.whole_site_ids(Role.ADMIN)
    now = datetime.now(UTC)
    return render_template(
        "console/comment/comment.html",
        comment_id=comment_id,
        hold_site=person.sites[comment.site_id] if is_admin else None,
        is_held=is_admin
        and bool(holds.list_holds(db.session(), comment.site_id, now, comment=comment)),
        author_name=comment.author_name,
        dispute_site=person.sites[comment.site_id]
        if comment.site_id in person.whole_site_ids(Role.LEAD)
        and read_legal_settings(db.session(), comment.site_id).is_on(Duty.COMPLAINTS)
        else None,
        labels=HARMS,
        house=HOUSE_KEYS,
        undo_seconds=services().settings.undo_seconds,
        keys=[(key, t(f"act.key_map.{name}")) for key, name in COMMENT_KEYS.items()],
    )


@bp.get("/queue")
@shown_to(Role.MODERATOR)
def read_queue() -> ResponseReturnValue:
    """Lead to the pending comments, with the same filters."""
    asked = request.args.to_dict()
    if asked.get("order") == QueueOrder.TEACH:  # a list has no such order
        del asked["order"]
    return _to_list({"status": CommentTab.PENDING, **asked})


@bp.get("/decided")
@shown_to(Role.MODERATOR)
def read_decided() -> ResponseReturnValue:
    """Lead to the decided comments, with the same filters."""
    asked = request.args.to_dict()
    status = DECIDED.get(asked.pop("verdict", ""), CommentTab.REJECTED)
    if asked.pop("source", "policy") == "policy":
        asked.setdefault("decided_by", "automatically")
    return _to_list({"status": status, **asked})


def _to_list(query: dict[str, str]) -> ResponseReturnValue:
    return redirect(f"{url_for('console.read_comments')}?{urlencode(query)}")
