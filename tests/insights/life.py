"""Seeds a month of a newsroom's life, and keeps its rows to be counted by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from moderation.tables.objections import Report
from tests.builders import Newsroom

SECTIONS = ("Politics", "Sport", None)
ARTICLES = 7
DAYS = 31
LABELS = ("insult", "spam")


@dataclass(kw_only=True)
class Life:
    """What is stored, in the order in which it was made."""

    articles: dict[int, Article] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    @cached_property
    def by_id(self) -> dict[int, Comment]:
        """The comments by their ids."""
        return {comment.id: comment for comment in self.comments}

    @cached_property
    def lasting(self) -> list[Decision]:
        """The decisions that neither were undone nor are undos."""
        undone = {each.undoes_id for each in self.decisions}
        return [
            each
            for each in self.decisions
            if each.undoes_id is None and each.id not in undone
        ]

    @cached_property
    def effective(self) -> dict[int, Decision]:
        """The newest lasting decision about each comment."""
        return {each.comment_id: each for each in self.lasting}

    def section_of(self, comment_id: int) -> str:
        """Return the section of a comment; empty: none."""
        return self.articles[self.by_id[comment_id].article_id].section or ""


class Seeder:
    """Makes comments that are held, decided, undone, overturned, and reported."""

    def __init__(self, newsroom: Newsroom, session: Session, seed: int = 7) -> None:
        self.newsroom, self.session = newsroom, session
        self.draw = random.Random(seed)
        self.life = Life()
        self.people = [newsroom.staff_ids[role] for role in Role]
        self.drafts: list[tuple[datetime, Decision | Report]] = []

    def seed(self, now: datetime, count: int = 400) -> Life:
        """Store a month before a moment."""
        start_writing(self.session)
        for number in range(ARTICLES):
            article = Article(
                site_id=self.newsroom.site_id,
                reference=f"article-{number}",
                reference_hash=f"{number:064d}",
                title=f"Article {number}",
                section=SECTIONS[number % len(SECTIONS)],
                created_at=now,
            )
            self.session.add(article)
            self.session.flush()
            self.life.articles[article.id] = article
        moments = sorted(
            now - timedelta(seconds=self.draw.uniform(60, DAYS * 86_400))
            for _ in range(count)
        )
        for moment in moments:
            self._comment(moment, now)
        self.session.flush()
        # In order of time, as a log is written.
        for _, draft in sorted(self.drafts, key=lambda each: each[0]):
            self.session.add(draft)
            self.session.flush()
            if isinstance(draft, Decision):
                self.life.decisions.append(draft)
            else:
                self.life.reports.append(draft)
        self._undo(now)
        for comment in self.life.comments:
            comment.status = status_of(self.life, comment.id)
        self.session.commit()
        return self.life

    def _comment(self, at: datetime, now: datetime) -> None:
        moment = identifiers.first_id(at)
        comment_id = moment | self.draw.getrandbits(identifiers.RANDOM_BITS - 1)
        comment = Comment(
            id=comment_id,
            site_id=self.newsroom.site_id,
            article_id=self.draw.choice(list(self.life.articles)),
            thread=identifiers.encode(comment_id),
            fingerprint="",
            author_name="Ada",
            body="Said.",
            status="pending",
            received_at=at,
            due_at=at + timedelta(minutes=30),
        )
        self.session.add(comment)
        self.life.comments.append(comment)
        verdict = self.draw.choices(("approve", "reject", "review"), (6, 1, 4))[0]
        source = "rule" if self.draw.random() < 0.1 else "policy"
        self._decide(comment, at, verdict, source=source, before=None)
        later = at
        for _ in range(self.draw.choices((0, 1, 2), (3, 4, 2))[0]):
            later += timedelta(minutes=self.draw.expovariate(1 / 50))
            if later < now:
                self._by_person(comment, later)
        if self.draw.random() < 0.15:
            reported = at + timedelta(hours=self.draw.uniform(0, 30))
            if reported < now:
                self._report(comment, reported)

    def _by_person(self, comment: Comment, at: datetime) -> None:
        verdict = self.draw.choice(("approve", "reject"))
        source = "akismet" if self.draw.random() < 0.08 else "person"
        self._decide(comment, at, verdict, source=source, before="pending")

    def _decide(
        self,
        comment: Comment,
        at: datetime,
        verdict: str,
        *,
        source: str,
        before: str | None,
    ) -> None:
        label = self.draw.choice(LABELS)
        reasons: list[dict[str, Any]] = []
        if verdict == "reject" and source in ("person", "akismet"):
            reasons = [{"code": label}]
        elif verdict != "approve":
            reasons = [{"code": "score", "label": label, "score": 0.9}]
        decision = Decision(
            site_id=self.newsroom.site_id,
            comment_id=comment.id,
            revision=1,
            created_at=at,
            source=source,
            staff_id=self.draw.choice(self.people) if source == "person" else None,
            status_before=before,
            verdict=verdict,
            reasons=reasons,
            labels={},
        )
        self.drafts.append((at, decision))

    def _report(self, comment: Comment, at: datetime) -> None:
        report = Report(
            site_id=self.newsroom.site_id,
            comment_id=comment.id,
            revision=1,
            reporter=f"{len(self.drafts):064d}",
            reason="insult",
            created_at=at,
            weight=1.0,
            settled_before=0,
        )
        self.drafts.append((at, report))

    def _undo(self, now: datetime) -> None:
        """Undo some people's newest decisions."""
        newest = {each.comment_id: each for each in self.life.decisions}
        for decision in list(newest.values()):
            if decision.source != "person" or self.draw.random() > 0.15:
                continue
            undo = Decision(
                site_id=decision.site_id,
                comment_id=decision.comment_id,
                revision=1,
                created_at=min(now, decision.created_at + timedelta(seconds=20)),
                source="person",
                staff_id=decision.staff_id,
                status_before="approved",
                verdict="review",
                reasons=[{"code": "undone"}],
                labels={},
                undoes_id=decision.id,
            )
            self.session.add(undo)
            self.session.flush()
            self.life.decisions.append(undo)


def status_of(life: Life, comment_id: int) -> str:
    """Return the status that the effective decision gives a comment."""
    names = {"approve": "approved", "reject": "rejected", "review": "pending"}
    return names[life.effective[comment_id].verdict]
