"""Coral's endpoint: a signed comment in, Coral's next step out."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from moderation import errors
from moderation.authors import records
from moderation.authors.identity import keys_of
from moderation.comments import author_names, intake
from moderation.compat.auth import count, signed
from moderation.compat.coral.comment import read_facts, read_fields, read_username
from moderation.compat.coral.signatures import refuse_unsigned
from moderation.compat.coral.steps import WITHHELD, build_step
from moderation.compat.errors import Fault, sort
from moderation.database import db
from moderation.errors import Unauthenticated
from moderation.policy.openness import ArticleFacts, get_openness
from moderation.policy.outcomes import decide
from moderation.policy.standings import UNKNOWN_AUTHOR, AuthorFacts
from moderation.rules import matching
from moderation.sites import sites
from moderation.sites.protocols import Protocol
from moderation.sites.sites import SiteContext
from moderation.web.parsing import read_body, read_json
from moderation.web.services import services

bp = Blueprint("coral", __name__)
STATUS_OF = {
    Fault.NO_KEY: 401,
    Fault.BAD_KEY: 401,
    Fault.SWITCHED_OFF: 403,
    Fault.SCOPE_MISSING: 403,
    Fault.ORIGIN_REFUSED: 403,
    Fault.MALFORMED: 400,
    Fault.TOO_LARGE: 413,
    Fault.UNKNOWN: 404,
}


@bp.route("/coral/<site_name>/comments", methods=["POST"])
@signed
def moderate(site_name: str) -> ResponseReturnValue:
    """Return the verdict on a comment that Coral is about to store."""
    site, data = _site(site_name), read_body(request)
    refuse_unsigned(site, data)
    count(Protocol.CORAL, str(site.id))
    sent = read_json(data)
    fields = read_fields(sent)
    (scored,) = services().intake.score(
        db.session(), site, [intake.document_of(fields)]
    )
    facts = read_facts(sent, scored)
    # Coral closes its stories by itself, and names no section here.
    openness = get_openness(site.policy, ArticleFacts(), datetime.now(UTC))
    author = _author_facts(site, facts.author_id)
    facts = replace(facts, author=author, openness=openness)
    username = read_username(sent)
    if username:
        is_deceptive = author_names.is_deceptive(db.session(), site, username)
        facts = replace(facts, is_name_deceptive=is_deceptive)
    matched = services().intake.match(
        db.session(), site, {**fields, "author_id": facts.author_id}
    )
    # Nothing of Coral's authors is stored here: no one's comment is known as the first.
    hits = matching.confirm_matches(matched.matches, None, lambda: False)
    facts = replace(
        facts,
        hits=hits,
        has_rules=matched.is_known,
        personal_data=intake.find_personal_data(site, fields["body"]),
    )
    outcome = decide(site.policy, facts)
    step = build_step(outcome)
    response = make_response(jsonify(step) if step else ("", 204))
    response.headers["X-Model-Version"] = scored.model_version if scored else "unscored"
    return response


def _author_facts(site: SiteContext, author_id: str | None) -> AuthorFacts:
    """Return what staff decided about an author, if the site also sends us comments.

    Coral's own comments make no record: they aren't stored here.
    """
    if author_id is None:
        return UNKNOWN_AUTHOR
    keys = keys_of(
        services().privacy,
        site.id,
        author_id=author_id,
        email=None,
        name="",
        networks=(),
    )
    if keys is None:
        return UNKNOWN_AUTHOR
    return records.find(db.session(), site.id, keys).facts(datetime.now(UTC))


@bp.route("/coral/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def miss(rest: str) -> ResponseReturnValue:
    """Answer 404 for an unknown path."""
    raise NotFound


@bp.errorhandler(Exception)
def answer(error: Exception) -> ResponseReturnValue:
    """Answer any error.

    Coral publishes a comment when it gets an error. So a fault of the service, or a
    limit that is reached, withholds the comment for a moderator instead.
    """
    fault, message = sort(error)
    if fault.is_ours or fault is Fault.TOO_MANY:
        return jsonify(status=WITHHELD)
    body = {"code": fault.value.replace(" ", "_"), "message": message}
    return jsonify(body), STATUS_OF[fault]


def _site(name: str) -> SiteContext:
    """Return the site; an unknown site looks like a wrong signature.

    Raises
    ------
    Unauthenticated
        If there is none that speaks this protocol.
    """
    with contextlib.suppress(errors.NotFound):
        site = sites.get_by_name(db.session(), name)
        if site.integrations.speaks(Protocol.CORAL):
            return site
    raise Unauthenticated("The signature is not valid.")
