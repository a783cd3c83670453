"""A person's data at a site, for the holder of the link that the site mailed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from moderation.author_pages.views import in_plain_words, offer, prepare, spoken
from moderation.database import db, start_writing
from moderation.errors import Forbidden, NotFound
from moderation.subjects import clocks, erasure, export, links
from moderation.subjects.page import LANGUAGES, render
from moderation.subjects.person import DataSubject, comment_ids_of, names_of
from moderation.tables.sites import Site
from moderation.web.actors import act_as_anyone
from moderation.web.limits import allow
from moderation.web.origins import is_foreign
from moderation.web.pages import answer_with_pages
from moderation.web.services import services

bp = Blueprint(
    "person",
    __name__,
    url_prefix=links.PATH.rstrip("/"),
    template_folder="templates",
)


@bp.get("/<token>")
def read(token: str) -> ResponseReturnValue:
    """Show how much a site holds of a person, and what they can do about it."""
    session, subject = db.session(), _open(token)
    return render_template(
        "authors/person.html",
        token=token,
        site=session.get_one(Site, subject.site_id).name,
        names=names_of(session, subject),
        count=len(comment_ids_of(session, subject)),
        has_asked=erasure.has_asked(session, subject),
    )


@bp.get("/<token>/data.<any(json, html):kind>")
def download(token: str, kind: str) -> ResponseReturnValue:
    """Download all that a site holds of a person."""
    session, subject = db.session(), _open(token)
    start_writing(session)
    document = export.export(
        session,
        services().privacy,
        subject,
        services().lineage_key,
        datetime.now(UTC),
    )
    session.commit()
    answer = Response(_text_of(document, kind), mimetype=_TYPES[kind])
    answer.headers["Content-Disposition"] = f"attachment; filename=my-data.{kind}"
    return answer


@bp.post("/<token>/erasure")
def ask_erasure(token: str) -> ResponseReturnValue:
    """Ask the site's admins to erase the person; asked once, it waits for them."""
    session, subject = db.session(), _open(token)
    if is_foreign():
        raise Forbidden("Send the form from its own page.")
    if not erasure.has_asked(session, subject):
        mode = clocks.read_clocks(session, subject.site_id).mode
        start_writing(session)
        erasure.request(
            session,
            subject,
            mode,
            staff_id=None,
            retrains=False,
            now=datetime.now(UTC),
            is_by_person=True,
        )
        session.commit()
    return redirect(url_for("person.read", token=token), 303)


@bp.get("/<token>/<path:rest>")
def miss(token: str, rest: str) -> ResponseReturnValue:
    """Answer an unknown path with an error page."""
    raise NotFound("There is no such page.")


_TYPES = {"json": "application/json", "html": "text/html"}


def _text_of(document: dict[str, Any], kind: str) -> str:
    if kind == "json":
        return json.dumps(document, ensure_ascii=False, indent=2)
    code = spoken().language.code
    return render(document, code if code in LANGUAGES else LANGUAGES[0])


def _open(token: str) -> DataSubject:
    """Return whose link it is, as often as guessing is allowed."""
    settings = services().settings
    act_as_anyone()
    allow(settings.appeal_limit, "person", request.remote_addr or "unknown")
    secrets = (settings.secret_key, *settings.secret_keys_accepted)
    keys = [links.derive_link_key(secret) for secret in secrets]
    return links.open_link(db.session(), token, keys, datetime.now(UTC))


answer_with_pages(bp, "authors/refused.html", in_plain_words)
bp.context_processor(offer)
bp.after_request(prepare)
