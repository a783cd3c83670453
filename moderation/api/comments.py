"""Comments, as sites send, read, edit and delete them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import NotFound as NoSuchPage

from moderation import identifiers
from moderation.api.comment_bodies import (
    Batch,
    BatchOut,
    CommentOut,
    EditedComment,
    IdempotencyHeader,
    NewComment,
    Receipt,
    dump_comment,
    dump_receipt,
)
from moderation.comments import erasure, lookup
from moderation.comments.intake import document_of
from moderation.comments.lookup import StoredComment
from moderation.database import db, start_writing
from moderation.desk.history import as_seen
from moderation.errors import InvalidFields, ModerationError, Unavailable
from moderation.sites.keys import KeyScope
from moderation.tables.comments import Article
from moderation.web.auth import (
    current_site,
    needs_reader,
    needs_site,
    readable_sites,
    reading_person,
)
from moderation.web.errors import body_of, busy_database, status_of
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.parsing import flatten
from moderation.web.services import services

bp = StrictBlueprint(
    "comments", __name__, url_prefix="/api/v1/comments", description="For sites"
)

BATCH_BYTES = 64 * 1024 * 1024  # 500 comments of the longest, escaped

new_comment = NewComment()
idempotency_header = IdempotencyHeader()
receipt_out = Receipt()


@bp.route("", methods=["POST"])
@needs_site(KeyScope.SUBMIT)
@bp.arguments(idempotency_header, location="headers")
@bp.arguments(new_comment)
@bp.response(201, receipt_out, description="Stored and decided")
@bp.alt_response(
    200, schema=receipt_out, description="Was here before: the same answer"
)
@answers(400, 409, 413, 415, 422)
def create_comment(
    headers: dict[str, str], fields: dict[str, Any]
) -> ResponseReturnValue:
    """Create a comment: it is scored, decided, and stored.

    Send an `Idempotency-Key` or your own `external_id`, and a repeated request makes
    no second comment.
    """
    site = current_site()
    intake = services().intake
    (scored,) = intake.score(db.session(), site, [document_of(fields)])
    standing = intake.submit(
        db.session(), site, fields, scored, headers.get("idempotency_key")
    )
    return _receipt(standing), 200 if standing.is_replay else 201


@bp.route("/batch", methods=["POST"])
@needs_site(KeyScope.SUBMIT)
@bp.arguments(Batch)
@bp.response(200, BatchOut)
@answers(400, 413, 415, 422)
def create_comments(batch: dict[str, Any]) -> ResponseReturnValue:
    """Create up to 500 comments, each with its own result."""
    site = current_site()
    loaded = [_load_item(item) for item in batch["comments"]]
    good = [item for item in loaded if not isinstance(item, ModerationError)]
    intake = services().intake
    scores = iter(
        intake.score(db.session(), site, [document_of(fields) for fields in good])
    )
    answered = []
    fault: Unavailable | None = None  # later items aren't tried: they would wait
    for item in loaded:
        if isinstance(item, ModerationError):
            answered.append(_refused(item))
            continue
        if fault is not None:
            answered.append(_refused(fault))
            continue
        try:
            standing = intake.submit(db.session(), site, item, next(scores), None)
        except ModerationError as error:
            db.session.rollback()
            answered.append(_refused(error))
        except OperationalError as error:
            db.session.rollback()
            fault = busy_database(error)
            answered.append(_refused(fault))
        else:
            status = 200 if standing.is_replay else 201
            answered.append({"status_code": status, "comment": _receipt(standing)})
    return {"comments": answered}


@bp.route("/<comment_id>", methods=["GET"])
@needs_reader(KeyScope.MANAGE)
@bp.response(200, CommentOut)
@answers(404)
def read_comment(comment_id: str) -> ResponseReturnValue:
    """Get a comment's current state; for the site and its staff."""
    session = db.session()
    row = lookup.find(session, readable_sites(), comment_number(comment_id))
    standing, person = lookup.stored(session, row), reading_person()
    if person is not None:
        standing = as_seen(session, standing, person.id)
    return dump_comment(standing, session.get_one(Article, row.article_id))


@bp.route("/<comment_id>", methods=["PATCH"])
@needs_site(KeyScope.MANAGE)
@bp.arguments(EditedComment)
@bp.response(200, CommentOut)
@answers(400, 404, 413, 415, 422)
def edit_comment(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Replace a comment's text: a new revision, scored and decided again.

    What a person had decided goes back to the queue.
    """
    standing = services().intake.edit(
        db.session(), current_site(), comment_number(comment_id), fields
    )
    article = db.session().get_one(Article, standing.comment.article_id)
    return dump_comment(standing, article)


@bp.route("/<comment_id>", methods=["DELETE"])
@needs_site(KeyScope.MANAGE)
@bp.response(204)
@answers(404, 409)
def delete_comment(comment_id: str) -> None:
    """Erase a comment's text and author; replies to it stay."""
    number, session = comment_number(comment_id), db.session()
    start_writing(session)
    row = lookup.find(session, [current_site().id], number, for_update=True)
    erasure.erase(session, row, datetime.now(UTC))
    session.commit()


@bp.before_request
def _allow_large_batches() -> None:
    if request.endpoint == "comments.create_comments":
        request.max_content_length = BATCH_BYTES


def comment_number(comment_id: str) -> int:
    """Return the id in a path.

    Raises
    ------
    werkzeug.exceptions.NotFound
        If it is none.
    """
    try:
        return identifiers.decode(comment_id)
    except ValueError:
        raise NoSuchPage("There is no such comment.") from None


def _receipt(standing: StoredComment) -> dict[str, Any]:
    links = services().status_links
    return dump_receipt(standing, links.address(standing.comment.id))


def _load_item(item: Any) -> dict[str, Any] | InvalidFields:
    try:
        fields: dict[str, Any] = new_comment.load(item)
    except ma.ValidationError as error:
        return InvalidFields(flatten(error.messages))
    return fields


def _refused(error: ModerationError) -> dict[str, Any]:
    return {"status_code": status_of(error), "error": body_of(error)}
