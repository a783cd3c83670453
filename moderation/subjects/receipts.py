"""Receipts of erasures: signed, and checked against the database."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers, jobs
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments.erasure import ANONYMOUS, ErasureMode
from moderation.errors import TooFewDecisions, UnfinishedJob
from moderation.jobs import JobKind
from moderation.keyed_hashes import HashKeys
from moderation.learning import lineage, retraining
from moderation.privacy import derive_key, keyed_hash
from moderation.subjects import erasure
from moderation.subjects.erasure import ErasureState
from moderation.subjects.person import DataSubject, comment_ids_of
from moderation.subjects.scrubbing import ScrubResult
from moderation.tables.authors import Author, AuthorName, AuthorNote
from moderation.tables.comments import Comment, Revision
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import Escalation, Note
from moderation.tables.search import SearchText
from moderation.tables.sites import Site
from moderation.tables.subjects import PersonErasure
from moderation.tables.webhooks import Callback, Delivery

FORMAT = "moderation-erasure-1"
SIGNATURE = "signature"
BATCH_SIZE = 500  # comments looked at by one query
MAX_REMAINS = 20  # that are named
#: What stays of an erased comment, and why it tells nothing of the person.
KEPT = (
    *("decisions", "scores", "external_ids", "audit_entries", "replies_of_others"),
    *("statements_of_reasons", "notices_without_sender"),
)


@dataclass(frozen=True, kw_only=True)
class ReceiptCheck:
    """The result of checking a receipt."""

    is_authentic: bool  #: it is as it was signed
    remains: Sequence[str]  #: what the database holds against it: `notes 0apc00zmd3q3j`
    #: versions of models trained on an erased comment, the active one marked
    models: Sequence[Mapping[str, Any]]

    @property
    def is_sound(self) -> bool:
        """Return whether it is authentic and the database agrees."""
        return self.is_authentic and not self.remains


@dataclass(frozen=True, kw_only=True)
class ReceiptKeys:
    """Keys with which receipts are made and checked."""

    receipt: bytes  #: signs; see `derive_receipt_key`
    lineage: HashKeys  #: of `learning.lineage`


def derive_receipt_key(secret: str) -> bytes:
    """Return the key that signs receipts. `secret` is `MODERATION_SECRET_KEY`."""
    return derive_key(secret, "erasure receipts")


def finish(
    session: Session,
    erasure_id: int,
    keys: ReceiptKeys,
    scrubbed: ScrubResult,
    now: datetime,
) -> dict[str, Any] | None:
    """End an erasure that has no more steps: sign its receipt, and forget who it was.

    Returns
    -------
    The receipt; None: the person has written again meanwhile, and there is a further
    step, or another worker was faster.
    """
    row = session.scalar(
        sa.select(PersonErasure).where(PersonErasure.id == erasure_id).with_for_update()
    )
    if row is None or row.subject is None or row.state != ErasureState.RUNNING.value:
        return None
    subject = DataSubject.of_json(row.site_id, row.subject)
    held = erasure.held_ids(session, subject, now)
    if len(comment_ids_of(session, subject, limit=len(held) + 1)) > len(held):
        return None
    receipt = _write(session, row, subject, held, keys, scrubbed, now)
    row.receipt, row.subject, row.progress = receipt, None, {}
    row.state, row.finished_at = ErasureState.SUCCEEDED.value, now
    record(
        session,
        AuditAction.PERSON_ERASED,
        target=(TargetKind.ERASURE, row.id),
        site_id=row.site_id,
        mode=row.mode,
        comments=row.receipt["counts"].get("comments", 0),
        under_legal_hold=len(held),
        models=len(receipt["models"]),
        receipt=receipt[SIGNATURE],
    )
    return receipt


def _write(
    session: Session,
    row: PersonErasure,
    subject: DataSubject,
    held: Sequence[str],
    keys: ReceiptKeys,
    scrubbed: ScrubResult,
    now: datetime,
) -> dict[str, Any]:
    """Return the signed receipt of an erasure that is done."""
    ids = row.progress["ids"]
    models = lineage.list_trained_on_any(
        session,
        row.site_id,
        [number for numbers in ids.values() for number in numbers],
        keys.lineage,
    )
    receipt = {
        "format": FORMAT,
        "erasure": row.id,
        "site": session.get_one(Site, row.site_id).name,
        "mode": row.mode,
        "requested_at": row.created_at.isoformat(),
        "requested_by": "person" if row.is_by_person else "staff",
        "finished_at": now.isoformat(),
        "comments": {
            name: [identifiers.encode(number) for number in numbers]
            for name, numbers in ids.items()
        },
        "authors": [] if held else list(subject.author_ids),
        "counts": row.progress["counts"],
        "under_legal_hold": list(held),
        "kept": list(KEPT),
        "named_by_staff": row.progress["beside"],
        "models": [_model(model) for model in models],
        "retraining": _retrain(session, row, now) if row.retrains else None,
        "files": {"database": scrubbed.database, "is_clean": scrubbed.is_clean},
    }
    receipt[SIGNATURE] = sign(receipt, keys.receipt)
    return receipt


def sign(receipt: Mapping[str, Any], key: bytes) -> str:
    """Return the signature of a receipt: HMAC-SHA-256 of all its other members."""
    content = {name: value for name, value in receipt.items() if name != SIGNATURE}
    return keyed_hash(key, json.dumps(content, sort_keys=True, ensure_ascii=False))


def check(
    session: Session, receipt: Mapping[str, Any], keys: ReceiptKeys
) -> ReceiptCheck:
    """Check a receipt against its signature and against the database.

    Once the secret is another one, a receipt is compared with the one that is stored.
    """
    if not _is_authentic(session, receipt, keys.receipt):
        return ReceiptCheck(is_authentic=False, remains=(), models=())
    site = session.scalars(sa.select(Site).where(Site.name == receipt["site"])).one()
    ids = {
        mode: [identifiers.decode(each) for each in receipt["comments"][mode.value]]
        for mode in ErasureMode
    }
    remains = [
        *_remains_of_comments(session, ids, _moment(receipt["finished_at"])),
        *_remains_of_authors(session, receipt["authors"]),
    ]
    every = [number for numbers in ids.values() for number in numbers]
    models = lineage.list_trained_on_any(session, site.id, every, keys.lineage)
    return ReceiptCheck(
        is_authentic=True,
        remains=remains[:MAX_REMAINS],
        models=[_model(model) for model in models],
    )


def _model(model: lineage.TrainedModel) -> dict[str, Any]:
    return {"version": model.version, "is_active": model.is_active}


def _retrain(session: Session, row: PersonErasure, now: datetime) -> dict[str, Any]:
    """Queue the retraining that forgets, if the site can be retrained."""
    try:
        retraining.refuse_unready(session, row.site_id)
        job = jobs.enqueue(
            session, row.site_id, JobKind.RETRAINING, staff_id=row.staff_id, now=now
        )
    except (TooFewDecisions, UnfinishedJob) as error:
        return {"job": None, "refused": error.code}
    return {"job": job.id, "refused": None}


def _is_authentic(session: Session, receipt: Mapping[str, Any], key: bytes) -> bool:
    signature = receipt.get(SIGNATURE)
    if receipt.get("format") != FORMAT or not isinstance(signature, str):
        return False
    if signature.isascii() and hmac.compare_digest(signature, sign(receipt, key)):
        return True
    number = receipt.get("erasure")
    if not isinstance(number, int) or not 0 < number < 1 << 31:
        return False
    row = session.get(PersonErasure, number)
    return row is not None and row.receipt == dict(receipt)


#: Columns of an erased comment that must be empty, in either mode.
_AUTHORS = (
    *("author_url", "author_id", "email_encrypted", "email_index", "ip_pseudonym"),
    *("user_agent", "author_record_id", "idempotency_key"),
)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _remains_of_comments(
    session: Session, ids: Mapping[ErasureMode, Sequence[int]], until: datetime
) -> list[str]:
    remains: list[str] = []
    for mode, numbers in ids.items():
        for start in range(0, len(numbers), BATCH_SIZE):
            batch = numbers[start : start + BATCH_SIZE]
            remains += _remains_of_rows(session, mode, batch)
            remains += _remains_beside(session, mode, batch, until)
    return remains


def _remains_of_rows(
    session: Session, mode: ErasureMode, ids: Sequence[int]
) -> list[str]:
    full = [getattr(Comment, name).is_not(None) for name in _AUTHORS]
    full.append(Comment.fingerprint != "")
    if mode is ErasureMode.DELETE:
        full += [Comment.body != "", Comment.author_name != ""]
        full.append(Comment.deleted_at.is_(None))
    else:
        full.append(Comment.author_name.not_in(["", ANONYMOUS]))
    query = sa.select(Comment.id).where(Comment.id.in_(ids), sa.or_(*full))
    return [f"comments {identifiers.encode(each)}" for each in session.scalars(query)]


def _remains_beside(
    session: Session, mode: ErasureMode, ids: Sequence[int], until: datetime
) -> list[str]:
    """Return the texts with or about comments before they were erased.

    A published text that stays may be edited, reported, and noted on again.
    """
    tables: list[tuple[Any, sa.ColumnElement[bool]]] = [
        (Revision, Revision.replaced_at <= until),
        (Note, Note.created_at <= until),
        (Callback, Callback.due_at <= until),
        (Appeal, sa.and_(Appeal.text != "", Appeal.created_at <= until)),
        (Report, sa.and_(Report.note.is_not(None), Report.created_at <= until)),
        (
            Escalation,
            sa.and_(Escalation.note.is_not(None), Escalation.created_at <= until),
        ),
        (Delivery, Delivery.created_at <= until),
    ]
    if mode is ErasureMode.DELETE:
        tables.append((SearchText, sa.true()))
    remains = []
    for table, condition in tables:
        query = sa.select(table.comment_id).where(table.comment_id.in_(ids), condition)
        remains += [
            f"{table.__tablename__} {identifiers.encode(each)}"
            for each in session.scalars(query.distinct())
        ]
    return remains


def _remains_of_authors(session: Session, ids: Sequence[int]) -> list[str]:
    named = sa.or_(
        Author.key.is_not(None), Author.address_key.is_not(None), Author.name != ""
    )
    remains = [
        f"authors {each}"
        for each in session.scalars(
            sa.select(Author.id).where(Author.id.in_(ids), named)
        )
    ]
    for table in (AuthorName, AuthorNote):
        query = sa.select(table.author_id).where(table.author_id.in_(ids)).distinct()
        remains += [f"{table.__tablename__} {each}" for each in session.scalars(query)]
    return remains
