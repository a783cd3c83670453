"""Builds a newsroom that has decided much: made-up sentences, some in its own slang."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from classifiers.data.datasets import Example
from classifiers.text.labels import HARMS
from moderation import identifiers
from moderation.database import db, start_writing
from moderation.learning import training_set
from moderation.learning.provenance import Provenance, TrainingExample
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from tests.builders import NOW, Newsroom

TALK = """
the a this our that council bridge budget river school mayor train tunnel
market library garden stadium harbour paper reader editor summer winter
morning road bus cycle path museum concert weather harvest village station
teacher nurse baker was is seems opens closes grows helps needs explains shows
brings keeps likes very quite rather well soon again often twice here there
today with about after before
"""
WORDS = TALK.split()
# Words that no model has ever seen: what this town calls people it despises.
SLANG = ("glimpwad", "snorkelbrain", "grubbledorf", "plonkmuffin", "wizzlenape")


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A text with people's decisions about it."""

    text: str
    is_insult: bool


def sentences(count: int, *, seed: int = 1) -> list[Decided]:
    """Return made-up sentences, every fourth an insult in slang."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        words = draw.choices(WORDS, k=draw.randint(7, 14))
        is_insult = number % 4 == 0
        if is_insult:
            words.insert(draw.randrange(len(words)), draw.choice(SLANG))
        made.append(Decided(text=" ".join(words).capitalize(), is_insult=is_insult))
    return made


def as_examples(decided: Sequence[Decided]) -> list[Example]:
    """Return the examples that `feedback` makes of such decisions."""
    return [
        Example(
            text=each.text,
            labels={"insult": True} if each.is_insult else dict.fromkeys(HARMS, False),
            group=str(number),
            written_at=NOW + timedelta(minutes=number),
        )
        for number, each in enumerate(decided)
    ]


def as_lessons(examples: Sequence[Example]) -> list[TrainingExample]:
    """Return examples as one person's decisions about as many comments, weighed."""
    return training_set.weigh(
        [
            TrainingExample(
                example=each,
                provenance=Provenance.SINGLE,
                taught_by="mo",
                comment_id=number,
            )
            for number, each in enumerate(examples)
        ]
    )


def decide_many(
    newsroom: Newsroom, decided: Sequence[Decided], *, authors: int = 1_000_000
) -> None:
    """Store comments with a person's decision about each, as if time had gone by."""
    session = db.session()
    start_writing(session)
    article = Article(
        site_id=newsroom.site_id,
        reference="https://gazette.example/town",
        reference_hash="0" * 64,
        title="The town",
        created_at=NOW,
    )
    session.add(article)
    session.flush()
    comments = [
        _comment(newsroom, article, each, NOW + timedelta(minutes=number), number)
        for number, each in enumerate(decided)
    ]
    for number, comment in enumerate(comments):
        comment.email_index = f"{number % authors:064d}"
    session.add_all(comments)
    session.flush()
    session.add_all(
        [
            _decision(newsroom, comment, each)
            for comment, each in zip(comments, decided, strict=True)
        ]
    )
    session.commit()


def _comment(
    newsroom: Newsroom, article: Article, decided: Decided, at: datetime, number: int
) -> Comment:
    comment_id = identifiers.new_id()
    return Comment(
        id=comment_id,
        site_id=newsroom.site_id,
        article_id=article.id,
        thread=identifiers.encode(comment_id),
        fingerprint="",
        author_name=f"Wilhelmina {number}",
        body=decided.text,
        status="rejected" if decided.is_insult else "approved",
        version=2,
        revision=1,
        received_at=at,
        due_at=at,
    )


def _decision(newsroom: Newsroom, comment: Comment, decided: Decided) -> Decision:
    return Decision(
        site_id=newsroom.site_id,
        comment_id=comment.id,
        revision=1,
        created_at=comment.received_at + timedelta(hours=1),
        source="person",
        status_before="pending",
        verdict="reject" if decided.is_insult else "approve",
        reasons=[{"code": "insult"}] if decided.is_insult else [],
        labels={},
    )
