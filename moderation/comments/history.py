"""Store comments that were written and decided in another system.

Quietly: no events, no mail, no claims, no campaigns, no scores. What readers see is in
place at once; the search index follows in the background.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.authors.identity import AuthorKeys, keys_of
from moderation.authors.past_comments import PastComment, count_comments
from moderation.comments import imported_decisions
from moderation.comments.imported_decisions import ImportedDecision
from moderation.comments.past_articles import PastArticle, find_or_add_articles
from moderation.comments.submission import MAX_REPLY_DEPTH
from moderation.many_rows import find_rows, insert_rows
from moderation.policy.due_times import due_at
from moderation.policy.reasons import ReasonCode
from moderation.policy.verdicts import Status
from moderation.privacy import Privacy
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Comment
from moderation.tables.importing import ImportedComment

MAX_ARTICLES = 50_000  # remembered at once
MAX_AUTHORS = 20_000  # and networks, the same
_COMMENTS = cast(sa.Table, Comment.__table__)
_IMPORTED = cast(sa.Table, ImportedComment.__table__)
#: What is read of comments that are here.
_STORED = (
    _COMMENTS.c.external_id,
    _COMMENTS.c.id,
    _COMMENTS.c.parent_id,
    _COMMENTS.c.thread,
    _COMMENTS.c.article_id,
    _COMMENTS.c.fingerprint,
    _COMMENTS.c.deleted_at,
)


@dataclass(kw_only=True, slots=True)
class HistoricComment:
    """A comment of another system, cleaned."""

    external_id: str
    parent: str | None  #: `external_id`, under the same article
    article: str
    article_title: str | None
    article_section: str | None
    author_name: str
    author_email: str | None
    author_url: str | None
    author_id: str | None
    ip: str | None
    written_at: datetime
    edited_at: datetime | None
    body: str
    status: Status
    codes: Sequence[str]  #: reasons of the decision that led to the status
    decided_at: datetime | None
    #: columns of `ImportedComment`, but for the comment and the import
    provenance: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoricAuthor:
    """An author's stored data, in place of the address."""

    keys: AuthorKeys | None  #: None: unknown
    email_index: str | None


@dataclass(kw_only=True)
class HistoryBatch:
    """The results of storing some comments."""

    added: list[str] = field(default_factory=list)  #: `external_id`s
    unchanged: list[str] = field(default_factory=list)
    #: another text is stored under the id
    conflicting: list[str] = field(default_factory=list)
    #: comment and parent, where the parent is not stored yet
    late: list[tuple[str, str]] = field(default_factory=list)


class HistoryStore:
    """Stores the comments of one import, some in each transaction of its caller."""

    def __init__(
        self, site: SiteContext, privacy: Privacy, import_id: int, now: datetime
    ) -> None:
        self._site, self._privacy = site, privacy
        self._import_id, self._now = import_id, now
        self._articles: dict[str, int] = {}
        self._authors: dict[tuple[str | None, ...], HistoricAuthor] = {}
        self._networks: dict[str, tuple[str, ...]] = {}

    def store(
        self, session: Session, comments: Sequence[HistoricComment]
    ) -> HistoryBatch:
        """Store those that are not here yet; the session is writing.

        No comment may come twice in a batch.
        """
        batch, fresh = HistoryBatch(), []
        names = {comment.external_id for comment in comments}
        names |= {comment.parent for comment in comments if comment.parent}
        stored = self._find(session, names)
        for comment in comments:
            row = stored.get(comment.external_id)
            if row is None:
                fresh.append(comment)
            elif row.deleted_at is not None:  # erased, and it stays so
                batch.unchanged.append(comment.external_id)
            elif row.fingerprint not in self._privacy.list_fingerprints(
                _fingerprinted(comment)
            ):
                batch.conflicting.append(comment.external_id)
            else:
                batch.unchanged.append(comment.external_id)
                if comment.parent and row.parent_id is None:
                    batch.late.append((comment.external_id, comment.parent))
        if fresh:
            self._add(session, fresh, stored, batch)
        return batch

    def _find(self, session: Session, names: set[str]) -> dict[str, Any]:
        rows = find_rows(
            session.connection(),
            _STORED,
            _COMMENTS.c.external_id,
            names,
            site_id=self._site.id,
        )
        return {row.external_id: row for row in rows}

    def _add(
        self,
        session: Session,
        comments: Sequence[HistoricComment],
        stored: Mapping[str, Any],
        batch: HistoryBatch,
    ) -> None:
        ids = _free_ids(session, [comment.written_at for comment in comments])
        places = {name: (row.thread, row.article_id) for name, row in stored.items()}
        self._find_articles(session, comments)
        rows, authors = [], []
        for comment, number in zip(comments, ids, strict=True):
            article_id = self._articles[comment.article]
            above = ""
            if comment.parent is not None:
                thread, at = places.get(comment.parent, ("", None))
                if at == article_id:
                    above = thread[: (MAX_REPLY_DEPTH - 1) * identifiers.ENCODED_LENGTH]
                elif at is None:
                    batch.late.append((comment.external_id, comment.parent))
            author, network = self._author(comment)
            row = self._columns(comment, number, article_id, above)
            row |= {"email_index": author.email_index, "ip_pseudonym": network}
            places[comment.external_id] = row["thread"], article_id
            rows.append(row)
            authors.append(author.keys)
            batch.added.append(comment.external_id)
        records = count_comments(
            session,
            self._site.id,
            [
                PastComment(
                    keys=keys,
                    name=comment.author_name,
                    status=comment.status,
                    at=comment.written_at,
                )
                for keys, comment in zip(authors, comments, strict=True)
                if keys is not None
            ],
        )
        for row, keys in zip(rows, authors, strict=True):
            row["author_record_id"] = None if keys is None else records[keys.key]
        connection = session.connection()
        insert_rows(connection, _COMMENTS, rows)
        imported_decisions.store(session, self._site.id, self._decisions(comments, ids))
        insert_rows(
            connection,
            _IMPORTED,
            [
                {
                    "comment_id": number,
                    "import_id": self._import_id,
                    **comment.provenance,
                }
                for comment, number in zip(comments, ids, strict=True)
            ],
        )

    def _decisions(
        self, comments: Sequence[HistoricComment], ids: Sequence[int]
    ) -> list[ImportedDecision]:
        return [
            ImportedDecision(
                comment_id=number,
                status=comment.status,
                at=comment.decided_at or comment.edited_at or comment.written_at,
                codes=comment.codes or (ReasonCode.IMPORTED.value,),
            )
            for comment, number in zip(comments, ids, strict=True)
        ]

    def _columns(
        self, comment: HistoricComment, number: int, article_id: int, above: str
    ) -> dict[str, Any]:
        privacy, email = self._privacy, comment.author_email
        is_pending = comment.status is Status.PENDING
        return {
            "id": number,
            "site_id": self._site.id,
            "article_id": article_id,
            "parent_id": (
                identifiers.read_thread(above[-identifiers.ENCODED_LENGTH :])[0]
                if above
                else None
            ),
            "thread": above + identifiers.thread_part(number),
            "external_id": comment.external_id,
            "fingerprint": privacy.fingerprint(_fingerprinted(comment)),
            "author_name": comment.author_name,
            "author_url": comment.author_url,
            "author_id": comment.author_id,
            "email_encrypted": privacy.encrypt_email(email, number) if email else None,
            "body": comment.body,
            "status": comment.status.value,
            "version": 1,
            "revision": 1,
            "received_at": comment.written_at,
            "written_at": comment.written_at,
            "edited_at": comment.edited_at,
            # Not overdue: the team sees it from today on.
            "due_at": due_at(self._now, 0.0) if is_pending else comment.written_at,
            "held_reason": ReasonCode.IMPORTED.value if is_pending else None,
            "report_weight": 0.0,
        }

    def _author(self, comment: HistoricComment) -> tuple[HistoricAuthor, str | None]:
        """Return what is stored of an author, and of a network. Both come often."""
        email, ip, site_id = comment.author_email, comment.ip, self._site.id
        networks: tuple[str, ...] = ()
        if ip:
            networks = self._networks.get(ip, ())
            if not networks:
                networks = self._privacy.list_pseudonyms(ip, site_id)
                _remember(self._networks, ip, networks)
        told_by: tuple[str | None, ...] = (comment.author_id, email)
        if told_by == (None, None):
            told_by = (comment.author_name, *networks[:1])
        author = self._authors.get(told_by)
        if author is None:
            author = HistoricAuthor(
                keys=keys_of(
                    self._privacy,
                    site_id,
                    author_id=comment.author_id,
                    email=email,
                    name=comment.author_name,
                    networks=networks,
                ),
                email_index=(
                    self._privacy.index_email(email, site_id) if email else None
                ),
            )
            _remember(self._authors, told_by, author)
        return author, networks[0] if networks else None

    def _find_articles(
        self, session: Session, comments: Sequence[HistoricComment]
    ) -> None:
        """Remember the ids of all articles of some comments."""
        if len(self._articles) >= MAX_ARTICLES:
            self._articles.clear()
        fresh: dict[str, PastArticle] = {}
        for comment in comments:
            name = comment.article
            if name not in self._articles and name not in fresh:
                fresh[name] = PastArticle(
                    name=name,
                    title=comment.article_title,
                    section=comment.article_section,
                    at=comment.written_at,
                )
        if fresh:
            self._articles |= find_or_add_articles(
                session, self._site, list(fresh.values())
            )

    def join(self, session: Session, replies: Sequence[tuple[str, str]]) -> int:
        """Put stored comments under parents that were stored behind them.

        Their own replies move with them. Returns how many were put.
        """
        names = {name for pair in replies for name in pair}
        count = 0
        rows = self._find(session, names)
        for child, parent in replies:
            if child in rows and parent in rows and rows[child].parent_id is None:
                # Read again: an earlier step may have moved either of them.
                rows |= self._find(session, {child, parent})
                count += _move(session, rows[child], rows[parent])
        return count


def _remember(known: dict[Any, Any], name: object, value: object) -> None:
    """Keep a value, in a dictionary that stays small."""
    if len(known) >= MAX_AUTHORS:
        known.clear()
    known[name] = value


def _fingerprinted(comment: HistoricComment) -> str:
    return f"import:{comment.body}"


def _move(session: Session, child: Any, parent: Any) -> int:
    own = child.thread
    is_above = parent.thread.startswith(own)
    if child.article_id != parent.article_id or is_above:
        return 0
    above = parent.thread[: (MAX_REPLY_DEPTH - 1) * identifiers.ENCODED_LENGTH]
    parent_id = identifiers.read_thread(above)[-1]
    thread = above + identifiers.thread_part(child.id)
    tree = (
        sa.select(Comment.id).where(Comment.id == child.id).cte("tree", recursive=True)
    )
    tree = tree.union_all(sa.select(Comment.id).where(Comment.parent_id == tree.c.id))
    connection = session.connection()
    connection.execute(
        sa.update(_COMMENTS)
        .where(_COMMENTS.c.id.in_(sa.select(tree.c.id)))
        .values(
            thread=sa.literal(thread) + sa.func.substr(_COMMENTS.c.thread, len(own) + 1)
        )
    )
    connection.execute(
        sa.update(_COMMENTS)
        .where(_COMMENTS.c.id == child.id)
        .values(parent_id=parent_id)
    )
    return 1


def _free_ids(session: Session, moments: Sequence[datetime]) -> list[int]:
    """Return ids of moments that no comment has yet."""
    ids = identifiers.new_ids(moments)
    for _ in range(100):
        rows = find_rows(session.connection(), [_COMMENTS.c.id], _COMMENTS.c.id, ids)
        taken = {row.id for row in rows}
        if not taken:
            break
        used = set(ids)
        for place, number in enumerate(ids):
            if number in taken:
                (fresh,) = identifiers.new_ids([moments[place]])
                while fresh in used:
                    fresh += 1
                ids[place] = fresh
                used.add(fresh)
    return ids
