"""Active learning: the order that puts the most useful comments first.

Of the most uncertain comments a few are chosen one after another: each is worth its
nearness to a threshold, less what the chosen ones, those already claimed and those that
people decided recently have of its words, its label and its language. Batches of active
learning also choose greedily by nearness and distance: Sener and Savarese,
"Active learning for convolutional neural networks: a core-set approach", 2018; Ash et
al., "Deep batch active learning by diverse, uncertain gradient lower bounds", 2020.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text import features
from classifiers.text.labels import HARMS
from moderation.policy.thresholds import Policy, nearest
from moderation.policy.verdicts import Source, Status
from moderation.queue import filters, pages
from moderation.queue.orders import Position
from moderation.queue.query import QueueQuery
from moderation.sites.policies import load_policy
from moderation.tables.comments import Comment
from moderation.tables.decisions import TAUGHT, Decision
from moderation.text.minhash import list_words

Floats = npt.NDArray[np.float32]

CANDIDATES = 200  # comments that are read at once
ROUNDS = 3  # so often, where most of them are near-duplicates
ENOUGH = 100  # candidates left when near-duplicates are one
LATELY = 50  # decisions of people at a site that are not asked again
MAX_SITES = 8  # whose late decisions are read
READ = 600  # characters of a text: its beginning tells it from others
PLACES = 1024  # of a text's vector: words by hash
ALIKE_FROM = 0.8  # cosine: so similar a text adds nothing to the other
ALIKE_WORTH = 1e-3  # of a near-duplicate: it comes after all others
NEAR = 0.1  # a margin of so much is worth half
CROWD = 5  # so many of a label or language halve a further one's worth, by and by


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A comment that may be chosen, or that others are compared with."""

    id: int
    margin: float  #: 0 to 1
    text: str
    label: str | None  #: the one that is nearest to a threshold
    language: str | None


def choose_comments(
    session: Session,
    query: QueueQuery,
    *conditions: sa.ColumnElement[bool],
    beside: Sequence[Comment] = (),
    limit: int,
) -> list[int]:
    """Return the IDs of up to `limit` comments, the most useful first.

    What is read does not grow with the queue: `CANDIDATES` in up to `ROUNDS`.

    Parameters
    ----------
    next to
        Comments claimed already, which the others should differ from.
    """
    if limit <= 0:
        return []
    policies: dict[int, Policy] = {}
    candidates = _candidates(session, query, conditions, policies)
    if not candidates:
        return []
    known_candidates = [_candidate(session, comment, policies) for comment in beside]
    known_candidates += _decided_lately(session, query.site_ids, policies)
    return [candidates[place].id for place in pick(candidates, known_candidates, limit)]


def select_free(
    session: Session,
    query: QueueQuery,
    ids: Sequence[int],
    *conditions: sa.ColumnElement[bool],
) -> sa.Select[Any]:
    """Return the statement that selects and locks the comments still free."""
    return (
        sa.select(Comment.id)
        .where(
            Comment.id.in_(ids),
            *filters.pending_conditions(session, query),
            *conditions,
        )
        .with_for_update(skip_locked=True, of=Comment)
    )


def pick(
    candidates: Sequence[Candidate], known_candidates: Sequence[Candidate], limit: int
) -> list[int]:
    """Return the indexes of up to `limit` candidates, the most useful first.

    Parameters
    ----------
    known_candidates
        What is asked or decided already. It makes what resembles it worth less.
    """
    vectors = _vectors(
        [candidate.text for candidate in (*candidates, *known_candidates)]
    )
    candidate_vectors, known_vectors = (
        vectors[: len(candidates)],
        vectors[len(candidates) :],
    )
    likeness = (candidate_vectors @ known_vectors.T).max(axis=1, initial=0)
    worth = NEAR / (NEAR + np.array([candidate.margin for candidate in candidates]))
    crowds = [_Crowd([candidate.label for candidate in candidates])]
    crowds.append(_Crowd([candidate.language for candidate in candidates]))
    for candidate in known_candidates:
        crowds[0].add(candidate.label)
        crowds[1].add(candidate.language)
    chosen: list[int] = []
    while len(chosen) < min(limit, len(candidates)):
        novelty = np.where(likeness < ALIKE_FROM, 1 - likeness, ALIKE_WORTH)
        value = worth * novelty * crowds[0].room * crowds[1].room
        value[chosen] = -1
        best = int(value.argmax())  # the first of equals: the most uncertain
        chosen.append(best)
        likeness = np.maximum(likeness, candidate_vectors @ candidate_vectors[best])
        crowds[0].add(candidates[best].label)
        crowds[1].add(candidates[best].language)
    return chosen


class _Crowd:
    """Counts by kind, which reduce the worth of further ones of that kind."""

    def __init__(self, kinds: Sequence[str | None]) -> None:
        self._names = sorted({kind or "" for kind in kinds})
        self._codes = np.array([self._names.index(kind or "") for kind in kinds])
        self._counts: Counter[str] = Counter()

    def add(self, kind: str | None) -> None:
        self._counts[kind or ""] += 1

    @property
    def room(self) -> npt.NDArray[np.float64]:
        """0 to 1 for each comment, higher for a rare kind."""
        counts = np.array([self._counts[name] for name in self._names])
        fewest = counts.min()  # one kind alone crowds no one out
        by_kind = CROWD / (CROWD + counts - fewest)
        room: npt.NDArray[np.float64] = by_kind[self._codes]
        return room


def count_decided_since(
    session: Session, site_ids: Sequence[int], since: datetime
) -> int:
    """Return how many comments were decided through this order.

    One that was undone and is pending again is not among them.
    """
    counted: sa.Select[Any] = (
        sa.select(sa.func.count(sa.distinct(Decision.comment_id)))
        .join(Comment, Comment.id == Decision.comment_id)
        .where(
            Decision.site_id.in_(site_ids),
            Decision.created_at >= since,
            sa.text(f"decisions.{TAUGHT.text}"),
            Comment.status != Status.PENDING.value,
        )
    )
    return session.scalar(counted) or 0


_COLUMNS: tuple[Any, ...] = (
    Comment.id,
    Comment.site_id,
    Comment.margin,
    sa.func.substr(Comment.body, 1, READ).label("body"),
    Comment.language,
    Comment.campaign_id,
    *(Comment.__table__.c[f"score_{label}"] for label in HARMS),
)


def _candidates(
    session: Session,
    query: QueueQuery,
    conditions: Sequence[sa.ColumnElement[bool]],
    policies: dict[int, Policy],
) -> list[Candidate]:
    """Return the most uncertain comments, one of each campaign."""
    candidates: list[Candidate] = []
    likenesses: set[object] = set()
    after: Position | None = None
    for _ in range(ROUNDS):
        ids = pages.select_first_ids(
            session, query, *conditions, after=after, limit=CANDIDATES
        )
        columns = sa.select(*_COLUMNS).where(Comment.id.in_(ids))
        rows = session.execute(columns.order_by(Comment.margin, Comment.id)).all()
        for row in rows:
            like = row.campaign_id or row.body
            if like not in likenesses:
                likenesses.add(like)
                candidates.append(_candidate(session, row, policies))
        if len(rows) < CANDIDATES or len(candidates) >= ENOUGH:
            break
        after = Position(key=rows[-1].margin, comment_id=rows[-1].id)
    return candidates


def _decided_lately(
    session: Session, site_ids: Sequence[int], policies: dict[int, Policy]
) -> list[Candidate]:
    candidates = []
    for site_id in site_ids[:MAX_SITES]:
        newest = (
            sa.select(Decision.comment_id)
            .where(Decision.site_id == site_id, Decision.source == Source.PERSON.value)
            .order_by(Decision.id.desc())
            .limit(LATELY)
        ).subquery()
        query = sa.select(*_COLUMNS).where(
            Comment.id.in_(sa.select(newest.c.comment_id)), Comment.deleted_at.is_(None)
        )
        rows = session.execute(query.order_by(Comment.id))
        candidates += [_candidate(session, row, policies) for row in rows]
    return candidates


def _candidate(session: Session, row: Any, policies: dict[int, Policy]) -> Candidate:
    """Return the candidate for a comment, or for a row with its columns."""
    if row.site_id not in policies:
        policies[row.site_id] = load_policy(session, row.site_id)
    scores: Mapping[str, float | None] = {
        label: getattr(row, f"score_{label}") for label in HARMS
    }
    known_scores = {
        label: score for label, score in scores.items() if score is not None
    }
    near = nearest(policies[row.site_id], known_scores)
    return Candidate(
        id=row.id,
        margin=1.0 if row.margin is None else row.margin,
        text=row.body[:READ],
        label=None if near is None else near[1],
        language=row.language and row.language[:2].lower(),
    )


def _vectors(texts: Sequence[str]) -> Floats:
    """Return a unit vector for each text, rare words weighted higher."""
    split = [list_words(text) for text in texts]
    flat = [word for text_words in split for word in text_words]
    owners = np.repeat(np.arange(len(texts)), [len(text_words) for text_words in split])
    places = (features.word_hashes(flat) % np.uint64(PLACES)).astype(np.int64)
    counts = np.zeros((len(texts), PLACES), np.float32)
    np.add.at(counts, (owners, places), 1)
    spread = np.count_nonzero(counts, axis=0)
    vectors = np.sqrt(counts) * np.log1p(len(texts) / np.maximum(spread, 1))
    lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    unit_vectors: Floats = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit_vectors
