"""Rules at work: what they do to comments, and what they never do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.policy.due_times import LOWERED_PATIENCE, RAISED_PATIENCE
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.rules import RuleConditions, RuleHit
from moderation.tables.sites import Site
from tests.api.test_rules import RULES, write
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    DeafScorer,
    Newsroom,
    comment,
    replace_default_scorer,
    speak,
)
from tests.refusals import on_sqlite

CASINO = "A casino to see"


def reason_of(answer: dict[str, Any], code: str = "rule") -> dict[str, Any]:
    [reason] = [each for each in answer["reasons"] if each["code"] == code]
    return dict(reason)


def hits(session: Session) -> list[RuleHit]:
    session.rollback()
    return list(session.scalars(sa.select(RuleHit).order_by(RuleHit.rule_id)))


def source_of(session: Session, sent: dict[str, Any]) -> str:
    session.rollback()
    number = identifiers.decode(sent["id"])
    query = sa.select(Decision.source).where(Decision.comment_id == number)
    return str(session.scalars(query.order_by(Decision.id)).all()[-1])


@pytest.mark.parametrize(
    ("action", "status", "source"),
    [
        ("hold", "pending", "rule"),
        ("reject", "rejected", "rule"),
        ("tag", "approved", "policy"),
        ("raise", "approved", "policy"),
        ("lower", "approved", "policy"),
    ],
)
def test_a_rule_does_what_it_says(
    newsroom: Newsroom, session: Session, action: str, status: str, source: str
) -> None:
    rule = write(newsroom, action=action, tag="gambling")
    sent = newsroom.send(body=CASINO)
    assert sent["status"] == status
    assert reason_of(sent) == {
        "code": "rule",
        "rule": rule["id"],
        "name": "Gambling",
        "action": action,
        "tag": "gambling",
        "spans": [[2, 8]],
    }
    assert source_of(session, sent) == source
    [hit] = hits(session)
    assert (hit.rule_id, hit.version, hit.was_shadow) == (rule["id"], 1, False)
    assert newsroom.send(body="Nothing of it")["status"] == "approved"


def test_a_disguise_is_no_way_around_a_rule(newsroom: Newsroom) -> None:
    write(newsroom, action="reject")
    assert newsroom.send(body="A c4s\u200bіn0 to see")["status"] == "rejected"


def test_in_shadow_a_rule_is_noted_and_does_nothing(
    newsroom: Newsroom, session: Session
) -> None:
    write(newsroom, mode="shadow", action="reject")
    sent = newsroom.send(body=CASINO)
    assert sent["reasons"] == [{"code": "clear"}]
    assert [hit.was_shadow for hit in hits(session)] == [True]


def test_a_rule_that_is_off_is_not_asked(newsroom: Newsroom, session: Session) -> None:
    write(newsroom, mode="off", action="reject")
    assert newsroom.send(body=CASINO)["status"] == "approved"
    assert hits(session) == []


def test_a_rule_holds_at_its_site_only(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    write(newsroom, action="reject")
    assert other_newsroom.send(body=CASINO)["status"] == "approved"


def test_a_rule_holds_in_its_section_only(newsroom: Newsroom) -> None:
    write(newsroom, section="Sport")
    assert newsroom.send(body=CASINO)["status"] == "approved"
    sport = {"article": "sport", "article_section": "Sport"}
    assert newsroom.send(body=CASINO, **sport)["status"] == "pending"
    # the article's section is known from its first comment on
    assert newsroom.send(body=CASINO, article="sport")["status"] == "pending"


def test_a_change_holds_for_the_next_comment_in_every_process(
    newsroom: Newsroom, make_app: Callable[..., Flask]
) -> None:
    other = make_app()
    key = {"Authorization": f"Bearer {newsroom.key}"}

    def elsewhere() -> str:
        client = other.test_client()
        sent = client.post("/api/v1/comments", json=comment(body=CASINO), headers=key)
        assert sent.json is not None
        return str(sent.json["status"])

    assert elsewhere() == "approved"
    path = f"{RULES}/{write(newsroom)['id']}"
    assert elsewhere() == "pending"
    newsroom.as_staff(Role.ADMIN).patch(path, {"version": 1, "action": "reject"})
    assert elsewhere() == "rejected"
    newsroom.as_staff(Role.ADMIN).patch(path, {"version": 2, "mode": "off"})
    assert elsewhere() == "approved"


def test_an_edit_is_asked_about_too(newsroom: Newsroom, session: Session) -> None:
    write(newsroom, action="reject")
    sent = newsroom.send(body="Harmless")
    path = f"/api/v1/comments/{sent['id']}"
    edited = newsroom.as_site().patch(path, {"body": CASINO})
    assert edited.json["status"] == "rejected"
    assert source_of(session, sent) == "rule"
    assert [hit.revision for hit in hits(session)] == [2]


def test_a_rule_by_author_holds_at_an_edit_too(newsroom: Newsroom) -> None:
    author = {"kind": "author", "emails": ["eve@mail.example"]}
    sent = newsroom.send(author_email="eve@mail.example")
    write(newsroom, conditions=[author])
    path = f"/api/v1/comments/{sent['id']}"
    edited = newsroom.as_site().patch(path, {"body": "Another text"})
    assert edited.json["status"] == "pending"


def test_an_edit_of_what_a_person_decided_is_not_rejected_by_rule(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send(body="Harmless")
    path = f"/api/v1/comments/{sent['id']}"
    body = {"verdict": "approve", "version": 1}
    assert newsroom.as_staff().post(f"{path}/decisions", body).status_code == 201
    write(newsroom, action="reject")
    edited = newsroom.as_site().patch(path, {"body": CASINO}).json
    assert edited["status"] == "pending"
    assert {each["code"] for each in edited["reasons"]} >= {"edited", "rule"}


def test_an_edit_after_a_rules_decision_may_be_published(newsroom: Newsroom) -> None:
    write(newsroom, action="reject")
    sent = newsroom.send(body=CASINO)
    path = f"/api/v1/comments/{sent['id']}"
    edited = newsroom.as_site().patch(path, {"body": "Sorry, nothing of it"})
    assert edited.json["status"] == "approved"


def test_of_a_trusted_author_a_person_decides(newsroom: Newsroom) -> None:
    write(newsroom, action="reject")
    newsroom.set_policy(ALL_HELD, trusted_authors=["u1"])
    assert newsroom.send(body=CASINO, author_id="u1")["status"] == "pending"
    assert newsroom.send(body="Harmless", author_id="u1")["status"] == "approved"


def test_a_newcomer_is_known_by_what_was_approved(newsroom: Newsroom) -> None:
    write(newsroom, conditions=[{"kind": "first_comment"}])
    eve = {"author_email": "eve@mail.example"}
    first = newsroom.send(**eve)
    assert first["status"] == "pending"
    assert newsroom.send(**eve)["status"] == "pending"
    body = {"verdict": "approve", "version": 1}
    newsroom.as_staff().post(f"/api/v1/comments/{first['id']}/decisions", body)
    assert newsroom.send(**eve)["status"] == "approved"
    alias = {"author_email": "eve+news@mail.example"}
    assert newsroom.send(**alias)["status"] == "approved"
    assert newsroom.send(author_email="ada@mail.example")["status"] == "pending"


def test_an_edit_of_the_only_approved_comment_is_a_newcomers(
    newsroom: Newsroom,
) -> None:
    write(newsroom, conditions=[{"kind": "first_comment"}])
    first = newsroom.send()
    body = {"verdict": "approve", "version": 1}
    path = f"/api/v1/comments/{first['id']}"
    newsroom.as_staff().post(f"{path}/decisions", body)
    edited = newsroom.as_site().patch(path, {"body": "Another text altogether."})
    assert edited.json["status"] == "pending"


def test_a_rejection_by_score_and_by_rule_is_the_policys(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_REJECTED)
    write(newsroom, action="hold")
    sent = newsroom.send(body=CASINO)
    assert sent["status"] == "rejected"
    assert {each["code"] for each in sent["reasons"]} == {"score", "rule"}
    assert source_of(session, sent) == "policy"


@pytest.mark.parametrize(
    ("action", "patience"), [("raise", RAISED_PATIENCE), ("lower", LOWERED_PATIENCE)]
)
def test_priority_is_when_a_person_should_look(
    newsroom: Newsroom, session: Session, action: str, patience: Any
) -> None:
    newsroom.set_policy(ALL_HELD)
    write(newsroom, action=action)
    sent = newsroom.send(body=CASINO)
    assert sent["status"] == "pending"
    row = session.get_one(Comment, identifiers.decode(sent["id"]))
    assert row.due_at - row.received_at == patience


def test_what_a_rule_held_says_so_on_the_desk(newsroom: Newsroom) -> None:
    rule = write(newsroom)
    newsroom.send(body=CASINO)
    hand = newsroom.as_staff().post("/api/v1/hand", {"size": 5}).json
    [held] = hand["comments"][0]["held_for"]
    assert (held["code"], held["rule"], held["name"]) == (
        "rule",
        rule["id"],
        "Gambling",
    )
    [told] = hand["comments"][0]["decisions"]
    assert told["source"] == "rule"


class BrokenSet:
    """Stands for compiled rules that break on every text."""

    def match(self, subject: object) -> Any:
        raise RuntimeError("broken")


def test_rules_that_break_leave_the_comment_to_a_person(
    app: Flask, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(newsroom, action="reject")
    monkeypatch.setattr("moderation.rules.compiled.RuleSet", lambda rules: BrokenSet())
    sent = newsroom.send(body="Harmless")
    assert sent["status"] == "pending"
    assert sent["reasons"] == [{"code": "rules_unavailable"}]


def store_broken_pattern(session: Session) -> None:
    """Write into the table what no edge would let in."""
    start_writing(session)
    body = [{"kind": "pattern", "entries": ["a(b"]}]
    session.execute(sa.update(RuleConditions).values(body=body))
    session.execute(sa.update(Site).values(rules_version=Site.rules_version + 1))
    session.commit()


def test_a_rule_set_that_cannot_be_compiled_holds_everything_visibly(
    newsroom: Newsroom, session: Session
) -> None:
    write(newsroom, action="reject")
    store_broken_pattern(session)
    for body in (CASINO, "Harmless"):
        assert newsroom.send(body=body)["reasons"] == [{"code": "rules_unavailable"}]
    hand = newsroom.as_staff().post("/api/v1/hand", {"size": 5}).json["comments"]
    assert {each["held_for"][0]["code"] for each in hand} == {"rules_unavailable"}


def test_broken_rules_undo_no_rejection_by_score(
    newsroom: Newsroom, session: Session
) -> None:
    write(newsroom)
    store_broken_pattern(session)
    newsroom.set_policy(ALL_REJECTED)
    assert newsroom.send(body="Harmless")["status"] == "rejected"


def test_patterns_that_take_too_long_leave_the_comment_to_a_person(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(newsroom, conditions=[{"kind": "pattern", "entries": ["casino"]}])
    monkeypatch.setattr("moderation.rules.patterns.MAX_SECONDS", -1.0)
    assert newsroom.send(body="Harmless")["reasons"] == [{"code": "rules_unavailable"}]


def test_a_rule_rejects_also_what_has_no_score(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    write(newsroom, action="reject")
    replace_default_scorer(app, DeafScorer())
    sent = newsroom.send(body=CASINO)
    assert sent["status"] == "rejected"
    assert {each["code"] for each in sent["reasons"]} == {"unscored", "rule"}
    assert newsroom.send(body="Harmless")["status"] == "pending"


CHECK = {
    "blog": "https://gazette.example/",
    "user_ip": "203.0.113.7",
    "comment_type": "comment",
    "comment_author": "Ada",
}


def akismet(newsroom: Newsroom, **fields: str) -> Any:
    client = newsroom.app.test_client()
    data = {"api_key": newsroom.key, **CHECK, **fields}
    return client.post("/1.1/comment-check", data=data)


@on_sqlite
def test_a_rule_holds_over_akismet_too(newsroom: Newsroom, session: Session) -> None:
    speak(newsroom)
    write(newsroom, action="reject")
    assert akismet(newsroom, comment_content=CASINO).text == "true"
    assert akismet(newsroom, comment_content="Harmless").text == "false"
    tested = akismet(newsroom, comment_content=CASINO, is_test="1")
    assert tested.text == "true"
    assert len(hits(session)) == 1


@on_sqlite
def test_a_sites_administrator_publishes_whatever_rules_say(newsroom: Newsroom) -> None:
    speak(newsroom)
    write(newsroom, action="reject")
    answer = akismet(newsroom, comment_content=CASINO, user_role="administrator")
    assert answer.text == "false"


@on_sqlite
def test_broken_rules_publish_nothing_over_akismet(
    newsroom: Newsroom, session: Session
) -> None:
    speak(newsroom, review_as_spam=False)
    write(newsroom)
    store_broken_pattern(session)
    answer = akismet(newsroom, comment_content="Harmless")
    assert answer.text not in {"true", "false"}


def test_many_admins_at_once_write_each_version_once(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    path = f"{RULES}/{write(newsroom)['id']}"
    answers: list[int] = []
    start = threading.Barrier(8)

    def change(number: int) -> None:
        token = {"Authorization": f"Bearer {newsroom.tokens[Role.ADMIN]}"}
        start.wait()
        body = {"version": 1, "name": f"Of {number}"}
        answer = app.test_client().patch(path, json=body, headers=token)
        answers.append(answer.status_code)

    threads = [threading.Thread(target=change, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 7
    versions = newsroom.as_staff().get(f"{path}/versions").json["versions"]
    assert [each["version"] for each in versions] == [2, 1]


def test_the_sites_count_of_changes_is_what_processes_go_by(
    newsroom: Newsroom, session: Session
) -> None:
    def counted() -> int:
        session.rollback()
        return int(session.scalars(sa.select(Site.rules_version)).one())

    assert counted() == 0
    path = f"{RULES}/{write(newsroom)['id']}"
    assert counted() == 1
    admin = newsroom.as_staff(Role.ADMIN)
    admin.patch(path, {"version": 7, "mode": "off"})  # refused: nothing has changed
    assert counted() == 1
    admin.delete(f"{path}?version=1")
    assert counted() == 2
