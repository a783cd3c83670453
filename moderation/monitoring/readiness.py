"""Find out what the service lacks: disk, keys, a worker, receivers, a mail server."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from moderation import migration
from moderation.models.serving import Scoring
from moderation.notifications import mail_server
from moderation.privacy import Privacy, UnreadableEmail
from moderation.rekeying import installed
from moderation.rekeying.installed import InstallationKeys
from moderation.tables.comments import Comment
from moderation.tables.jobs import Heartbeat
from moderation.tables.webhooks import Delivery, Webhook

logger = logging.getLogger(__name__)

OK = "ok"
WORKER = "worker"
BEAT_SECONDS = 15.0  # between two heartbeats
MAX_SILENCE = timedelta(seconds=60)  # four beats
MAX_BACKLOG_AGE = timedelta(minutes=10)
MAX_MAIL_FAILURE = timedelta(minutes=30)
#: Less than this, and SQLite will soon refuse to write.
MIN_FREE_BYTES = 64 * 1024 * 1024


def read_parts(
    session: Session,
    *,
    scoring: Scoring,
    privacy: Privacy,
    keys: InstallationKeys,
    now: datetime,
) -> dict[str, str]:
    """Return each part that the service needs: `ok`, or what is wrong with it."""
    scoring.find_default()  # what was missing may be there by now

    def check(part: Callable[[], str]) -> str:
        try:
            return part()
        except SQLAlchemyError as error:
            session.rollback()
            return f"does not answer ({type(error).__name__})"

    return {
        "database": check(lambda: check_database(session)),
        "migrations": check(check_migrations),
        "model": scoring.fault or OK,
        "encoder": scoring.encoder_fault or OK,
        "disk": check(lambda: check_disk(session)),
        "email_keys": check(lambda: check_email_keys(session, privacy)),
        "keys": check(lambda: check_keys(session, keys)),
        "worker": check(lambda: check_worker(session, now)),
        "webhooks": check(lambda: check_webhooks(session, now)),
        "notifications": check(lambda: check_notifications(session, now)),
    }


def check_database(session: Session) -> str:
    """Check that the database answers."""
    session.execute(sa.text("SELECT 1"))
    return OK


def check_migrations() -> str:
    """Check that the database's revision is the one that this code needs."""
    at, needed = migration.current(), migration.head()
    return OK if at == needed else f"at {at}, {needed} is needed"


def record_heartbeat(session: Session, now: datetime) -> None:
    """Record that a worker is alive."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insertion = (sqlite.insert if is_sqlite else postgresql.insert)(Heartbeat)
    session.execute(
        insertion.values(name=WORKER, beaten_at=now).on_conflict_do_update(
            index_elements=["name"], set_={"beaten_at": now}
        )
    )


def check_disk(session: Session) -> str:
    """Check the free space next to an embedded database.

    PostgreSQL refuses writes by itself, and the log names its reason.
    """
    url = session.get_bind().engine.url
    if url.get_backend_name() != "sqlite" or not url.database:
        return OK
    folder = Path(url.database).absolute().parent
    try:
        free_bytes = shutil.disk_usage(folder).free
    except OSError:
        return "can't be read"
    if free_bytes >= MIN_FREE_BYTES:
        return OK
    return f"{free_bytes // 1024**2} MiB are free, {MIN_FREE_BYTES // 1024**2} needed"


def check_keys(session: Session, keys: InstallationKeys) -> str:
    """Check that no key that something stored may need is missing."""
    faults = installed.list_missing(session, keys)
    for fault in faults:
        logger.error("%s", fault)
    return "; ".join(faults) or OK


def check_email_keys(session: Session, privacy: Privacy) -> str:
    """Check that the oldest and the newest stored email address can be decrypted."""
    query = sa.select(Comment.id, Comment.email_encrypted).where(
        Comment.email_encrypted.is_not(None)
    )
    for order in (Comment.id.asc(), Comment.id.desc()):
        row = session.execute(query.order_by(order).limit(1)).first()
        if row is None:
            return OK
        try:
            privacy.decrypt_email(row.email_encrypted or "", row.id)
        except UnreadableEmail:
            return "MODERATION_EMAIL_KEYS lacks the key of stored addresses"
    return OK


def check_worker(session: Session, now: datetime) -> str:
    """Check that a worker has been seen in the last `MAX_SILENCE`."""
    beaten_at = session.scalar(
        sa.select(Heartbeat.beaten_at).where(Heartbeat.name == WORKER)
    )
    if beaten_at is None:
        return "has never run"
    silence = now - beaten_at
    if silence <= MAX_SILENCE:
        return OK
    return f"no heartbeat for {silence.total_seconds():.0f} s"


def check_webhooks(session: Session, now: datetime) -> str:
    """Check that no event has been due for longer than `MAX_BACKLOG_AGE`."""
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Delivery)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(
            Webhook.is_on,
            Webhook.deleted_at.is_(None),
            Delivery.state == "waiting",
            Delivery.due_at <= now - MAX_BACKLOG_AGE,
        )
    )
    if not count:
        return OK
    minutes = MAX_BACKLOG_AGE.total_seconds() / 60
    return f"{count} events have been due for over {minutes:.0f} minutes"


def check_notifications(session: Session, now: datetime) -> str:
    """Check that the mail server hasn't failed for longer than `MAX_MAIL_FAILURE`."""
    state = mail_server.get_state(session)
    if state.failing_since is None or now - state.failing_since < MAX_MAIL_FAILURE:
        return OK
    minutes = MAX_MAIL_FAILURE.total_seconds() / 60
    return f"{state.fault or 'the mail server fails'}, for over {minutes:.0f} minutes"
