"""The status page of a comment, for its author."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from moderation.api.objection_bodies import MOST_APPEAL_BYTES, NewAppeal
from moderation.comments import statements
from moderation.comments.status_links import PATH
from moderation.console.texts import LANGUAGES, words
from moderation.database import db, start_writing
from moderation.errors import Conflict, Forbidden, ModerationError, NotFound
from moderation.languages.registry import DEFAULT
from moderation.languages.words import Words
from moderation.objections import appeals, misuse
from moderation.objections.appeals import AuthorState, AuthorStatus
from moderation.objections.misuse_counts import MisuseSubject, MisuseTarget
from moderation.policy.duties import Duty
from moderation.policy.provenance import Exemption
from moderation.sites import terms
from moderation.sites.legal_settings import read_legal_settings
from moderation.sites.policies import load_house_rules
from moderation.tables.comments import Comment
from moderation.tables.legal import MisuseMeasure
from moderation.text.plain import is_web_address
from moderation.web import errors
from moderation.web.limits import allow
from moderation.web.origins import is_foreign
from moderation.web.pages import answer_with_pages, harden
from moderation.web.services import services

bp = Blueprint(
    "authors",
    __name__,
    url_prefix=PATH.rstrip("/"),
    template_folder="templates",
    static_folder="static",
)

new_appeal = NewAppeal()


@bp.get("/<token>")
def read(token: str) -> ResponseReturnValue:
    """Show the comment's status, and the appeal form where one is allowed."""
    return _page(token)


@bp.post("/<token>")
def appeal(token: str) -> ResponseReturnValue:
    """File an appeal and redirect, so that a reload doesn't resend it."""
    number, session = _comment_of(token), db.session()
    if is_foreign():
        raise Forbidden("Send the form from its own page.")
    text = request.form.get("text", "")
    try:
        fields = new_appeal.load({"text": text})
    except ma.ValidationError:
        return _page(token, text=text, problem=_complaint(text)), 422
    try:
        settings = services().settings
        allow(settings.appeal_limit, "appeal", request.remote_addr or "unknown")
        start_writing(session)
        comment = _find(number, for_update=True)
        appeals.appeal(session, comment, fields["text"], datetime.now(UTC))
        session.commit()
    except Conflict:
        session.rollback()  # in the meantime: the page says how it stands now
        return _page(token), 409
    except ModerationError as error:
        session.rollback()
        problem = in_plain_words(errors.body_of(error)["code"], error.message)
        page = _page(token, text=text, problem=problem)
        return page, errors.status_of(error), errors.headers_of(error)
    return redirect(url_for("authors.read", token=token), 303)


@bp.get("/<token>/<path:rest>")
def miss(token: str, rest: str) -> ResponseReturnValue:
    """Answer an unknown path with an error page."""
    raise NotFound("There is no such page.")


def _page(token: str, *, text: str = "", problem: str | None = None) -> str:
    session, comment = db.session(), _find(_comment_of(token))
    author_status = appeals.tell(session, comment)
    language, rules = _house_rules(load_house_rules(session, comment.site_id))
    return render_template(
        "authors/status.html",
        told=author_status,
        reasons=_statement(session, comment, author_status),
        measures=_measures(session, comment),
        appeals_suspended_until=appeals.suspended_until(
            session, comment, datetime.now(UTC)
        ),
        waits=author_status.state in WAITING,
        article_url=_address(author_status),
        rules=rules,
        rules_language=language,
        token=token,
        text=text,
        problem=problem,
        most_bytes=MOST_APPEAL_BYTES,
    )


def _statement(
    session: Session, comment: Comment, author_status: AuthorStatus
) -> dict[str, Any] | None:
    """Return the statement of reasons that the site owes the author, if it does."""
    if author_status.state is not AuthorState.REJECTED:
        return None
    settings = read_legal_settings(session, comment.site_id)
    listed = statements.find_current(session, comment)
    if listed is None or not settings.is_on(Duty.STATEMENTS):
        return None
    if listed.statement.exemption == Exemption.SHADOW_BAN.value:
        return None
    stored = terms.get_terms(session, listed.statement.terms_id)
    languages = list(request.accept_languages.values())
    clause = stored.clause_of(listed.statement.code)
    return {
        "statement": listed.statement,
        "clause": terms.text_in(clause.texts, languages),
        "number": clause.number,
        "redress": terms.text_in(stored.redress, languages),
        "complain_until": listed.complain_until,
    }


def _measures(session: Session, comment: Comment) -> Sequence[MisuseMeasure]:
    """Return the warnings and suspensions that a comment's author must be shown."""
    settings = read_legal_settings(session, comment.site_id)
    if comment.author_record_id is None or not settings.is_on(Duty.MISUSE):
        return []
    target = MisuseTarget(
        site_id=comment.site_id,
        subject=MisuseSubject.AUTHOR,
        author_id=comment.author_record_id,
    )
    return misuse.list_to_show(session, target, datetime.now(UTC))


WAITING = {
    AuthorState.WAITING,
    AuthorState.EDITED,
    AuthorState.REPORTED,
    AuthorState.APPEALED,
}


def _address(author_status: AuthorStatus) -> str | None:
    """Return the article's URL, if its reference is one."""
    reference = author_status.article.reference
    return reference if is_web_address(reference) else None


def _house_rules(texts: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the language and paragraphs of a site's rules, as the reader prefers."""
    if not texts:
        return "", []
    language = request.accept_languages.best_match(list(texts)) or min(texts)
    return language, re.split(r"\n\s*\n", texts[language])


def _comment_of(token: str) -> int:
    links = services().status_links
    number = links.comment_of(token)
    if number is None:
        raise NotFound("There is no such page.")
    return number


def _find(number: int, *, for_update: bool = False) -> Comment:
    comment = db.session().get(Comment, number, with_for_update=for_update or None)
    if comment is None or (for_update and comment.deleted_at is not None):
        raise NotFound("There is no such page.")
    return comment


def spoken() -> Words:
    """Return the texts in the language that is asked for."""
    language = request.accept_languages.best_match(list(LANGUAGES))
    return words(language or DEFAULT)


def t(key: str, **values: object) -> str:
    """Return a text in the requested language."""
    return spoken()(key, **values)


def _complaint(text: str) -> str:
    is_long = len(text.encode(errors="replace")) > MOST_APPEAL_BYTES
    return t("author.too_long") if is_long else t("author.unreadable")


def in_plain_words(code: str, message: str) -> str:
    """Return an error's text from the catalogue, or the message itself."""
    return t(f"error.{code}") if f"error.{code}" in spoken() else message


@bp.context_processor
def offer() -> dict[str, Any]:
    """Add the texts to every template."""
    chosen = spoken()
    return {"t": chosen, "language": chosen.language, "in_words": in_words}


def in_words(moment: datetime) -> str:
    """Return a time in words, in UTC."""
    at = moment.astimezone(UTC)
    return t(
        "author.moment",
        day=str(at.day),
        month=t(f"month.{at.month}"),
        year=str(at.year),
        time=at.strftime("%H:%M"),
    )


answer_with_pages(bp, "authors/refused.html", in_plain_words)


@bp.after_request
def prepare(response: Response) -> Response:
    """Add the security headers; forbid caching and indexing."""
    harden(response)
    if request.endpoint != "authors.static":
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.vary.add("Accept-Language")
    return response
