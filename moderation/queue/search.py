"""Search by parts of texts and of authors' names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from moderation.comments.search_index import NAME_MARK, slice_term
from moderation.queue.time_slices import TimeSlices
from moderation.tables.comments import Comment
from moderation.tables.search import SearchText
from moderation.text.folding import SIGNS, gram_queries, list_terms

MAX_GRAMS = 16  # that the index is asked for; the texts found are read anyway
MAX_RARE_GRAMS = 4
SAMPLED = 200  # newest texts, to tell rare grams from common ones
#: Of the sample: such grams say little on SQLite, whose index reads all their places.
COMMON = 0.02

_TEXTS = SearchText.__table__.c
_FTS: sa.TableClause = sa.table("comments_text", sa.column("rowid", sa.BigInteger))


@dataclass(frozen=True, kw_only=True)
class TextSearch:
    """Terms that texts and authors' names must have, all of them."""

    terms: Sequence[str]  #: of the text, folded
    name_terms: Sequence[str]  #: of the author's name, folded

    @classmethod
    def of(cls, text: str | None, name: str | None) -> TextSearch:
        """Return the search for what a person has typed."""
        return cls(terms=list_terms(text or ""), name_terms=list_terms(name or ""))

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return not self.terms and not self.name_terms


def is_match(session: Session, search: TextSearch) -> sa.ColumnElement[bool]:
    """Return the condition that the comment of a row has all terms."""
    texts = SearchText.__table__.alias()  # apart from an outer query over the same
    found = _has_terms(session, search, texts.c)
    return sa.exists().where(texts.c.comment_id == Comment.id, *found)


def select_matches(session: Session, search: TextSearch) -> sa.Select[Any] | None:
    """Return the statement for the IDs that the index finds: a superset.

    On SQLite they are read in order of the ids; PostgreSQL finds all of them first.
    None: the index is of no use, as nearly all texts have such grams.
    """
    queries = _gram_queries(search)
    if not is_sliced(session):
        queries = _choose_rare(session, queries)
        if not queries:
            return None
        match = " AND ".join(
            f'"{gram}"{"*" if is_prefix else ""}' for gram, is_prefix in queries
        )
        asked = sa.literal_column("comments_text").op("MATCH")(match)
        return sa.select(_FTS.c.rowid.label("id")).where(asked)
    return _select_terms(_as_tsquery(queries))


def is_sliced(session: Session) -> bool:
    """Return whether matches are found slice by slice: not in order of the ids."""
    return session.get_bind().dialect.name != "sqlite"


def select_in_slices(search: TextSearch, slices: TimeSlices) -> sa.Select[Any]:
    """Return the statement for the IDs that PostgreSQL's index finds in slices."""
    terms = (slice_term(slices.bits, number) for number in slices.numbers)
    of_time = " | ".join(f"'{term}'" for term in terms)
    grams = _as_tsquery(_gram_queries(search))
    found = _select_terms(f"{grams} & ({of_time})")
    number = found.selected_columns.id
    within = slices.within
    found = found.where(number > within.low, number < within.high)
    return found.order_by(number.desc() if within.is_descending else number)


def _as_tsquery(queries: Sequence[tuple[str, bool]]) -> str:
    """Return a query for grams, without what only begins so where others tell enough.

    PostgreSQL gathers all that begins so, over all time, before it looks at the rest.
    """
    whole = [query for query in queries if not query[1]]
    return " & ".join(
        f"'{gram}'{':*' if is_prefix else ''}" for gram, is_prefix in whole or queries
    )


def _select_terms(tsquery: str) -> sa.Select[Any]:
    vector = sa.func.comments_terms(_TEXTS.comment_id, _TEXTS.name, _TEXTS.body)
    asked = vector.op("@@")(sa.cast(tsquery, postgresql.TSQUERY))
    # Apart, or PostgreSQL may walk all comments to find the newest first.
    found = sa.select(_TEXTS.comment_id.label("id")).where(asked).cte("matching")
    return sa.select(found.prefix_with("MATERIALIZED").c.id)


def _choose_rare(
    session: Session, queries: Sequence[tuple[str, bool]]
) -> list[tuple[str, bool]]:
    """Return the grams worth asking for: rare ones or, if none is, all whole ones.

    What begins with one or two characters is gathered before the first is found.
    """
    newest = sa.select(_TEXTS.name, _TEXTS.body).order_by(_TEXTS.comment_id.desc())
    texts = [
        f"{NAME_MARK}{row.name}\n{row.body}".translate(SIGNS)
        for row in session.execute(newest.limit(SAMPLED))
    ]
    counts = {query: _count_texts(texts, query[0]) for query in queries}
    rare = [query for query in queries if counts[query] <= COMMON * len(texts)]
    rare.sort(key=lambda query: counts[query])
    return rare[:MAX_RARE_GRAMS] or [query for query in queries if not query[1]]


def _count_texts(texts: Sequence[str], gram: str) -> int:
    if gram.startswith(NAME_MARK):
        part = gram.removeprefix(NAME_MARK)
        return sum(part in text.partition("\n")[0] for text in texts)
    return sum(gram in text for text in texts)


def _has_terms(
    session: Session, search: TextSearch, columns: Any
) -> list[sa.ColumnElement[bool]]:
    place = sa.func.strpos if is_sliced(session) else sa.func.instr
    return [
        place(column, term) > 0
        for column, terms in (
            (columns.body, search.terms),
            (columns.name, search.name_terms),
        )
        for term in terms
    ]


def _gram_queries(search: TextSearch) -> list[tuple[str, bool]]:
    """Return grams to ask the index for, and whether it is for what begins so."""
    asked = [(each.text, each.is_prefix) for each in gram_queries(search.terms)]
    asked += [
        (NAME_MARK + each.text, each.is_prefix)
        for each in gram_queries(search.name_terms)
    ]
    return sorted(asked, key=lambda each: each[1])[:MAX_GRAMS]
