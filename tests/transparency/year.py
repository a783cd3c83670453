"""A year of simulated decisions whose truth is known, with audits of a share."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.review.qa_reviews import QaReviewKind
from moderation.review.qa_sampling import is_drawn
from moderation.tables.authors import Author, StandingChange
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import QaReview
from moderation.tables.sites import SitePolicy
from moderation.transparency.accuracy import (
    ALL,
    NOT_DRAWN,
    AuditCounts,
    AuditResult,
    AuditState,
)
from moderation.transparency.period import ReportPeriod
from tests.builders import Newsroom

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = ReportPeriod(first=FIRST.date(), last=FIRST.date().replace(month=12, day=31))
#: The share of automatic decisions audited from a day of the year on.
SHARES = ((0, 0.0), (30, 0.1), (200, 0.3))
HARMS = ("insult", "toxicity", "spam", "identity_attack")
HARM_WEIGHTS = (4, 3, 3, 1)
HARMFUL = 0.12  # of all comments
LAPSED = 0.1  # of audits drawn


@dataclass(kw_only=True)
class Automatic:
    """A decision of automation, and what is true of its comment."""

    row: dict[str, Any]
    share: float
    system: str  #: of a rejection: the label that it was for, or another system
    harm: str | None  #: None: harmless
    later: dict[str, Any] | None  #: a person's decision, if one came before an audit

    @property
    def is_rejection(self) -> bool:
        return bool(self.row["verdict"] == "reject")


@dataclass(kw_only=True)
class Year:
    """What was stored, and what is true."""

    automatic: list[Automatic] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    appeals: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    restricted_authors: int = 0

    def truth(self, figure: str, system: str = ALL) -> float:
        """Return a figure as it is, among what was decided while audits ran."""
        known = [each for each in self.automatic if each.share]
        rejected = [each for each in known if each.is_rejection]
        mine = [each for each in rejected if system in (ALL, each.system)]
        right = sum(each.harm is not None for each in mine)
        if figure == "precision":
            return right / len(mine)

        def is_harm(each: Automatic) -> bool:
            return each.harm is not None and system in (ALL, each.harm)

        missed = sum(is_harm(each) for each in known if not each.is_rejection)
        if figure == "recall":
            found = sum(is_harm(each) for each in rejected)
            return found / (found + missed)
        approved = len(known) - len(rejected)
        return (right + approved - missed) / (len(mine) + approved)

    def counts(self, key: bytes) -> AuditCounts:
        """Return what the database should be found to hold after `store_audits`."""
        counts = AuditCounts()
        for each in self.automatic:
            result = self.result(each, key)
            if each.is_rejection:
                counts.add_rejection(each.share, each.system, result)
            else:
                counts.add_approval(each.share, result)
        return counts

    def result(self, each: Automatic, key: bytes) -> AuditResult:
        """Return the result of an audit, if the key draws one."""
        number = each.row["id"]
        if not is_drawn(key, QaReviewKind.AUDIT, number, each.share):
            return NOT_DRAWN
        if each.later is None and _is_lapsed(key, number):
            return AuditResult(state=AuditState.UNANSWERED)
        return AuditResult(
            state=AuditState.OVERTAKEN if each.later else AuditState.ANSWERED,
            is_wrong=each.is_rejection is not (each.harm is not None),
            labels=frozenset({each.harm} if each.harm else ()),
        )


def _is_lapsed(key: bytes, number: int) -> bool:
    return random.Random(key + number.to_bytes(8)).random() < LAPSED


class YearSeeder:
    """Stores a year of comments at a site."""

    def __init__(self, newsroom: Newsroom, session: Session, seed: int = 1) -> None:
        self.newsroom, self.session = newsroom, session
        self.draw = random.Random(seed)
        self.year = Year()
        self.mo = newsroom.staff_ids[Role.MODERATOR]

    def seed(self, count: int) -> Year:
        """Store as many comments, with their decisions."""
        start_writing(self.session)
        self._policies()
        self.article_id = self._article()
        for _ in range(count):
            self._comment()
        self.year.decisions.sort(key=lambda row: row["created_at"])
        for number, row in enumerate(self.year.decisions, start=1):
            row["id"] = number
        last = {row["comment_id"]: row for row in self.year.decisions}
        for comment in self.year.comments:
            verdict = last[comment["id"]]["verdict"]
            comment["status"] = {"approve": "approved", "reject": "rejected"}[verdict]
        self._store()
        self._authors()
        self.session.commit()
        return self.year

    def store_audits(self, key: bytes) -> None:
        """Replace all audits by those that a key draws."""
        start_writing(self.session)
        self.session.execute(sa.delete(QaReview))
        rows = [
            self._audit(each, key)
            for each in self.year.automatic
            if is_drawn(key, QaReviewKind.AUDIT, each.row["id"], each.share)
        ]
        self.session.execute(sa.insert(QaReview), rows)
        self.session.commit()

    def _policies(self) -> None:
        site_id = self.newsroom.site_id
        policy = self.session.scalars(
            sa.select(SitePolicy).where(SitePolicy.site_id == site_id)
        ).one()
        body = policy.body
        thresholds = {
            label: {"review_at": 0.6, "reject_at": 0.95 if label != "threat" else None}
            for label in (*HARMS, "threat")
        }
        policy.created_at = FIRST - timedelta(days=90)
        self.session.add_all(
            SitePolicy(
                site_id=site_id,
                body={**body, "thresholds": thresholds, "audit_share": share},
                created_at=FIRST + timedelta(days=day),
            )
            for day, share in SHARES
        )

    def _article(self) -> int:
        article = Article(
            site_id=self.newsroom.site_id,
            reference="bridge",
            reference_hash="0" * 64,
            created_at=FIRST,
        )
        self.session.add(article)
        self.session.flush()
        return article.id

    def _comment(self) -> None:
        draw = self.draw
        at = FIRST + timedelta(seconds=draw.uniform(0, 364 * 86_400))
        number = identifiers.first_id(at)
        number |= draw.getrandbits(identifiers.RANDOM_BITS - 1)
        comment = {
            "id": number,
            "site_id": self.newsroom.site_id,
            "article_id": self.article_id,
            "thread": identifiers.encode(number),
            "fingerprint": "",
            "author_name": "Ada",
            "body": "Said.",
            "language": draw.choice(("en", "de", None)),
            "version": 1,
            "revision": 1,
            "received_at": at,
            "due_at": at,
        }
        self.year.comments.append(comment)
        is_harmful = draw.random() < HARMFUL
        harm = draw.choices(HARMS, HARM_WEIGHTS)[0] if is_harmful else None
        weights = (45, 35, 20) if is_harmful else (0.8, 6, 93.2)
        fate = draw.choices(("reject", "hold", "approve"), weights)[0]
        if fate == "hold":
            self._held(comment, harm)
        else:
            self._automatic(comment, fate, harm)

    def _automatic(
        self, comment: dict[str, Any], verdict: str, harm: str | None
    ) -> None:
        draw, at = self.draw, comment["received_at"]
        source, label = "policy", None
        reasons: list[dict[str, Any]] = [{"code": "clear"}]
        if verdict == "reject":
            label = harm if harm and draw.random() < 0.85 else draw.choice(HARMS)
            source = draw.choices(("policy", "rule", "campaign"), (8, 1, 1))[0]
            reasons = [{"code": source}]
            if source == "policy":
                reasons = [{"code": "score", "label": label, "score": 0.97}]
        row = self._decide(comment, at, verdict, source, reasons)
        later = None
        if verdict == "approve" and harm and draw.random() < 0.3:
            # A reader reports it, and a person rejects it before an audit comes.
            soon = at + timedelta(minutes=draw.uniform(2, 50))
            later = self._by_person(comment, soon, "reject", harm)
            self.year.reports.append({"of": later, "reason": harm, "at": soon})
        elif verdict == "reject" and draw.random() < 0.04:
            later = self._appeal(comment, row, harm)
        self.year.automatic.append(
            Automatic(
                row=row,
                share=share_at(at),
                system=label if source == "policy" and label else source,
                harm=harm,
                later=later,
            )
        )

    def _appeal(
        self, comment: dict[str, Any], row: dict[str, Any], harm: str | None
    ) -> dict[str, Any]:
        filed = row["created_at"] + timedelta(minutes=self.draw.uniform(1, 40))
        self._decide(comment, filed, "review", "author", [{"code": "appeal"}])
        heard = filed + timedelta(minutes=self.draw.uniform(5, 500))
        verdict = "reject" if harm else "approve"
        later = self._by_person(comment, heard, verdict, harm)
        self.year.appeals.append({"of": row, "by": later, "at": filed, "heard": heard})
        return later

    def _held(self, comment: dict[str, Any], harm: str | None) -> None:
        draw, at = self.draw, comment["received_at"]
        label = harm or draw.choice(HARMS)
        why: dict[str, Any] = draw.choice(
            (
                {"code": "score", "label": label, "score": 0.7},
                {"code": "premoderation"},
            )
        )
        self._decide(comment, at, "review", "policy", [why])
        then = at + timedelta(minutes=draw.expovariate(1 / 60))
        is_wrong = draw.random() < 0.03
        is_rejected = (harm is not None) is not is_wrong
        self._by_person(comment, then, "reject" if is_rejected else "approve", harm)

    def _by_person(
        self, comment: dict[str, Any], at: datetime, verdict: str, harm: str | None
    ) -> dict[str, Any]:
        codes = [harm or "off_topic"] if verdict == "reject" else []
        if codes and self.draw.random() < 0.1:
            codes.append("illegal")
        reasons = [{"code": code} for code in codes]
        return self._decide(comment, at, verdict, "person", reasons)

    def _decide(
        self,
        comment: dict[str, Any],
        at: datetime,
        verdict: str,
        source: str,
        reasons: list[dict[str, Any]],
    ) -> dict[str, Any]:
        comment["version"] += 1
        row = {
            "site_id": self.newsroom.site_id,
            "comment_id": comment["id"],
            "revision": 1,
            "created_at": at,
            "source": source,
            "staff_id": self.mo if source == "person" else None,
            "verdict": verdict,
            "reasons": reasons,
            "labels": {},
            "model_version": "default-1" if source == "policy" else None,
        }
        self.year.decisions.append(row)
        return row

    def _store(self) -> None:
        session, site_id = self.session, self.newsroom.site_id
        session.execute(sa.insert(Comment), self.year.comments)
        session.execute(sa.insert(Decision), self.year.decisions)
        for filed in self.year.appeals:
            session.add(
                Appeal(
                    site_id=site_id,
                    comment_id=filed["of"]["comment_id"],
                    revision=1,
                    text="Why?",
                    created_at=filed["at"],
                    decision_id=filed["of"]["id"],
                    heard_at=filed["heard"],
                    outcome=filed["by"]["verdict"],
                    heard_decision_id=filed["by"]["id"],
                )
            )
        for report in self.year.reports:
            session.add(
                Report(
                    site_id=site_id,
                    comment_id=report["of"]["comment_id"],
                    revision=1,
                    reporter="0" * 64,
                    reason=report["reason"],
                    created_at=report["at"],
                    weight=1.0,
                    settled_before=0,
                    is_right=True,
                    decision_id=report["of"]["id"],
                )
            )

    def _authors(self) -> None:
        author = Author(
            site_id=self.newsroom.site_id,
            found_by="name",
            key="1" * 64,
            name="Ada",
            first_seen_at=FIRST,
            last_seen_at=FIRST,
        )
        self.session.add(author)
        self.session.flush()
        for month, (standing, days) in enumerate(
            (("suspended", 7), ("suspended", 30), ("banned", None)), start=1
        ):
            at = FIRST + timedelta(days=30 * month)
            self.session.add(
                StandingChange(
                    site_id=self.newsroom.site_id,
                    author_id=author.id,
                    standing=standing,
                    reason="insult",
                    until=days and at + timedelta(days=days),
                    created_at=at,
                    staff_id=self.mo,
                )
            )
            self.year.restricted_authors += 1

    def _audit(self, each: Automatic, key: bytes) -> dict[str, Any]:
        row, harm = each.row, each.harm
        result = self.year.result(each, key)
        at = row["created_at"] + timedelta(hours=30)
        answered = result.state is AuditState.ANSWERED
        state = "overtaken" if each.later else "lapsed"
        if answered:
            state = "differed" if result.is_wrong else "agreed"
        verdict = "reject" if harm else "approve"
        return {
            "site_id": row["site_id"],
            "comment_id": row["comment_id"],
            "decision_id": row["id"],
            "kind": "audit",
            "state": state,
            "first_verdict": row["verdict"],
            "created_at": row["created_at"],
            "expires_at": at,
            "due_at": at,
            "version": 1,
            "shown_version": 1,
            "staff_id": self.mo if answered else None,
            "answered_at": at if answered else None,
            "verdict": verdict if answered else None,
            "reasons": [{"code": harm}] if answered and harm else None,
            "labels": {},
            "closed_at": at,
        }


def share_at(moment: datetime) -> float:
    """Return the share of automatic decisions audited at a moment."""
    day = (moment - FIRST) / timedelta(days=1)
    return [share for start, share in SHARES if start <= day][-1]
