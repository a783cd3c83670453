"""Sites that want to hear when a person has decided: remembered, due, called."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from moderation import identifiers
from moderation.backoff import LEASE_LASTS, pause_after
from moderation.policy.verdicts import Source, Status
from moderation.privacy import Privacy
from moderation.sites.protocols import host_of, is_in_clear
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.review import DecisionBatch
from moderation.tables.webhooks import Callback

PURPOSE = "callback"  # of the site's key while it is kept for one
#: What finds the comment at its site; never its author's address.
ABOUT = ("comment_post_ID", "comment_parent")
MAX_ID_LENGTH = 20  # characters: WordPress's ids are numbers
MAX_URL_LENGTH = 2048
#: Why a callback is given up without an attempt.
IN_CLEAR = "refused: plain http would reveal the site key"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class AkismetCallback:
    """One thing to tell one site."""

    comment_id: int
    attempt: int
    url: str
    key: str
    guid: str
    is_spam: bool
    about: dict[str, str]


def remember(
    session: Session,
    site: SiteContext,
    comment_id: int,
    *,
    sent: Mapping[str, str],
    privacy: Privacy,
    now: datetime,
) -> bool:
    """Keep where to tell what happens to a pending comment; tell if it is kept.

    Only an address at the host that the site has registered as its own is followed:
    a stolen key must not redirect callbacks. A callback carries the key: one over
    plain HTTP to another machine is logged, and not kept.

    Parameters
    ----------
    sent
        The fields of the call: `callback` and `api_key`, and what finds the comment.
    """
    url, key = sent["callback"], sent["api_key"]
    home = site.integrations.home
    host = host_of(url) if len(url) <= MAX_URL_LENGTH else None
    if home is None or host is None or host != host_of(home):
        return False
    if is_in_clear(url):
        guid = identifiers.encode(comment_id)
        logger.warning("callback of %s not kept: %s", guid, IN_CLEAR)
        return False
    if session.get(Callback, comment_id) is not None:
        return False
    about = {name: sent[name] for name in ABOUT if name in sent}
    session.add(
        Callback(
            comment_id=comment_id,
            site_id=site.id,
            url=url,
            sealed_key=privacy.seal_secret(key, PURPOSE, site.id),
            about={name: each for name, each in about.items() if _is_id(each)},
            due_at=now,
        )
    )
    return True


def take_due(
    session: Session, *, privacy: Privacy, now: datetime, grace: timedelta
) -> AkismetCallback | None:
    """Take the next callback up whose comment a person has decided.

    A decision younger than `grace` may still be undone, and so may one that was
    given with many others until so long after the last of them. What the site itself
    has reported it knows: no one needs a callback.
    """
    found = next_due(session, now, grace)
    if found is None:
        return None
    callback, status = found
    attempt = session.scalar(
        sa.update(Callback)
        .where(
            Callback.comment_id == callback.comment_id,
            Callback.attempts == callback.attempts,
            Callback.told_at.is_(None),
        )
        .values(attempts=Callback.attempts + 1, due_at=now + LEASE_LASTS)
        .returning(Callback.attempts)
    )
    if attempt is None:
        return None  # another worker's
    return AkismetCallback(
        comment_id=callback.comment_id,
        attempt=attempt,
        url=callback.url,
        key=privacy.open_secret(callback.sealed_key, PURPOSE, callback.site_id),
        guid=identifiers.encode(callback.comment_id),
        is_spam=status == Status.REJECTED.value,
        about=dict(callback.about),
    )


def next_due(
    session: Session, now: datetime, grace: timedelta
) -> tuple[Callback, str] | None:
    """Return the callback that is next, with its comment's status."""
    each = aliased(Decision)
    newest = (
        sa.select(sa.func.max(each.id))
        .where(each.comment_id == Callback.comment_id)
        .correlate(Callback)
        .scalar_subquery()
    )
    row = session.execute(
        sa.select(Callback, Comment.status)
        .join(Comment, Comment.id == Callback.comment_id)
        .join(Decision, Decision.id == newest)
        .outerjoin(DecisionBatch, DecisionBatch.id == Decision.batch_id)
        .where(
            Callback.told_at.is_(None),
            Callback.due_at <= now,
            Comment.status != Status.PENDING.value,
            Comment.deleted_at.is_(None),
            Decision.created_at <= now - grace,
            sa.or_(
                Decision.batch_id.is_(None),
                DecisionBatch.finished_at <= now - grace,
            ),
            Decision.source != Source.AKISMET.value,
        )
        .order_by(Callback.due_at)
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])


def tell_again(session: Session, comment_ids: Collection[int], now: datetime) -> None:
    """Let sites hear of comments whose status a person changed after the callback."""
    session.execute(
        sa.update(Callback)
        .where(Callback.comment_id.in_(comment_ids), Callback.told_at.is_not(None))
        .values(told_at=None, attempts=0, due_at=now, fault=None)
        .execution_options(synchronize_session=False)
    )


def refusal_of(callback: AkismetCallback) -> str | None:
    """Return why a callback must not be sent; None if it may be."""
    return IN_CLEAR if is_in_clear(callback.url) else None


def settle(
    session: Session,
    callback: AkismetCallback,
    fault: str | None,
    now: datetime,
    chance: float,
) -> None:
    """Record that a site was called, or is to be called again later.

    A callback over plain HTTP is given up: a further attempt would not help.

    Parameters
    ----------
    chance : 0 to 1, drawn at random: spreads the pauses
    """
    is_repeated = fault is not None and refusal_of(callback) is None
    pause = pause_after(callback.attempt, chance) if is_repeated else None
    session.execute(
        sa.update(Callback)
        .where(
            Callback.comment_id == callback.comment_id,
            Callback.attempts == callback.attempt,
        )
        .values(
            told_at=None if pause else now,
            due_at=now + (pause or timedelta(0)),
            fault=fault,
        )
    )


def body_of(callback: AkismetCallback) -> dict[str, object]:
    """Return what WordPress's plugin of Akismet expects at its webhook.

    Source: the plugin's class.akismet-rest-api.php, version 5.5 (read 2026-11-23).
    """
    comment = {
        "guid": callback.guid,
        "result": "true" if callback.is_spam else "false",
        **callback.about,
    }
    return {"key": callback.key, "endpoint": "comment-check", "comments": [comment]}


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_ID_LENGTH
