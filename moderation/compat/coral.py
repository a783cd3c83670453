"""Coral's external moderation phase: answers a signed comment with a verdict.

Coral keeps the comment and its queue, so that nothing of it is stored here.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from flask import Blueprint, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from moderation import errors
from moderation.comments import intake
from moderation.compat.auth import count, signed
from moderation.compat.errors import Fault, sort
from moderation.compat.parsing import storable
from moderation.database import db
from moderation.errors import InvalidFields, Unauthenticated
from moderation.models.serving import ScoredText
from moderation.policy.facts import Facts, Signal
from moderation.policy.outcomes import Outcome, decide
from moderation.policy.reasons import ReasonCode
from moderation.policy.verdicts import Verdict
from moderation.rules import matching
from moderation.sites import integrations, sites
from moderation.sites.protocols import Protocol
from moderation.sites.sites import SiteContext
from moderation.web.parsing import read_body, read_json
from moderation.web.services import services

bp = Blueprint("coral", __name__)

SIGNATURE = "X-Coral-Signature"
SCHEME = "sha256="
MAX_SIGNATURES = 10  # while a secret rotates there are two
MAX_BYTES = 65_535  # of a comment, as in `api.comment_bodies`
STAFF = {"STAFF", "MODERATOR", "ADMIN"}
ACTIONS = ("NEW", "EDIT")

WITHHELD = "SYSTEM_WITHHELD"  # Coral: waits for a person, out of sight
PREMOD = "PREMOD"  # Coral: waits for a person, as all of its kind
REJECTED = "REJECTED"

# Our labels in the reasons that Coral reports under the Digital Services Act.
DSA_CODE = {
    "spam": "SPAM",
    "toxicity": "ABUSIVE",
    "severe_toxicity": "ABUSIVE",
    "insult": "HARASSMENT_BULLYING",
    "profanity": "OFFENSIVE",
    "identity_attack": "HATE_SPEECH",
    "threat": "HARASSMENT_BULLYING",
    "sexually_explicit": "OFFENSIVE",
}
STATUS_OF = {
    Fault.NO_KEY: 401,
    Fault.BAD_KEY: 401,
    Fault.SWITCHED_OFF: 403,
    Fault.MALFORMED: 400,
    Fault.TOO_LARGE: 413,
    Fault.UNKNOWN: 404,
}


@bp.route("/coral/<site_name>/comments", methods=["POST"])
@signed
def moderate(site_name: str) -> ResponseReturnValue:
    """Return the verdict on a comment that Coral is about to store."""
    site, data = _site(site_name), read_body(request)
    _check_signature(site, data)
    count(Protocol.CORAL, str(site.id))
    sent = read_json(data)
    fields = _fields(sent)
    (scored,) = services().intake.score(
        db.session(), site, [intake.document_of(fields)]
    )
    facts = _facts(sent, scored)
    matched = services().intake.match(
        db.session(), site, {**fields, "author_id": facts.author_id}
    )
    # Nothing of Coral's authors is stored here: nobody's comment is known as the first.
    hits = matching.confirm_matches(matched.matches, None, lambda: False)
    outcome = decide(site.policy, replace(facts, hits=hits, has_rules=matched.is_known))
    step = _step(outcome)
    response = make_response(jsonify(step) if step else ("", 204))
    response.headers["X-Model-Version"] = scored.model_version if scored else "unscored"
    return response


@bp.route("/coral/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def miss(rest: str) -> ResponseReturnValue:
    """Answer 404 for an unknown path."""
    raise NotFound


@bp.errorhandler(Exception)
def answer(error: Exception) -> ResponseReturnValue:
    """Answer any error.

    Coral lets a comment pass where it gets an error. So whatever is ours, and a limit
    that is reached, withholds the comment for a person instead.
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


def _check_signature(site: SiteContext, data: bytes) -> None:
    """Refuse a body that none of the site's secrets has signed.

    The key of the HMAC is the whole secret as Coral shows it, prefix and all; while a
    secret rotates Coral sends several signatures, with commas between.

    Raises
    ------
    Unauthenticated
        If no signature is right.
    """
    signatures = [
        part.strip().removeprefix(SCHEME).lower().encode()
        for part in request.headers.get(SIGNATURE, "").split(",", MAX_SIGNATURES)
        if part.strip().startswith(SCHEME)
    ]
    secrets = integrations.list_secrets(
        db.session(),
        site.id,
        Protocol.CORAL,
        privacy=services().privacy,
        now=datetime.now(UTC),
    )
    for secret in secrets:
        right = hmac.new(secret.encode(), data, hashlib.sha256).hexdigest().encode()
        if any(hmac.compare_digest(right, signature) for signature in signatures):
            return
    raise Unauthenticated("The signature is not valid.")


def _fields(sent: Any) -> dict[str, Any]:
    """Return the fields of Coral's comment that are scored.

    Raises
    ------
    InvalidFields
        If there is no text, or it is longer than may be judged.
    """
    comment = sent.get("comment") if isinstance(sent, dict) else None
    body = comment.get("body") if isinstance(comment, dict) else None
    if not isinstance(body, str):
        raise InvalidFields({"comment.body": ["Must be a string."]})
    if sent.get("action") not in ACTIONS:
        raise InvalidFields({"action": [f"One of {', '.join(ACTIONS)}."]})
    if len(body.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidFields({"comment.body": [f"Over {MAX_BYTES} bytes."]})
    return {"body": plain(storable(body))}


def _facts(sent: Mapping[str, Any], scored: ScoredText | None) -> Facts:
    author = sent.get("author")
    author_fields = author if isinstance(author, dict) else {}
    author_id = author_fields.get("id")
    return replace(
        Facts.of(scored),
        author_id=author_id if isinstance(author_id, str) else None,
        signal=Signal.STAFF if author_fields.get("role") in STAFF else None,
    )


def _step(outcome: Outcome) -> dict[str, Any] | None:
    """Return Coral's next step; None leaves the comment to Coral's other phases."""
    labels = [reason.label for reason in outcome.reasons if reason.label]
    codes = {reason.code for reason in outcome.reasons}
    if outcome.verdict is Verdict.APPROVE:
        return None
    if outcome.verdict is Verdict.REJECT:
        code = DSA_CODE[labels[0]] if labels else "OTHER"
        reason = {"code": code}
        rejection = {"status": REJECTED, "rejectionReason": reason}
        return {
            "status": REJECTED,
            "actions": _flags(labels),
            "moderationAction": rejection,
        }
    if codes == {ReasonCode.PREMODERATION}:
        return {"status": PREMOD}
    if ReasonCode.SCORE in codes:
        return {"status": WITHHELD, "actions": _flags(labels)}
    return {"status": WITHHELD}


def _flags(labels: list[str]) -> list[dict[str, str]]:
    """Return the flags that Coral shows its moderators."""
    kinds = {"SPAM" if label == "spam" else "TOXIC" for label in labels}
    return [
        {"actionType": "FLAG", "reason": f"COMMENT_DETECTED_{kind}"}
        for kind in sorted(kinds)
    ]


class _Text(HTMLParser):
    """Collects the visible text and the link targets."""

    BREAKS = frozenset({"br", "div", "p", "li", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BREAKS:
            self.parts.append("\n")
        self.parts += [
            f" {value} " for name, value in attrs if name == "href" and value
        ]

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain(body: str) -> str:
    """Return the text of a comment that may be HTML.

    >>> plain('a <b>b</b>un<a href="https://x.example">c</a> 1 < 2')
    'a bun https://x.example c 1 < 2'
    """
    if "<" not in body and "&" not in body:
        return body
    reader = _Text()
    reader.feed(body)
    reader.close()
    return "".join(reader.parts).strip()
