"""A worker's maintenance: scores, drift, samples, search, deletion."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from moderation.accounts import login_attempts
from moderation.accounts import sessions as accounts_sessions
from moderation.authors import standings
from moderation.campaigns import arrivals, clustering
from moderation.cluster.scoring import BulkScoring
from moderation.comments import author_records, rescoring, search_index
from moderation.database import Sessions, start_writing
from moderation.desk import export
from moderation.jobs import LeaseLost
from moderation.models.serving import Scoring
from moderation.monitoring import drift, readiness, shadow
from moderation.privacy import Privacy
from moderation.review import author_standings, qa_sampling
from moderation.tables.comments import UNRECORDED, Comment
from moderation.web import counters
from moderation.worker import rescorer
from moderation.worker.turns import WorkTurn

logger = logging.getLogger(__name__)


def score_in_shadow(sessions: Sessions, scoring: Scoring) -> int:
    """Let each site's shadow model score what it has not; return how many texts.

    Of several workers, one does it at a time: two would score the same texts.
    """
    with sessions() as session:
        orders = shadow.list_orders(session)
    count, turn = 0, WorkTurn(sessions, "shadow scoring")
    bulk = BulkScoring(scoring=scoring)
    for order in orders:
        with sessions() as session:
            scorer = scoring.scorer_of(session, order.model_id)
            if scorer is None:
                continue
            if not rescoring.count_left(session, order, scorer.version):
                continue
        if not turn.take():
            return count
        now = datetime.now(UTC)
        try:
            count += rescorer.carry_out(
                sessions, bulk, order, scorer, lambda *_: turn.renew(), now
            )
        except LeaseLost:
            return count
        finally:
            turn.end()
    return count


def watch_drift(sessions: Sessions, now: datetime) -> int:
    """Look for drift at each site; return how many alerts were raised."""
    with sessions() as session:
        site_ids = drift.watched_sites(session)
    count = 0
    for site_id in site_ids:
        with sessions() as session:
            drifts = drift.find_drifts(session, site_id, now)
        if drifts:
            with sessions() as session:
                start_writing(session)
                count += drift.raise_alarms(session, site_id, drifts, now)
                session.commit()
    return count


def draw_qa_samples(sessions: Sessions, *, key: bytes, grace: timedelta) -> int:
    """Draw from new decisions, and end idle samples, in one commit."""
    now = datetime.now(UTC)
    with sessions() as session:
        if qa_sampling.is_idle(session):
            return 0
        start_writing(session)
        count = qa_sampling.draw(
            session, key=key, now=now, until=now - grace - qa_sampling.SETTLES
        )
        qa_sampling.end_idle(session, now)
        session.commit()
    if count:
        logger.info("drew %s decisions for QA reviews", count)
    return count


def assign_authors(sessions: Sessions, privacy: Privacy) -> bool:
    """Give some stored comments their authors' records; tell whether there were any."""
    with sessions() as session:
        if session.scalar(sa.select(Comment.id).where(UNRECORDED).limit(1)) is None:
            return False
        start_writing(session)
        count = author_records.assign_next(session, privacy)
        session.commit()
    return count > 0


def end_standings(sessions: Sessions, now: datetime) -> bool:
    """End authors' standings whose time is over; tell whether more may be left."""
    with sessions() as session:
        if not standings.has_expired(session, now):
            return False
        start_writing(session)
        count = author_standings.end_expired(session, now)
        session.commit()
    return count == author_standings.BATCH_SIZE


def beat(sessions: Sessions, now: datetime) -> None:
    """Record that this worker is alive."""
    with sessions() as session:
        start_writing(session)
        readiness.record_heartbeat(session, now)
        session.commit()


def index_texts(sessions: Sessions) -> bool:
    """Index some comments from before the search index; return if there are more."""
    with sessions() as session:
        if not search_index.has_backlog(session):
            return False
        start_writing(session)
        has_more = search_index.index_backlog(session)
        session.commit()
    if not has_more:
        logger.info("all comments are in the search index")
    return has_more


def forget_texts(sessions: Sessions, now: datetime) -> int:
    """Forget all texts that nothing has resembled for long; return how many."""
    count, more = 0, True
    while more:
        with sessions() as session:
            start_writing(session)
            gone = clustering.delete_old_sketches(session, now)
            session.commit()
        count += gone
        more = gone == clustering.BATCH_SIZE
    return count


def forget_exports(sessions: Sessions, now: datetime) -> None:
    """Delete the files of exports that have expired."""
    with sessions() as session:
        start_writing(session)
        export.delete_expired(session, now)
        session.commit()


def forget_arrivals(sessions: Sessions, now: datetime) -> bool:
    """Delete some arrivals that are too old to count; return if more may be left."""
    with sessions() as session:
        start_writing(session)
        gone = arrivals.delete_old(session, now)
        session.commit()
    return gone == arrivals.BATCH_SIZE


def forget_counters(sessions: Sessions, now: datetime) -> None:
    """Delete rate counts, attempts, devices, and log-ins that have expired."""
    with sessions() as session:
        start_writing(session)
        counters.delete_expired(session, now)
        login_attempts.delete_expired(session, now)
        accounts_sessions.delete_ended(session, now)
        session.commit()
