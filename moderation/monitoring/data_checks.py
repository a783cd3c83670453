"""Checks of what is stored: files, keys, the audit log, models, rows, and backlogs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from classifiers.errors import ClassifierError
from classifiers.serving import artifact
from moderation.audit.heads import read_heads
from moderation.audit.verification import AuditFaultKind, verify
from moderation.comments import search_index
from moderation.errors import InvalidFields
from moderation.identifiers import encode
from moderation.jobs import MAX_ATTEMPTS, JobState
from moderation.monitoring import readiness
from moderation.monitoring.findings import Examined, Finding, fault, warning
from moderation.monitoring.readiness import OK
from moderation.policy.reasons import ReasonCode
from moderation.policy.status_changes import VERDICT_FOR
from moderation.policy.verdicts import Status
from moderation.rekeying import audit_keys, installed
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.jobs import Job
from moderation.tables.models import Model
from moderation.tables.search import SearchText
from moderation.tables.sites import Site

MAX_WAIT = timedelta(minutes=10)  # of a job, or of a comment without scores
SHOWN = 3  # ids that a finding names
RESTORE = "Restore the newest backup that is sound: docs/backup.md."
WORKER = "Start `moderation worker`, or look into its log."


def check_integrity(examined: Examined) -> list[Finding]:
    """Check the pages and references of an embedded database."""
    session = examined.session
    if session.get_bind().dialect.name != "sqlite":
        return []
    state = session.scalar(sa.text("PRAGMA quick_check(1)"))
    if state != "ok":
        return fault(f"The database file is damaged: {state}.", RESTORE)
    rows = session.execute(sa.text("PRAGMA foreign_key_check")).all()
    tables = sorted({f"{row[0]} → {row[2]}" for row in rows})
    if not tables:
        return []
    return fault(
        f"{len(rows)} rows refer to rows that are gone: {', '.join(tables)}.",
        "Something else has written into the database. " + RESTORE,
    )


def check_keys(examined: Examined) -> list[Finding]:
    """Check that what is stored can be read with the keys in the settings."""
    findings = []
    for text in installed.list_missing(examined.session, examined.keys):
        findings += fault(
            f"{text}.",
            "Add it again from your copy of the settings file, as an accepted key if "
            "another one is in use: docs/keys.md.",
        )
    state = readiness.check_email_keys(examined.session, examined.keys.privacy)
    if state != OK and not findings:
        findings += fault(
            f"{state}.",
            "Add the key again, behind the one in use: docs/keys.md.",
        )
    return findings


def check_audit_log(examined: Examined) -> list[Finding]:
    """Check the chain of the audit log, and the heads that were kept of it."""
    session = examined.session
    path = Path(examined.settings.audit_head_file)
    heads = read_heads(path) if path.name and path.is_file() else ()
    older = audit_keys.list_older(session, examined.keys)
    try:
        result = verify(session, examined.audit_key, heads, older=older)
    except InvalidFields as error:
        return fault(
            f"{path} isn't as the service wrote it: {error.fields}.",
            "Compare the file with a copy: it may have been changed by hand.",
        )
    if result.fault is None:
        return []
    sequence, kind = result.fault.sequence, result.fault.kind
    what = f"Entry {sequence} of the audit log was {kind}"
    if kind is AuditFaultKind.TRUNCATED:
        what = f"The audit log was cut off before entry {sequence}"
    return fault(
        f"{what}; {result.count:,} entries before it are sound.",
        "Keep a copy of the database, find out who could write into it, and compare "
        "with a backup: docs/audit.md.",
    )


def check_models(examined: Examined) -> list[Finding]:
    """Check the hash of every model, and that the active ones can be loaded."""
    session, findings = examined.session, []
    if examined.scoring.fault:
        findings += fault(
            f"The default model can't be loaded: {examined.scoring.fault}.",
            "Install the package again, or correct MODERATION_MODEL_PATH. Until then, "
            "comments are held unscored.",
        )
    active = set(session.scalars(sa.select(Site.model_id)))
    rows = session.execute(
        sa.select(Model.id, Model.version, Site.name)
        .join(Site, Site.id == Model.site_id)
        .order_by(Model.id)
    ).all()
    for row in rows:
        stored = session.scalar(sa.select(Model.artifact).where(Model.id == row.id))
        try:
            found = artifact.loads(stored or b"")
            # Trained with the encoder, its version names both.
            is_it = row.version in (found.version, found.joint_version)
            reason = "" if is_it else f"it is {found.version}"
        except ClassifierError as error:
            reason = str(error)
        if not reason:
            continue
        text = f"The model {row.version} of {row.name} is damaged: {reason}."
        if row.id in active:
            findings += fault(
                f"{text} It is the active one: comments are held unscored.",
                f"Run `moderation rollback --site {row.name}`, or import it again from "
                "a file.",
            )
        else:
            findings += warning(text, "It can't be promoted; train another one.")
    return findings


def check_comments(examined: Examined) -> list[Finding]:
    """Check that comments, decisions, and the search index agree."""
    session = examined.session
    newest = aliased(Decision)
    last = (
        sa.select(sa.func.max(newest.id))
        .where(newest.comment_id == Comment.id)
        .scalar_subquery()
    )
    expected = sa.case(
        *(
            (Comment.status == status.value, verdict.value)
            for status, verdict in VERDICT_FOR.items()
        ),
        else_="",
    )
    without = _ids(
        examined,
        Comment.deleted_at.is_(None),
        ~sa.exists().where(Decision.comment_id == Comment.id),
    )
    against = _ids(
        examined,
        Comment.deleted_at.is_(None),
        sa.exists().where(Decision.id == last, Decision.verdict != expected),
    )
    findings = []
    if without:
        findings += fault(
            f"{_named(without)} without any decision.",
            "Something else has written into the database. " + RESTORE,
        )
    if against:
        findings += fault(
            f"{_named(against)} whose status isn't that of their newest decision.",
            "Something else has written into the database. Decide them again in the "
            "console, which sets the status.",
        )
    if not search_index.has_backlog(session):
        unindexed = _ids(
            examined,
            Comment.deleted_at.is_(None),
            ~sa.exists().where(SearchText.comment_id == Comment.id),
        )
        if unindexed:
            findings += warning(
                f"{_named(unindexed)} that no search finds.",
                "Run `moderation doctor --fix`: a worker then indexes them.",
                lambda: search_index.reset_backlog(session),
            )
    return findings


def _ids(examined: Examined, *conditions: sa.ColumnElement[bool]) -> list[int]:
    """Return the ids of comments, some more than are shown."""
    query = sa.select(Comment.id).where(*conditions).order_by(Comment.id.desc())
    return list(examined.session.scalars(query))


def _named(ids: Sequence[int]) -> str:
    names = ", ".join(encode(number) for number in ids[:SHOWN])
    more = ", …" if len(ids) > SHOWN else ""
    noun = "comment is" if len(ids) == 1 else "comments are"
    return f"{len(ids):,} {noun} stored ({names}{more})"


def check_worker(examined: Examined) -> list[Finding]:
    """Check that a worker is alive."""
    state = readiness.check_worker(examined.session, examined.now)
    if state == OK:
        return []
    return fault(
        f"The worker: {state}. Webhooks, notifications, exports, retention, and "
        "training don't run.",
        WORKER,
    )


def check_backlogs(examined: Examined) -> list[Finding]:
    """Check for work that should be done by now."""
    session, now = examined.session, examined.now
    findings = []
    webhooks = readiness.check_webhooks(session, now)
    if webhooks != OK:
        findings += warning(
            f"Webhooks: {webhooks}.",
            "Look at Settings, Webhooks in the console: a receiver may be away.",
        )
    mail = readiness.check_notifications(session, now)
    if mail != OK:
        findings += warning(f"Mail server: {mail}.", "Check MODERATION_SMTP_*.")
    queued = session.scalar(
        sa.select(sa.func.count())
        .select_from(Job)
        .where(Job.state == JobState.QUEUED.value, Job.created_at < now - MAX_WAIT)
    )
    if queued:
        findings += warning(
            f"{queued} jobs have been queued for over {_minutes(MAX_WAIT)}.", WORKER
        )
    lost = session.scalar(
        sa.select(sa.func.count())
        .select_from(Job)
        .where(Job.state == JobState.RUNNING.value, Job.leased_until < now - MAX_WAIT)
    )
    if lost:
        findings += warning(
            f"{lost} jobs lost their worker over {_minutes(MAX_WAIT)} ago.",
            f"{WORKER} It takes each up again, {MAX_ATTEMPTS} times at most.",
        )
    return findings + _unscored(examined)


def _unscored(examined: Examined) -> list[Finding]:
    rows = examined.session.execute(
        sa.select(Site.name, sa.func.count())
        .join(Comment, Comment.site_id == Site.id)
        .where(
            Comment.status == Status.PENDING.value,
            Comment.deleted_at.is_(None),
            Comment.held_reason == ReasonCode.UNSCORED.value,
            Comment.received_at < examined.now - MAX_WAIT,
        )
        .group_by(Site.name)
        .order_by(Site.name)
    ).all()
    findings = []
    for name, count in rows:
        findings += warning(
            f"{count:,} comments of {name} have been held unscored for over "
            f"{_minutes(MAX_WAIT)}.",
            "A worker decides them once scoring works: see the checks of models and "
            f"worker. `moderation rescore --site {name}` does it now.",
        )
    return findings


def _minutes(time: timedelta) -> str:
    return f"{time.total_seconds() / 60:.0f} minutes"
