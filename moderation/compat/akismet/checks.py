"""Akismet's comment checks and reports of missed spam and false positives."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import Response
from sqlalchemy.exc import IntegrityError

from moderation import identifiers
from moderation.comments import author_names, intake, lookup
from moderation.comments.lookup import StoredComment
from moderation.compat.akismet import answers
from moderation.compat.akismet.comment import (
    fields_of,
    is_test,
    is_to_discard,
    list_keys_of,
    signal_of,
)
from moderation.compat.errors import Unscored
from moderation.database import db, start_writing
from moderation.errors import Conflict, DifferentBody, InvalidFields, NotFound
from moderation.models.serving import ScoredText
from moderation.policy.facts import Facts, Signal
from moderation.policy.openness import ArticleFacts, get_openness
from moderation.policy.outcomes import decide
from moderation.policy.reasons import ReasonCode
from moderation.policy.status_changes import STATUS_AFTER
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.review.verdicts import GivenVerdict, record_site_verdict
from moderation.rules import matching
from moderation.sites.keys import KeyScope
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Comment
from moderation.web.services import services
from moderation.web.site_keys import refuse_beyond_scope
from moderation.webhooks import akismet_callbacks


@dataclass(frozen=True, kw_only=True)
class AkismetReport:
    """A report by site staff."""

    verdict: Verdict
    is_spam: bool


SPAM = AkismetReport(verdict=Verdict.REJECT, is_spam=True)
HAM = AkismetReport(verdict=Verdict.APPROVE, is_spam=False)


def check(site: SiteContext, sent: Mapping[str, str]) -> Response:
    """Store a comment and return the verdict on it.

    Raises
    ------
    InvalidFields
        If a field that must be there is not.
    Unscored
        If it waits for a person because scoring failed: clients then hold it.
    """
    for name in ("blog", "user_ip"):
        if name not in sent:
            raise InvalidFields({name: ['Empty "' + name + '" value']})
    fields = fields_of(sent, site.name, datetime.now(UTC))
    if is_test(sent):
        return _test(site, sent, fields)
    standing = _submitted(site, sent, fields)
    comment = standing.comment
    status = Status(comment.status)
    if status is Status.PENDING:
        _remember_callback(site, sent, comment.id)
    is_faulty = status is Status.PENDING and _is_faulty(standing)
    if is_faulty and not site.integrations.review_as_spam:
        raise Unscored("Waits for a person, unscored.")
    return answers.verdict(
        status,
        identifiers.encode(comment.id),
        site.integrations,
        is_blatant=answers.is_blatant(standing, signal_of(sent)),
    )


def _is_faulty(standing: StoredComment) -> bool:
    """Return whether scoring or the rules failed."""
    codes = {reason["code"] for reason in standing.decision.reasons}
    return standing.score is None or ReasonCode.RULES_UNAVAILABLE.value in codes


def _remember_callback(site: SiteContext, sent: Mapping[str, str], number: int) -> None:
    """Store the callback URL for a later decision."""
    if not sent.get("callback") or not sent.get("api_key"):
        return
    session, privacy = db.session(), services().privacy
    start_writing(session)
    with contextlib.suppress(IntegrityError):  # another request has kept it just now
        akismet_callbacks.remember(
            session,
            site,
            number,
            sent=sent,
            privacy=privacy,
            now=datetime.now(UTC),
        )
        session.commit()
    session.rollback()


def report(site: SiteContext, sent: Mapping[str, str], told: AkismetReport) -> Response:
    """Record site staff's report as a decision; store an unknown comment."""
    if is_test(sent):
        return answers.text(answers.THANKS)
    fields = fields_of(sent, site.name, datetime.now(UTC))
    fields.pop("signal", None)  # a person has looked: what a program noticed is past
    comment_row = _named(site, sent) or _submitted(site, sent, fields).comment
    session = db.session()
    start_writing(session)
    session.expire_all()
    comment = lookup.find(session, [site.id], comment_row.id, for_update=True)
    given = GivenVerdict(
        verdict=told.verdict,
        reasons=["spam"] if told.is_spam else [],
        labels={"spam": told.is_spam},
    )
    record_site_verdict(
        session, comment, given, source=Source.AKISMET, now=datetime.now(UTC)
    )
    session.commit()
    return answers.text(answers.THANKS)


def _submitted(
    site: SiteContext, sent: Mapping[str, str], fields: dict[str, Any]
) -> StoredComment:
    """Return a comment's state, after storing or editing it."""
    earlier_comment = _named(site, sent)
    if earlier_comment is not None:
        if earlier_comment.body != fields["body"] and fields["body"]:
            refuse_beyond_scope(site, KeyScope.MANAGE)  # as PATCH does
            return services().intake.edit(
                db.session(), site, earlier_comment.id, {"body": fields["body"]}
            )
        return lookup.stored(db.session(), earlier_comment)
    privacy = services().privacy
    keys = list_keys_of(fields, privacy)
    key = lookup.find_idempotency_key(db.session(), site.id, keys) or keys[0]
    (scored,) = services().intake.score(
        db.session(), site, [intake.document_of(fields)]
    )
    try:
        return _store(site, fields, scored, key)
    except DifferentBody:  # sent before, from another machine or at another time
        db.session.rollback()
        earlier = lookup.find_by_idempotency_key(db.session(), site.id, key)
        if earlier is None:
            raise
        return lookup.stored(db.session(), earlier)
    except Conflict:  # sent before, and erased since: it is a new one
        db.session.rollback()
        return _store(site, fields, scored, None)


def _store(
    site: SiteContext,
    fields: dict[str, Any],
    scored: ScoredText | None,
    key: str | None,
) -> StoredComment:
    """Store a comment that the site's software has taken, and is to keep."""
    return services().intake.submit(
        db.session(), site, fields, scored, key, is_stored_elsewhere=True
    )


def _named(site: SiteContext, sent: Mapping[str, str]) -> Comment | None:
    """Return the comment of a returned GUID."""
    try:
        number = identifiers.decode(sent.get("guid", ""))
        return lookup.find(db.session(), [site.id], number)
    except (ValueError, NotFound):
        return None


def _test(
    site: SiteContext, sent: Mapping[str, str], fields: dict[str, Any]
) -> Response:
    """Answer a test request: decided as usual, but not stored."""
    guid = secrets.token_hex(answers.GUID_BYTES)
    if is_to_discard(sent):
        return answers.text(answers.SPAM, guid=guid, pro_tip="discard")
    (scored,) = services().intake.score(
        db.session(), site, [intake.document_of(fields)]
    )
    matched = services().intake.match(db.session(), site, fields)
    outcome = decide(
        site.policy,
        replace(
            Facts.of(scored),
            openness=get_openness(site.policy, ArticleFacts(), datetime.now(UTC)),
            author_id=fields.get("author_id"),
            signal=signal_of(sent),
            is_name_deceptive=author_names.is_deceptive(
                db.session(), site, fields["author_name"]
            ),
            personal_data=intake.find_personal_data(site, fields["body"]),
            hits=matching.confirm_matches(matched.matches, None, lambda: False),
            has_rules=matched.is_known,
        ),
    )
    if scored is None and fields.get("signal") is not Signal.STAFF:
        raise Unscored
    status = STATUS_AFTER[outcome.verdict]
    return answers.verdict(status, guid, site.integrations, is_blatant=False)
