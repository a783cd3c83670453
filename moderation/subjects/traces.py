"""Traces of a person outside of their comments: found, and deleted with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import jobs
from moderation.authors import profiles
from moderation.jobs import JobKind, JobState
from moderation.privacy import mask_emails
from moderation.rules.conditions import ConditionKind, folded_name
from moderation.sites.policies import load_policy
from moderation.subjects.person import DataSubject, iter_strings
from moderation.tables.authors import Author
from moderation.tables.campaigns import Sketch
from moderation.tables.comments import Comment, Revision
from moderation.tables.exports import ExportPart
from moderation.tables.jobs import Job
from moderation.tables.learning import Suggestion
from moderation.tables.legal import Notice
from moderation.tables.objections import Appeal, Report
from moderation.tables.queue import SavedView
from moderation.tables.review import DecisionBatch, Note
from moderation.tables.rules import Rule, RuleConditions, RuleVersion
from moderation.tables.subjects import PersonLink
from moderation.tables.webhooks import Delivery, Webhook
from moderation.webhooks.outbox import EventType

MIN_SOUGHT_LENGTH = 3  # characters of a name that filters of staff are searched for
#: Next to the comments' own rows: what an erasure deletes, as a receipt counts it.
COPIES = (
    (Revision, "earlier_texts"),
    (Appeal, "appeals"),
    (Note, "notes"),
    (Report, "reports_received"),
    (Delivery, "events"),
    (Sketch, "fingerprints"),
)


def forget_beside(
    session: Session, subject: DataSubject, names: Collection[str], now: datetime
) -> dict[str, Any]:
    """Forget files and searches that name a person; return what names them and stays.

    All exports of the site are deleted: their rows can't be searched for a person.
    """
    verified_ids = _verified_ids(session, subject)
    _forget_exports(session, subject.site_id, now)
    _forget_standing_events(session, subject)
    sought = {name.casefold() for name in names if len(name) >= MIN_SOUGHT_LENGTH}
    _forget_filters(session, subject.site_id, sought, verified_ids)
    folded = {folded_name(name) for name in names}
    return {
        "rules": _naming_rules(session, subject, verified_ids, folded),
        "is_trusted_by_policy": _is_trusted(session, subject.site_id, verified_ids),
    }


def forget_copies(
    session: Session, comments: Sequence[Comment], counts: Counter[str]
) -> None:
    """Forget copies of comments that are about to be erased, and count what goes."""
    ids = [comment.id for comment in comments]
    if not ids:
        return
    counts["comments"] += len(ids)
    counts["addresses"] += sum(each.email_encrypted is not None for each in comments)
    for table, name in COPIES:
        counts[name] += _count(session, table, table.comment_id.in_(ids))
    earlier = sa.select(Revision.body).where(Revision.comment_id.in_(ids))
    texts = {*(each.body for each in comments), *session.scalars(earlier)}
    about = (
        Suggestion.site_id == comments[0].site_id,
        Suggestion.text.in_(texts | {mask_emails(text) for text in texts}),
    )
    counts["suggestions"] += _count(session, Suggestion, *about)
    _run(session, sa.delete(Suggestion).where(*about))
    # Delivered ones, too: they carry the site's own id of the comment.
    _run(session, sa.delete(Delivery).where(Delivery.comment_id.in_(ids)))
    _run(session, sa.delete(Sketch).where(Sketch.comment_id.in_(ids)))


def forget_rest(session: Session, subject: DataSubject, counts: Counter[str]) -> None:
    """Forget who reported others' comments or sent notices, and links to their data.

    Reports and notices stay as no one's: what was decided rests on them.
    """
    counts["reports_made"] += _count(session, Report, subject.has_reported())
    nobody = sa.literal("erased-").concat(sa.cast(Report.id, sa.String()))
    made = sa.update(Report).where(subject.has_reported())
    _run(session, made.values(reporter=nobody, note=None))
    counts["notices_made"] += _count(session, Notice, subject.has_notified())
    sent = sa.update(Notice).where(subject.has_notified())
    _run(session, sent.values(sealed_name=None, sealed_email=None, notifier=None))
    links = session.scalars(
        sa.select(PersonLink).where(PersonLink.site_id == subject.site_id)
    )
    for link in links:
        if DataSubject.of_json(link.site_id, link.subject).overlaps(subject):
            session.delete(link)


def _verified_ids(session: Session, subject: DataSubject) -> set[str]:
    authors = session.scalars(
        sa.select(Author).where(Author.id.in_(subject.author_ids))
    )
    ids = (profiles.verified_id_of(session, author) for author in authors)
    return {each for each in ids if each is not None}


def _forget_exports(session: Session, site_id: int, now: datetime) -> None:
    """Delete the files of exports, and end those that are being written."""
    of_site = (Job.site_id == site_id, Job.kind == JobKind.EXPORT.value)
    parts = ExportPart.job_id.in_(sa.select(Job.id).where(*of_site))
    _run(session, sa.delete(ExportPart).where(parts))
    unfinished = [JobState.QUEUED.value, JobState.RUNNING.value]
    for job_id in session.scalars(
        sa.select(Job.id).where(*of_site, Job.state.in_(unfinished))
    ).all():
        jobs.cancel(session, job_id, [site_id], now)


def _forget_standing_events(session: Session, subject: DataSubject) -> None:
    """Delete events about an author's standing: they carry the site's id of them."""
    rows = session.execute(
        sa.select(Delivery.id, Delivery.body)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(
            Webhook.site_id == subject.site_id,
            Delivery.type == EventType.STANDING.value,
        )
    )
    ids = [row.id for row in rows if row.body.get("author") in subject.author_ids]
    _run(session, sa.delete(Delivery).where(Delivery.id.in_(ids)))


def _forget_filters(
    session: Session, site_id: int, names: Collection[str], ids: Collection[str]
) -> None:
    """Take a person's names and ids out of what staff searched for and exported."""

    def is_named(text: str) -> bool:
        return text in ids or any(name in text.casefold() for name in names)

    def without(filters: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in filters.items()
            if not any(map(is_named, iter_strings(value)))
        }

    exports = sa.select(Job).where(
        Job.site_id == site_id, Job.kind == JobKind.EXPORT.value
    )
    for job in session.scalars(exports):
        kept = without(job.arguments.get("filters", {}))
        if kept != job.arguments.get("filters", {}):
            job.arguments = {**job.arguments, "filters": kept}
    for view in session.scalars(
        sa.select(SavedView).where(SavedView.site_id == site_id)
    ):
        kept = without(view.filters)
        if kept != view.filters:
            view.filters = kept
    batches = sa.select(DecisionBatch).where(DecisionBatch.site_id == site_id)
    for batch in session.scalars(batches):
        kept = without(batch.filter)
        if kept != batch.filter:
            batch.filter = kept


def _naming_rules(
    session: Session, subject: DataSubject, verified_ids: set[str], names: set[str]
) -> list[int]:
    """Return the rules whose conditions name a person: an admin wrote them."""
    rows = session.execute(
        sa.select(Rule.id, RuleConditions.body)
        .join(
            RuleVersion,
            sa.and_(RuleVersion.rule_id == Rule.id, RuleVersion.number == Rule.version),
        )
        .join(RuleConditions, RuleConditions.id == RuleVersion.conditions_id)
        .where(Rule.site_id == subject.site_id, Rule.deleted_at.is_(None))
    )

    def is_named(condition: dict[str, Any]) -> bool:
        if condition.get("kind") != ConditionKind.AUTHOR.value:
            return False
        return bool(
            verified_ids & set(condition.get("ids") or ())
            or names & {folded_name(name) for name in condition.get("names") or ()}
            or set(subject.email_indexes) & set(condition.get("email_indexes") or ())
        )

    return [rule_id for rule_id, body in rows if any(map(is_named, body))]


def _is_trusted(session: Session, site_id: int, verified_ids: set[str]) -> bool:
    return bool(verified_ids & load_policy(session, site_id).trusted_authors)


def _count(session: Session, table: Any, *about: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(*about)
    return session.scalar(query) or 0


def _run(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
