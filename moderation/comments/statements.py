"""Statements of reasons: one for each rejection, written with it and never changed.

They are recorded at every site from the first decision on; what authors are shown and
sites are sent of them is a duty that a site switches on (`policy.duties`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.scorings import newest_scores
from moderation.policy.categories import (
    MAPPING_VERSION,
    TERMS_ONLY,
    LegalCategory,
    category_of,
)
from moderation.policy.duties import Duty
from moderation.policy.provenance import (
    Automation,
    Exemption,
    Finder,
    Ground,
    PastDecision,
    Restriction,
    RestrictionOrigin,
    exemption_of,
    main_code,
    trace,
)
from moderation.policy.reasons import Reason
from moderation.policy.standings import Standing
from moderation.policy.verdicts import UNATTENDED, Source, Verdict
from moderation.privacy import mask_emails
from moderation.sites.legal_settings import read_legal_settings
from moderation.sites.terms import Terms, ensure_terms
from moderation.tables.authors import Author, StandingChange
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision, is_lasting
from moderation.tables.legal import Statement
from moderation.webhooks import legal_events

#: How long authors and notifiers can complain, from when they were given the decision:
#: six months (DSA Art. 20(1)), which are 184 days at most.
COMPLAINT_PERIOD = timedelta(days=184)
#: What a statement keeps of the reasons why a comment was held.
_KEPT_OF_REASONS = ("code", "label", "score", "threshold", "rule", "campaign", "limit")
_KEPT_OF_REPORTS = ("reported_for", "count")


@dataclass(frozen=True, kw_only=True)
class LegalBasis:
    """A moderator's addition to the reasons of a rejection."""

    notice_id: int | None = None  #: the notice that it answers
    is_flaggers: bool = False  #: a trusted flagger's
    legal_ground: str | None = None  #: which law; None: the house rules
    explanation: str | None = None
    category: LegalCategory | None = None  #: None: by the reason
    is_manifest: bool = False  #: manifestly illegal

    @property
    def finder(self) -> Finder | None:
        """Return who found the comment, where a notice did."""
        if self.notice_id is None:
            return None
        return Finder.TRUSTED_FLAGGER if self.is_flaggers else Finder.NOTICE

    def as_json(self) -> dict[str, Any]:
        """Return the basis as a batch keeps it, with email addresses masked."""
        category = self.category
        return {
            "legal_ground": self.legal_ground and mask_emails(self.legal_ground),
            "explanation": self.explanation and mask_emails(self.explanation),
            "category": [category.category, category.keyword] if category else None,
            "is_manifest": self.is_manifest,
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> LegalBasis:
        """Return a basis from what a batch keeps; None: there is none."""
        if stored is None:
            return cls()
        category = stored["category"]
        return cls(**{**stored, "category": category and LegalCategory(*category)})


class DraftedDecision(Protocol):
    """The needed part of a decision's draft, as `decisions.DecisionDraft` has it."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def source(self) -> Source: ...
    @property
    def at(self) -> datetime: ...
    @property
    def reasons(self) -> Sequence[Reason]: ...
    @property
    def undoes_id(self) -> int | None: ...
    @property
    def batch_id(self) -> int | None: ...
    @property
    def basis(self) -> LegalBasis: ...
    @property
    def is_blind(self) -> bool: ...


NO_BASIS = LegalBasis()


@dataclass(frozen=True, kw_only=True)
class _Rejection:
    """A rejection that was just stored, about one comment or many."""

    source: Source
    reasons: Sequence[Mapping[str, Any]]  #: as stored
    at: datetime
    basis: LegalBasis
    is_blind: bool
    batch_id: int | None  #: of a batch that can be undone


def record(
    session: Session,
    decision: DraftedDecision,
    decision_ids: Mapping[int, int],
    comments: Iterable[Comment] | None = None,
    *,
    is_batch: bool = False,
) -> None:
    """Store the statements of a rejection, and their events; of others, nothing.

    An undo that leads back to a rejection needs none: the former one applies again.

    Parameters
    ----------
    decision_ids
        Comment to the decision about it, all at one site.
    comments
        Their rows; None: they are read.
    is_batch
        A batch decides, which can be undone: its events wait for that.
    """
    if decision.verdict is not Verdict.REJECT or decision.undoes_id:
        return
    rejection = _Rejection(
        source=decision.source,
        reasons=[reason.as_json() for reason in decision.reasons],
        at=decision.at,
        basis=decision.basis,
        is_blind=decision.is_blind,
        batch_id=decision.batch_id if is_batch else None,
    )
    rows = list(comments if comments is not None else _load(session, decision_ids))
    if not rows:
        return
    site_id = rows[0].site_id
    terms = ensure_terms(session, site_id, rejection.at)
    revisions = {row.id: row.revision for row in rows}
    is_attended = rejection.source not in UNATTENDED
    past = _past_of(session, revisions, decision_ids) if is_attended else {}
    scores = newest_scores(session, revisions) if is_attended else {}
    stored = []
    for row in rows:
        before = past.get(row.id, [])
        shown = _shown(before, scores.get(row.id), rejection) if is_attended else None
        stored.append(
            {
                **_about(row, decision_ids[row.id], rejection, before, terms),
                "shown": shown,
            }
        )
    session.execute(sa.insert(Statement), stored)
    if read_legal_settings(session, site_id).is_on(Duty.STATEMENTS):
        legal_events.record_statements(
            session, site_id, stored, terms, batch_id=rejection.batch_id
        )


def record_standing(
    session: Session,
    author: Author,
    change: StandingChange,
    basis: LegalBasis = NO_BASIS,
) -> None:
    """Store the statement that an author is suspended or banned; else do nothing."""
    restricting = {Standing.SUSPENDED, Standing.BANNED, Standing.SHADOW_BANNED}
    if change.standing not in restricting:
        return
    terms = ensure_terms(session, author.site_id, change.created_at)
    is_hidden = change.standing == Standing.SHADOW_BANNED.value
    is_ended = change.until is not None
    row = {
        **_grounds(change.reason or "other", basis, terms),
        "site_id": author.site_id,
        "author_id": author.id,
        "standing_id": change.id,
        "created_at": change.created_at,
        "restriction": (
            Restriction.ACCOUNT_SUSPENDED
            if is_ended
            else Restriction.ACCOUNT_TERMINATED
        ).value,
        "ends_at": change.until,
        "finder": Finder.VOLUNTARY.value,
        "is_found_automatically": False,
        "automation": Automation.NONE.value,
        "exemption": Exemption.SHADOW_BAN.value if is_hidden else None,
    }
    session.execute(sa.insert(Statement), [row])


@dataclass(frozen=True, kw_only=True)
class ListedStatement:
    """A statement, and whether its decision still applies."""

    statement: Statement
    is_withdrawn: bool  #: its decision was undone

    @property
    def complain_until(self) -> datetime:
        """Return until when its author can complain."""
        return self.statement.created_at + COMPLAINT_PERIOD


def list_of_comment(session: Session, comment_id: int) -> list[ListedStatement]:
    """Return the statements about a comment, the newest first."""
    query = (
        sa.select(Statement, is_lasting())
        .join(Decision, Decision.id == Statement.decision_id)
        .where(Statement.comment_id == comment_id)
        .order_by(Statement.id.desc())
    )
    return [
        ListedStatement(statement=row, is_withdrawn=not lasts)
        for row, lasts in session.execute(query)
    ]


def list_of_author(session: Session, author_id: int) -> Sequence[Statement]:
    """Return the statements about an author's standings, the newest first."""
    return session.scalars(
        sa.select(Statement)
        .where(Statement.author_id == author_id, Statement.standing_id.is_not(None))
        .order_by(Statement.id.desc())
    ).all()


def find_current(session: Session, comment: Comment) -> ListedStatement | None:
    """Return the statement about a rejected comment that applies, if any."""
    listed = list_of_comment(session, comment.id)
    return next((one for one in listed if not one.is_withdrawn), None)


def _load(session: Session, ids: Collection[int]) -> Sequence[Any]:
    return session.execute(
        sa.select(
            Comment.id,
            Comment.site_id,
            Comment.revision,
            Comment.email_encrypted,
            Comment.author_id,
            Comment.author_record_id,
        ).where(Comment.id.in_(ids))
    ).all()


def _past_of(
    session: Session, revisions: Mapping[int, int], decision_ids: Mapping[int, int]
) -> dict[int, list[PastDecision]]:
    """Return the earlier decisions about each text, the oldest first."""
    rows = session.execute(
        sa.select(
            Decision.id,
            Decision.comment_id,
            Decision.revision,
            Decision.source,
            Decision.reasons,
        )
        .where(Decision.comment_id.in_(revisions), is_lasting())
        .order_by(Decision.id)
    )
    past: dict[int, list[PastDecision]] = {}
    for row in rows:
        is_new = row.id >= decision_ids[row.comment_id]
        if not is_new and row.revision == revisions[row.comment_id]:
            one = PastDecision(source=Source(row.source), reasons=row.reasons)
            past.setdefault(row.comment_id, []).append(one)
    return past


def _shown(
    past: Sequence[PastDecision],
    scores: Mapping[str, float] | None,
    rejection: _Rejection,
) -> dict[str, Any]:
    """Return what the one who decided was shown of how the comment came."""
    reasons = past[-1].reasons if past and not rejection.is_blind else []
    kept = (*_KEPT_OF_REASONS, *_KEPT_OF_REPORTS)
    return {
        "held_for": [
            {name: reason[name] for name in kept if name in reason}
            for reason in reasons
        ],
        "scores": dict(scores) if scores else {},
        "is_blind": rejection.is_blind,
        "in_bulk": rejection.batch_id is not None,
    }


def _about(
    comment: Any,
    decision_id: int,
    rejection: _Rejection,
    past: Sequence[PastDecision],
    terms: Terms,
) -> dict[str, Any]:
    reasons, basis = rejection.reasons, rejection.basis
    code = main_code(reasons)
    has_contact = bool(comment.email_encrypted or comment.author_id)
    exemption = exemption_of(code, reasons, past, has_contact=has_contact)
    found: RestrictionOrigin = trace(
        rejection.source,
        reasons,
        past,
        notice=basis.finder,
        is_blind=rejection.is_blind,
    )
    return {
        **_grounds(code, basis, terms),
        "site_id": comment.site_id,
        "comment_id": comment.id,
        "revision": comment.revision,
        "decision_id": decision_id,
        "author_id": comment.author_record_id,
        "created_at": rejection.at,
        "restriction": Restriction.CONTENT_DISABLED.value,
        "ends_at": None,
        "finder": found.finder.value,
        "is_found_automatically": found.is_found_automatically,
        "automation": found.automation.value,
        "notice_id": basis.notice_id,
        "exemption": exemption.value if exemption else None,
    }


def _grounds(code: str, basis: LegalBasis, terms: Terms) -> dict[str, Any]:
    """Return the columns that say on what a restriction rests."""
    is_illegal = basis.legal_ground is not None or code == "illegal"
    category = basis.category
    if is_illegal and category is not None and category.category == TERMS_ONLY:
        category = None
    if category is None and not is_illegal:
        category = terms.clause_of(code).category
    if category is None:
        category = category_of(code, is_illegal=is_illegal)
    return {
        "ground": (Ground.ILLEGAL if is_illegal else Ground.TERMS).value,
        "code": code,
        "terms_id": terms.id,
        "category": category.category,
        "keyword": category.keyword,
        "mapping_version": MAPPING_VERSION,
        "legal_ground": basis.legal_ground and mask_emails(basis.legal_ground),
        "explanation": basis.explanation and mask_emails(basis.explanation),
        "is_manifest": basis.is_manifest,
    }
