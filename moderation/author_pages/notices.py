"""The form for notices of illegal content, and the page of each notice.

Without JavaScript, log-in, or cookie: there is nothing that another site could use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from moderation import identifiers
from moderation.api.notice_bodies import MAX_ANSWER_BYTES, NewComplaint, NewNotice
from moderation.api.notice_json import dump_notice
from moderation.api.notices import read_draft
from moderation.author_pages.views import in_plain_words, offer, spoken, t
from moderation.comments.status_links import NOTICE_PATH
from moderation.database import db, start_writing
from moderation.errors import Conflict, Forbidden, InvalidFields, NotFound
from moderation.objections import complaints, misuse, notices
from moderation.objections.notices import NoticeChannel, NotifierKind
from moderation.policy.categories import NOTICE_CATEGORIES
from moderation.policy.duties import Duty
from moderation.sites import sites
from moderation.sites.legal_settings import read_legal_settings
from moderation.sites.sites import SiteContext
from moderation.sites.terms import text_in
from moderation.tables.legal import MisuseMeasure, Notice
from moderation.web.actors import act_as_anyone
from moderation.web.limits import allow
from moderation.web.origins import is_foreign
from moderation.web.pages import answer_with_pages, harden
from moderation.web.parsing import flatten
from moderation.web.services import services

bp = Blueprint("notices", __name__, url_prefix=NOTICE_PATH.rstrip("/"))

#: The category of the form whose senders needn't say who they are.
CHILDREN = "CHILD_SEXUAL_ABUSE_MATERIAL"
FIELDS = ("comments", "category", "law", "explanation", "name", "email")
BOXES = ("good_faith", "is_life")
MAX_TYPED = 20_000  # characters of a field that is shown again
COMMENT_ID = re.compile(rf"[{identifiers.ALPHABET}]{{{identifiers.ENCODED_LENGTH}}}")

new_notice = NewNotice()
new_complaint = NewComplaint()


@bp.get("/new/<site>")
def write(site: str) -> ResponseReturnValue:
    """Show the form; `comment` fills one in."""
    typed = {"comments": request.args.get("comment", "")[:MAX_TYPED]}
    return _form(_site(site), typed)


@bp.post("/new/<site>")
def send(site: str) -> ResponseReturnValue:
    """Store a notice, and lead to its page, which is the receipt."""
    found = _site(site)
    _refuse_misuse()
    typed = {name: request.form.get(name, "")[:MAX_TYPED] for name in FIELDS}
    typed |= {name: request.form.get(name, "") for name in BOXES}
    session = db.session()
    try:
        fields = new_notice.load(_as_json(typed))
        start_writing(session)
        notice = notices.file(
            session,
            found.id,
            read_draft(found.id, fields, NoticeChannel.FORM),
            services().privacy,
            services().notice_links.address,
            datetime.now(UTC),
        )
        session.commit()
    except ma.ValidationError as error:
        return _form(found, typed, flatten(error.messages)), 422
    except InvalidFields as error:
        session.rollback()
        return _form(found, typed, error.fields), 422
    token = services().notice_links.token(notice.id)
    return redirect(url_for("notices.read", token=token), 303)


@bp.get("/<token>")
def read(token: str) -> ResponseReturnValue:
    """Show a notice's receipt, its decision, and the form to complain."""
    return _page(token)


@bp.post("/<token>")
def complain(token: str) -> ResponseReturnValue:
    """Store a complaint about the decision of a notice."""
    number = _number(token)
    _refuse_misuse()
    session, text = db.session(), request.form.get("text", "")[:MAX_TYPED]
    try:
        fields = new_complaint.load({"text": text})
        start_writing(session)
        notice = _find(number, for_update=True)
        complaints.file(session, notice, fields["text"], datetime.now(UTC))
        session.commit()
    except ma.ValidationError:
        is_long = len(text.encode(errors="replace")) > MAX_ANSWER_BYTES
        problem = (
            t("author.notice.too_long") if is_long else t("author.notice.unreadable")
        )
        return _page(token, text=text, problem=problem), 422
    except Conflict as error:
        session.rollback()
        return _page(token, text=text, problem=error.message), 409
    return redirect(url_for("notices.read", token=token), 303)


@bp.get("/<token>/<path:rest>")
def miss(token: str, rest: str) -> ResponseReturnValue:
    """Answer an unknown path with an error page."""
    raise NotFound("There is no such page.")


def _site(name: str) -> SiteContext:
    session = db.session()
    site = sites.get_by_name(session, name)
    if not read_legal_settings(session, site.id).is_on(Duty.NOTICES):
        raise NotFound("There is no such page.")
    return site


def _refuse_misuse() -> None:
    """Refuse other sites' forms, and too many of one network."""
    if is_foreign():
        raise Forbidden("Send the form from its own page.")
    act_as_anyone()
    network = services().privacy.network(request.remote_addr)
    allow(services().settings.notice_limit, "notices", network)


def _as_json(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the body that the API would get."""
    is_about_children = typed["category"] == CHILDREN
    category = "PROTECTION_OF_MINORS" if is_about_children else typed["category"]
    lines = [line for line in re.split(r"[\s,]+", typed["comments"]) if line]
    found = [COMMENT_ID.findall(line) for line in lines]
    return {
        "comments": [ids[-1] if ids else "?" for ids in found],
        "category": category or None,
        "keyword": CHILDREN if is_about_children else None,
        "law": typed["law"].strip() or None,
        "explanation": typed["explanation"],
        "name": typed["name"].strip() or None,
        "email": typed["email"].strip() or None,
        "good_faith": bool(typed["good_faith"]),
        "good_faith_text": t("author.notice.good_faith"),
        "is_life": bool(typed["is_life"]),
        "language": spoken().language.code,
        "kind": NotifierKind.PRIVATE.value,
        "flagger_token": request.values.get("flagger") or None,
    }


def _form(
    site: SiteContext,
    typed: Mapping[str, str],
    faults: Mapping[str, Any] | None = None,
) -> str:
    return render_template(
        "authors/notice_form.html",
        site=site.name,
        typed=typed,
        faults=faults or {},
        categories=NOTICE_CATEGORIES,
        children=CHILDREN,
        flagger=request.values.get("flagger", ""),
    )


def _page(token: str, *, text: str = "", problem: str | None = None) -> str:
    session, notice = db.session(), _find(_number(token))
    address = services().notice_links.address(notice.id)
    shown = dump_notice(session, notice, address)
    now = datetime.now(UTC)
    until, is_decided = shown["complain_until"], notice.decided_at is not None
    settings = read_legal_settings(session, notice.site_id)
    return render_template(
        "authors/notice.html",
        notice=shown,
        reference=identifiers.encode(notice.id),
        redress=text_in(shown["redress"], list(request.accept_languages.values())),
        may_complain=is_decided
        and shown["complaint"] is None
        and settings.is_on(Duty.COMPLAINTS)
        and now <= until,
        encode=identifiers.encode,
        measures=_measures(notice, now),
        token=token,
        text=text,
        problem=problem,
    )


def _measures(notice: Notice, now: datetime) -> Sequence[MisuseMeasure]:
    """Return the warnings and suspensions that a notice's sender must be shown."""
    if notice.notifier is None:
        return []
    target = notices.notifier_target(notice.site_id, notice.notifier)
    return misuse.list_to_show(db.session(), target, now)


def _number(token: str) -> int:
    number = services().notice_links.comment_of(token)
    if number is None:
        raise NotFound("There is no such page.")
    return number


def _find(number: int, *, for_update: bool = False) -> Notice:
    notice = db.session().get(Notice, number, with_for_update=for_update or None)
    if notice is None:
        raise NotFound("There is no such page.")
    return notice


bp.context_processor(offer)
answer_with_pages(bp, "authors/refused.html", in_plain_words)


@bp.after_request
def _prepare(response: Response) -> Response:
    """Add the security headers; forbid caching and indexing."""
    harden(response)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.vary.add("Accept-Language")
    return response
