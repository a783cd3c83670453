"""The article page, and the form that a reader sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import (
    Blueprint,
    Response,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from moderation import identifiers
from moderation.comments.intake import document_of
from moderation.comments.lookup import StoredComment
from moderation.comments.status_links import StatusLinks
from moderation.database import db
from moderation.demo import article
from moderation.demo.forms import (
    Form,
    empty_form,
    fields_of,
    idempotency_key,
    read_form,
    read_json_form,
)
from moderation.demo.reading import find_published, read_page
from moderation.errors import Forbidden, InvalidFields, ModerationError, Unavailable
from moderation.policy.reasons import is_hidden_from_author
from moderation.policy.verdicts import Status
from moderation.sites import keys, sites
from moderation.sites.sites import SiteContext
from moderation.web import errors, limits
from moderation.web.origins import is_foreign
from moderation.web.pages import answer_with_pages, harden
from moderation.web.services import services

bp = Blueprint(
    "demo",
    __name__,
    url_prefix="/demo",
    template_folder="templates",
    static_folder="static",
)

bp.add_app_template_filter(identifiers.encode, "public_id")

NOTICES = {
    Status.APPROVED: "Thank you. Your comment is published.",
    Status.PENDING: "Thank you. Your comment is held: a moderator will look at it "
    "before it appears.",
    Status.REJECTED: "Your comment was not published: an automatic check took it for "
    "spam or abuse. If that was a mistake, ask a moderator to look at it.",
}

# Our errors speak to programs; here a reader must understand them.
PLAIN_WORDS = {
    "invalid_fields": "Your comment was not sent. Please mend what is marked below.",
    "different_body": "You have sent this comment already.",
    "too_many_requests": "Too many comments came from your address in a short time. "
    "Your text is kept below: wait a minute and send it again.",
    "request_entity_too_large": "This is far too long.",
}


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a comment was not stored, as the page shows it."""

    problem: str
    complaints: Mapping[str, list[str]]  #: by field


@bp.get("/")
def read() -> ResponseReturnValue:
    """Show the article with its comments and the form."""
    site, reply_to = _site(), request.args.get("reply", "")
    target = find_published(site, reply_to)
    notice = None
    if request.args.get("sent") in NOTICES:
        notice = NOTICES[Status(request.args["sent"])]
    elif reply_to and target is None:
        notice = "The comment you wanted to reply to is no longer here."
    form = empty_form(identifiers.encode(target.id) if target else "")
    at = find_published(site, request.args.get("at", "")) if notice else None
    sent_id = identifiers.encode(at.id) if at else None
    followed = _links().comment_of(request.args.get("follow", ""))
    return _page(
        site,
        form,
        request.args,
        notice=notice,
        sent_id=sent_id,
        status_url=_links().address(followed) if notice and followed else None,
    )


@bp.post("/")
def send() -> ResponseReturnValue:
    """Submit a comment and redirect, so that a reload doesn't resend it."""
    if is_foreign():
        raise Forbidden("Send the form from its own page.")
    form = read_form(request)
    site = _site()
    try:
        standing = _submit(site, form)
    except ModerationError as error:
        db.session.rollback()
        return _refused(site, form, error)
    return redirect(_address_of(standing), 303)


@bp.post("/comments")
def send_from_script() -> ResponseReturnValue:
    """Submit what `embed.js` sends: a news site has such an address of its own."""
    if is_foreign():
        raise Forbidden("Send the form from its own page.")
    form = read_json_form(request)
    standing = _submit(_site(), form)
    return jsonify(
        status=_shown_status(standing).value,
        status_url=_links().address(standing.comment.id),
    )


@bp.get("/<path:path>")
def miss(path: str) -> ResponseReturnValue:
    """Answer an unknown path with an error page."""
    raise NotFound("There is no such page.")


def _submit(site: SiteContext, form: Form) -> StoredComment:
    settings = services().settings
    limits.allow(settings.form_limit, "form", request.remote_addr or "unknown")
    fields = fields_of(form, request)
    intake = services().intake
    (scored,) = intake.score(db.session(), site, [document_of(fields)])
    return intake.submit(db.session(), site, fields, scored, idempotency_key(form))


def _site() -> SiteContext:
    site = sites.find_by_name(db.session(), article.SITE)
    if site is None:
        raise Unavailable("The demo is not set up here.")
    return site


def _links() -> StatusLinks:
    return services().status_links


def _page(
    site: SiteContext,
    form: Form,
    place: Mapping[str, str],
    *,
    notice: str | None = None,
    sent_id: str | None = None,
    status_url: str | None = None,
    refusal: Refusal | None = None,
) -> str:
    return render_template(
        "demo/article.html",
        title=article.TITLE,
        form=form,
        target=find_published(site, form.parent),
        reading=read_page(site, place),
        notice=notice,
        notice_status=place.get("sent") if notice else None,
        sent_id=sent_id,
        status_url=status_url,
        problem=refusal.problem if refusal else None,
        complaints=refusal.complaints if refusal else {},
        reference=article.REFERENCE,
        page_key=keys.find_page_key(db.session(), site.id, datetime.now(UTC)),
    )


def _refused(
    site: SiteContext, form: Form, error: ModerationError
) -> ResponseReturnValue:
    """Show the submitted form again, with its errors."""
    complaints = error.fields if isinstance(error, InvalidFields) else {}
    body = errors.body_of(error)
    problem = _in_plain_words(body["code"], body["message"])
    refusal = Refusal(problem=problem, complaints=complaints)
    page = _page(site, form, {}, refusal=refusal)
    return page, errors.status_of(error), errors.headers_of(error)


def _in_plain_words(code: str, message: str) -> str:
    return PLAIN_WORDS.get(code, message)


def _address_of(standing: StoredComment) -> str:
    """Return the URL of the page that shows the comment's status."""
    comment = standing.comment
    status, follow = _shown_status(standing), _links().token(comment.id)
    at = identifiers.encode(comment.id) if status is Status.APPROVED else None
    return url_for(".read", sent=status.value, follow=follow, at=at, _anchor="notice")


def _shown_status(standing: StoredComment) -> Status:
    """Return a comment's status as its author sees it."""
    if is_hidden_from_author(standing.decision.reasons):
        return Status.PENDING
    return Status(standing.comment.status)


answer_with_pages(bp, "demo/refused.html", _in_plain_words)


@bp.after_request
def _prepare(response: Response) -> Response:
    """Add the security and cache headers."""
    harden(response)
    if request.endpoint != "demo.static":
        response.cache_control.private = True
        response.cache_control.no_cache = True
        # The page after an error repeats an email address: no copy is kept. The
        # others may be kept, so that Back brings back what was typed.
        response.cache_control.no_store = request.method == "POST"
        response.vary.add("Accept")
    return response
