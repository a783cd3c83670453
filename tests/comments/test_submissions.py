"""The use cases of comments coming in, without the web, at a given time."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.document import Document
from moderation import identifiers
from moderation.comments import articles, erasure, lookup, revision, submission
from moderation.comments.automatic import TextAnalysis
from moderation.comments.lookup import StoredComment
from moderation.comments.submission import CLOCK_SKEW, MAX_REPLY_DEPTH, Submission
from moderation.database import start_writing
from moderation.errors import Conflict, DifferentBody, InvalidFields, NotFound
from moderation.models.serving import ScoredText, Scoring
from moderation.policy.due_times import MAX_PATIENCE, MIN_PATIENCE
from moderation.sites import policies, sites
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Article, Comment, Revision
from moderation.tables.decisions import Decision
from moderation.web.services import services_of
from tests.builders import NOW, comment

TENTH = {"spam": 0.1, "toxicity": 0.1}


def scored(
    scores: dict[str, float] | None = None, *, is_language_supported: bool = True
) -> ScoredText:
    return ScoredText(
        scores=TENTH if scores is None else scores,
        model_version="test-1",
        is_language_supported=is_language_supported,
    )


class Desk:
    """Submits and edits at one site, at NOW."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.session = session
        self.privacy = services_of(app).privacy
        start_writing(session)
        body = policies.default_policy({"spam": {"review_at": 0.5, "reject_at": 0.9}})
        self.site_id = sites.create_site(session, "gazette", body, NOW).id

    @property
    def site(self) -> SiteContext:
        site = sites.find_by_id(self.session, self.site_id)
        assert site is not None
        return site

    def submit(
        self, score: ScoredText | None = None, key: str | None = None, **fields: Any
    ) -> StoredComment:
        sent, site = comment(**fields), self.site
        return submission.submit(
            self.session,
            site,
            sent,
            TextAnalysis(scored=score or scored()),
            Submission(
                at=NOW,
                article=articles.find_known(self.session, site, sent["article"]),
                idempotency_key=key,
            ),
            privacy=self.privacy,
        )

    def edit(
        self, row: Comment, score: ScoredText | None = None, **fields: Any
    ) -> StoredComment:
        later = NOW + timedelta(hours=1)
        return revision.edit(
            self.session,
            self.site,
            row,
            {"body": "Now.", **fields},
            TextAnalysis(scored=score),
            now=later,
        )


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return Desk(app, session)


@pytest.mark.parametrize(
    ("spam", "status", "verdict"),
    [
        (0.1, "approved", "approve"),
        (0.5, "pending", "review"),
        (0.9, "rejected", "reject"),
    ],
)
def test_the_policy_decides_a_new_comment(
    desk: Desk, spam: float, status: str, verdict: str
) -> None:
    standing = desk.submit(scored({"spam": spam}))
    assert standing.comment.status == status
    assert standing.decision.verdict == verdict
    assert standing.decision.source == "policy"
    assert standing.decision.status_before is None
    assert standing.decision.policy_id == desk.site.policy_id


def test_scores_are_stored_with_the_version_of_their_model(desk: Desk) -> None:
    standing = desk.submit(scored({"spam": 0.0, "threat": 1.0}))
    assert standing.score is not None
    assert standing.score.model_version == "test-1"
    assert lookup.scores_of(standing.score) == {"spam": 0.0, "threat": 1.0}


@pytest.mark.parametrize(
    ("score", "patience"),
    [
        (scored({"spam": 1.0}), MIN_PATIENCE),
        (scored({"spam": 0.0}), MAX_PATIENCE),
    ],
)
def test_the_riskiest_label_sets_when_it_is_due(
    desk: Desk, score: ScoredText, patience: timedelta
) -> None:
    assert desk.submit(score).comment.due_at == NOW + patience


def test_an_unscored_comment_is_due_first(desk: Desk) -> None:
    row = desk.submit().comment
    assert (
        desk.edit(row, None).comment.due_at == NOW + timedelta(hours=1) + MIN_PATIENCE
    )


def test_the_address_is_sealed_and_the_machine_is_a_pseudonym(desk: Desk) -> None:
    row = desk.submit(author_email="jo@news.example", ip="192.0.2.1").comment
    assert row.email_encrypted is not None
    opened = desk.privacy.decrypt_email(row.email_encrypted, row.id)
    assert opened == "jo@news.example"
    assert row.email_index == desk.privacy.index_email("JO@news.example", desk.site_id)
    assert row.ip_pseudonym == desk.privacy.pseudonym("192.0.2.1", desk.site_id)


def test_an_address_in_the_user_agent_is_masked(desk: Desk) -> None:
    row = desk.submit(user_agent="Bot/1 (by jo@news.example)").comment
    assert row.user_agent == "Bot/1 (by [e-mail])"


@pytest.mark.parametrize("name", ["key", "external_id"])
def test_the_same_comment_again_is_one_comment(desk: Desk, name: str) -> None:
    fields = comment(**{name: "same"})
    first, second = desk.submit(**fields), desk.submit(**fields)
    assert second.comment.id == first.comment.id
    assert (first.is_replay, second.is_replay) == (False, True)


@pytest.mark.parametrize("name", ["key", "external_id"])
@pytest.mark.parametrize(
    "changed", [{"body": "Other."}, {"author_email": "eve@mail.example"}]
)
def test_another_comment_under_the_same_name_is_refused(
    desk: Desk, name: str, changed: dict[str, str]
) -> None:
    fields = comment(**{name: "same"})
    desk.submit(**fields)
    with pytest.raises(DifferentBody):
        desk.submit(**{**fields, **changed})


def test_the_key_of_one_and_the_id_of_another_comment_are_refused(desk: Desk) -> None:
    desk.submit(key="first")
    desk.submit(external_id="second")
    with pytest.raises(DifferentBody):
        desk.submit(key="first", external_id="second")


def test_a_deleted_comment_does_not_come_back(desk: Desk) -> None:
    fields = comment(external_id="same")
    erasure.erase(desk.session, desk.submit(**fields).comment, NOW)
    with pytest.raises(Conflict, match="deleted"):
        desk.submit(**fields)


@pytest.mark.parametrize(
    "ahead", [timedelta(0), CLOCK_SKEW, -timedelta(days=3000)], ids=str
)
def test_a_time_of_writing_that_is_past_is_kept(desk: Desk, ahead: timedelta) -> None:
    assert desk.submit(written_at=NOW + ahead).comment.written_at == NOW + ahead


def test_a_time_of_writing_in_the_future_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidFields) as caught:
        desk.submit(written_at=NOW + CLOCK_SKEW + timedelta(microseconds=1))
    assert set(caught.value.fields) == {"written_at"}


def test_an_article_takes_the_newest_title_and_keeps_it(desk: Desk) -> None:
    desk.submit(article_title="Old", article_section="Local")
    desk.submit(article_title="New")
    article = desk.session.scalars(
        sa.select(Article).where(Article.site_id == desk.site_id)
    ).one()
    assert (article.title, article.section) == ("New", "Local")


def test_an_address_whose_slashes_a_proxy_folded_is_the_same_article(
    desk: Desk,
) -> None:
    first = desk.submit(article="https://gazette.example/a").comment
    second = desk.submit(article="https:/gazette.example/a").comment
    assert first.article_id == second.article_id


def test_a_reply_stands_behind_what_it_replies_to(desk: Desk) -> None:
    root = desk.submit().comment
    reply = desk.submit(parent=root.id).comment
    assert reply.parent_id == root.id
    assert reply.thread == root.thread + identifiers.encode(reply.id)


def test_a_reply_to_another_article_is_refused(desk: Desk) -> None:
    root = desk.submit(article="a").comment
    with pytest.raises(InvalidFields) as caught:
        desk.submit(article="b", parent=root.id)
    assert set(caught.value.fields) == {"parent"}


def test_a_reply_to_a_deleted_comment_is_refused(desk: Desk) -> None:
    root = desk.submit().comment
    erasure.erase(desk.session, root, NOW)
    with pytest.raises(InvalidFields):
        desk.submit(parent=root.id)


def test_replies_nest_to_the_limit_and_no_deeper(desk: Desk) -> None:
    parent: int | None = None
    for _ in range(MAX_REPLY_DEPTH):
        parent = desk.submit(parent=parent).comment.id
    with pytest.raises(InvalidFields) as caught:
        desk.submit(parent=parent)
    assert "nest" in caught.value.fields["parent"][0]


def test_an_edit_is_a_new_revision_and_keeps_the_text_before(desk: Desk) -> None:
    row = desk.submit(body="Before.").comment
    standing = desk.edit(row, scored({"spam": 0.9}), body="After.")
    assert (row.body, row.revision, row.version) == ("After.", 2, 2)
    assert row.edited_at == NOW + timedelta(hours=1)
    assert standing.decision.status_before == "approved"
    assert row.status == "rejected"
    (kept,) = desk.session.scalars(sa.select(Revision))
    assert (kept.number, kept.body) == (1, "Before.")


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_an_edit_of_what_a_person_decided_waits_for_a_person(
    desk: Desk, verdict: str
) -> None:
    row = desk.submit().comment
    desk.session.add(
        Decision(
            site_id=desk.site_id,
            comment_id=row.id,
            revision=1,
            created_at=NOW,
            source="person",
            status_before="pending",
            verdict=verdict,
            reasons=[],
            labels={},
        )
    )
    desk.session.flush()
    assert desk.edit(row, scored()).comment.status == "pending"


def test_an_edit_leaves_out_what_it_does_not_name(desk: Desk) -> None:
    row = desk.submit(author_url="https://ada.example/").comment
    desk.edit(row, scored())
    assert (row.author_name, row.author_url) == ("Ada", "https://ada.example/")
    desk.edit(row, scored(), author_url=None)
    assert row.author_url is None


@pytest.mark.parametrize("spam", [0.1, 0.5, 0.95])
def test_an_edit_under_a_moderators_hands_stays_there(desk: Desk, spam: float) -> None:
    row = desk.submit(scored({"spam": 0.5})).comment
    row.claimed_until = NOW + timedelta(hours=2)
    desk.edit(row, scored({"spam": spam}))
    assert row.is_held(NOW + timedelta(hours=1))
    assert (row.status, row.body, row.version) == ("pending", "Now.", 2)


def test_an_edit_after_a_lapsed_claim_is_decided_as_any_other(desk: Desk) -> None:
    row = desk.submit(scored({"spam": 0.5})).comment
    row.claimed_until = NOW + timedelta(minutes=59)
    desk.edit(row, scored({"spam": 0.1}))
    assert row.status == "approved"


def test_a_comment_carries_what_the_queue_is_sorted_by(desk: Desk) -> None:
    row = desk.submit(scored({"spam": 0.7, "insult": 0.45})).comment
    assert (row.score_spam, row.score_insult, row.score_threat) == (0.7, 0.45, None)
    assert row.margin == pytest.approx(0.05)  # insult has no threshold: the middle
    assert row.held_reason == "score"
    desk.edit(row, None)
    assert (row.score_spam, row.margin, row.held_reason) == (None, None, "unscored")


def test_what_many_will_see_is_due_sooner(desk: Desk) -> None:
    quiet = desk.submit(scored({"spam": 0.5}), article="a").comment
    for _ in range(3):
        desk.submit(scored(), article="b")
    busy = desk.submit(scored({"spam": 0.5}), article="b").comment
    assert busy.due_at < quiet.due_at


def test_a_deletion_erases_text_and_author_and_keeps_the_decision(desk: Desk) -> None:
    row = desk.submit(
        author_url="https://ada.example/",
        author_id="u1",
        ip="192.0.2.1",
        user_agent="Browser",
    ).comment
    desk.edit(row, scored())
    erasure.erase(desk.session, row, NOW)
    desk.session.flush()
    assert row.body == row.author_name == ""
    personal = (
        row.author_url,
        row.author_id,
        row.user_agent,
        row.email_encrypted,
        row.email_index,
        row.ip_pseudonym,
    )
    assert set(personal) == {None}
    assert desk.session.scalars(sa.select(Revision)).all() == []
    assert len(desk.session.scalars(sa.select(Decision)).all()) == 2


@pytest.mark.parametrize("which", ["deleted", "foreign", "unknown"])
def test_what_is_not_at_the_site_is_not_found(desk: Desk, which: str) -> None:
    row = desk.submit().comment
    site_ids, number = [desk.site_id], row.id
    if which == "deleted":
        erasure.erase(desk.session, row, NOW)
        desk.session.flush()
    elif which == "foreign":
        site_ids = [desk.site_id + 1]
    else:
        number += 1
    with pytest.raises(NotFound):
        lookup.find(desk.session, site_ids, number)


def test_a_model_says_which_labels_are_weak_in_a_texts_language() -> None:
    shipped = default_model.load()
    less = [label for label in shipped.labels if label != "threat"]
    scorer = artifact.named(
        "weak",
        labels=shipped.labels,
        weights=shipped.weights,
        manifest={**shipped.manifest, "good_for": {"en": less}},
    )
    document = Document(text="This is a careful article about the new railway line.")
    (weak,) = Scoring().score(scorer, [document])
    (good,) = Scoring().score(shipped, [document])
    assert weak is not None
    assert weak.weak_labels == {"threat"}
    assert good is not None
    assert not good.weak_labels


def test_a_comment_waits_where_a_label_is_weak(desk: Desk) -> None:
    weak = frozenset({"spam"})
    wanted = [{"code": "language", "label": "spam"}]
    for spam in (0.0, 1.0):
        told = dataclasses.replace(scored({"spam": spam}), weak_labels=weak)
        standing = desk.submit(told)
        assert standing.comment.status == "pending"
        assert standing.decision.reasons == wanted
    edited = desk.edit(standing.comment, told)
    assert edited.comment.status == "pending"
    assert edited.decision.reasons == wanted
