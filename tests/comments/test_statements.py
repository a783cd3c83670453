"""Statements of reasons: one for each rejection, as it was then, and unchangeable."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.comments.statements import COMPLAINT_PERIOD
from moderation.database import start_writing
from moderation.policy.verdicts import Source, Verdict
from moderation.review import bulk_steps
from moderation.review.verdicts import GivenVerdict, record_site_verdict
from moderation.tables.comments import Comment
from moderation.tables.legal import SiteTerms, Statement
from moderation.tables.review import DecisionBatch
from moderation.tables.webhooks import Delivery
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD, Newsroom
from tests.objections.test_reports import COMMENTS, report_often, row_of
from tests.refusals import assert_refused

LEGAL = "/api/v1/sites/gazette/legal"
TERMS = "/api/v1/sites/gazette/terms"
HOSTING = {"kind": "hosting", "is_small": True}


def switch_on(newsroom: Newsroom, **settings: Any) -> None:
    """Let the site say what it is."""
    admin = newsroom.as_staff(Role.ADMIN)
    answer = admin.put(LEGAL, {**HOSTING, **settings})
    assert answer.status_code == 200, answer.text


def reject(
    newsroom: Newsroom, sent: str, *reasons: str, **basis: Any
) -> dict[str, Any]:
    """Reject a comment as it stands."""
    staff = newsroom.as_staff()
    version = staff.get(f"{COMMENTS}/{sent}").json["version"]
    body = {"verdict": "reject", "version": version, "reasons": list(reasons)}
    body |= {"basis": basis} if basis else {}
    answer = staff.post(f"{COMMENTS}/{sent}/decisions", body)
    assert answer.status_code == 201, answer.text
    decision: dict[str, Any] = answer.json
    return decision


def statements_of(newsroom: Newsroom, sent: str) -> list[dict[str, Any]]:
    """Return what the site reads."""
    answer = newsroom.as_site().get(f"{COMMENTS}/{sent}/statements")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["statements"]
    return found


def origin(statement: dict[str, Any]) -> tuple[Any, ...]:
    names = ("finder", "is_found_automatically", "automation")
    return tuple(statement[name] for name in names)


def test_each_way_to_a_rejection_is_told_apart(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_REJECTED)
    by_policy = newsroom.send()["id"]
    newsroom.set_policy(ALL_HELD)
    by_score, by_site = newsroom.send()["id"], newsroom.send()["id"]
    newsroom.set_policy({})  # without thresholds, all is pre-moderated
    held = newsroom.send()["id"]
    newsroom.set_policy(NOTHING_HELD, report_threshold=1)
    published, reported = newsroom.send()["id"], newsroom.send()["id"]
    report_often(newsroom, reported, 2)
    for sent in (by_score, held, published, reported):
        reject(newsroom, sent, "insult")
    start_writing(session)
    given = GivenVerdict(verdict=Verdict.REJECT, reasons=["spam"])
    record_site_verdict(
        session,
        session.get_one(Comment, identifiers.decode(by_site)),
        given,
        source=Source.AKISMET,
        now=datetime.now(UTC),
    )
    session.commit()

    found = {sent: statements_of(newsroom, sent)[0] for sent in (by_policy, by_score)}
    assert origin(found[by_policy]) == ("voluntary", True, "fully")
    assert found[by_policy]["shown"] is None
    assert found[by_policy]["code"] == "toxicity"
    assert origin(found[by_score]) == ("voluntary", True, "partially")
    shown = found[by_score]["shown"]
    assert shown["held_for"][0]["label"] == "toxicity"
    assert shown["scores"]["toxicity"] == shown["held_for"][0]["score"]
    others = [origin(statements_of(newsroom, one)[0]) for one in (held, published)]
    assert others == [("voluntary", False, "none")] * 2
    reported_one = origin(statements_of(newsroom, reported)[0])
    assert reported_one == ("other_notification", False, "none")
    assert origin(statements_of(newsroom, by_site)[0]) == ("voluntary", None, "none")


def test_a_statement_keeps_the_clause_that_it_was_given_under(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    first, second = newsroom.send()["id"], newsroom.send()["id"]
    reject(newsroom, first, "off_topic")
    admin = newsroom.as_staff(Role.ADMIN)
    clause = {"texts": {"en": "Stay with the ferry."}, "number": "4.2"}
    new = {"seen_version": 1, "clauses": {"off_topic": clause}}
    assert_refused(admin.put(TERMS, {**new, "seen_version": None}), 409)
    unknown = {**new, "clauses": {"rude": clause}}
    assert_refused(admin.put(TERMS, unknown), 422, "clauses")
    stored = admin.put(TERMS, new)
    assert (stored.status_code, stored.json["version"]) == (200, 2)
    assert "toxicity" in stored.json["clauses"]
    assert "hostile language" in stored.json["automation"]["en"]
    reject(newsroom, second, "off_topic")

    before, after = (
        statements_of(newsroom, one)[0]["clause"] for one in (first, second)
    )
    assert before["texts"]["en"].startswith("Comments must be about the article")
    assert (before["terms_version"], before["number"]) == (1, None)
    assert after == {
        "texts": {"en": "Stay with the ferry."},
        "number": "4.2",
        "terms_version": 2,
    }
    assert newsroom.as_site().get("/api/v1/terms").json["version"] == 2
    for table, change in itertools.product(
        (Statement, SiteTerms), (sa.update, sa.delete)
    ):
        statement = change(table)
        if isinstance(statement, sa.Update):
            statement = statement.values(site_id=newsroom.site_id)
        start_writing(session)
        with pytest.raises(DatabaseError, match="only added"):
            session.execute(statement)
        session.rollback()


def test_a_law_an_undo_and_another_rejection(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()["id"]
    basis = {
        "legal_ground": "§ 186 StGB",
        "explanation": "It names mo@news.example as a thief.",
        "category": "ILLEGAL_OR_HARMFUL_SPEECH",
        "keyword": "DEFAMATION",
        "is_manifest": True,
    }
    staff = newsroom.as_staff()
    wrong = {"verdict": "reject", "version": 1, "reasons": ["insult"]}
    wrong["basis"] = {**basis, "keyword": "PHISHING"}
    assert_refused(
        staff.post(f"{COMMENTS}/{sent}/decisions", wrong), 422, "basis.keyword"
    )
    reject(newsroom, sent, "insult", **basis)
    version = staff.get(f"{COMMENTS}/{sent}").json["version"]
    undone = staff.post(f"{COMMENTS}/{sent}/undo", {"version": version})
    assert undone.status_code == 201, undone.text
    reject(newsroom, sent, "profanity")

    newer, older = statements_of(newsroom, sent)
    assert (newer["ground"], newer["is_withdrawn"]) == ("terms", False)
    assert (older["ground"], older["is_withdrawn"]) == ("illegal", True)
    assert older["keyword"] == "DEFAMATION"
    assert older["is_manifest"] is True
    assert "[e-mail]" in older["explanation"]
    until = datetime.fromisoformat(newer["complain_until"])
    assert until - datetime.fromisoformat(newer["created_at"]) == COMPLAINT_PERIOD


def test_duties_switch_the_event_and_the_page_on(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    admin = newsroom.as_staff(Role.ADMIN)
    wanted = {"url": "https://cms.example/", "types": ["statement.issued"]}
    assert admin.post("/api/v1/sites/gazette/webhooks", wanted).status_code == 201
    accept = {"Accept-Language": "en"}
    client = newsroom.app.test_client()

    def sent_and_rejected() -> str:
        sent = newsroom.send()
        reject(newsroom, sent["id"], "insult", explanation="He is called a fool.")
        return client.get(sent["status_url"], headers=accept).get_data(as_text=True)

    page = sent_and_rejected()
    assert "Statement of reasons" not in page
    switch_on(newsroom)
    page = sent_and_rejected()
    for words in ("Statement of reasons", "No insults.", "He is called a fool."):
        assert words in page
    assert "a court" in page
    anonymous = newsroom.send()
    start_writing(session)
    about = Comment.id == identifiers.decode(anonymous["id"])
    session.execute(sa.update(Comment).where(about).values(email_encrypted=None))
    session.commit()
    reject(newsroom, anonymous["id"], "insult")  # no contact: none is owed
    session.rollback()
    delivery = session.scalars(sa.select(Delivery)).one()
    assert delivery.is_held  # until the decision can't be undone
    body = delivery.body
    assert body["clause"]["en"] == "No insults."
    assert (body["automation"], body["ground"]) == ("partially", "terms")
    (statement,) = statements_of(newsroom, anonymous["id"])
    assert statement["exemption"] == "no_contact"


def test_batches_and_suspensions_have_statements(
    newsroom: Newsroom, session: Session
) -> None:
    switch_on(newsroom)
    newsroom.set_policy(ALL_HELD)
    sent = [newsroom.send(author_id="a-1", author_verified=None)["id"] for _ in "ab"]
    author = row_of(session, sent[0]).author_record_id
    lead = newsroom.as_staff(Role.LEAD)
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    body = {"standing": "suspended", "reason": "insult", "until": until}
    path = f"/api/v1/authors/{author}/standing"
    answer = lead.put(path, {**body, "also_reject": ["pending"]})
    assert answer.status_code in {200, 201}, answer.text
    listed = lead.get(f"/api/v1/authors/{author}/statements").json["statements"]
    assert [one["restriction"] for one in listed] == ["account_suspended"]
    assert datetime.fromisoformat(listed[0]["ends_at"]) > datetime.now(UTC)
    assert listed[0]["clause"]["texts"]["en"] == "No insults."
    start_writing(session)
    batch_id = session.scalars(sa.select(DecisionBatch.id)).one()
    while bulk_steps.run_step(session, batch_id, datetime.now(UTC))[0]:
        pass
    session.commit()
    found = [statements_of(newsroom, one)[0] for one in sent]
    assert [one["shown"]["in_bulk"] for one in found] == [True, True]
    assert {one["code"] for one in found} == {"insult"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "is_small", "more"),
    [
        (None, True, set()),
        ("hosting", True, {"terms", "notices", "statements", "threats"}),
        ("hosting", False, {"terms", "notices", "statements", "threats", "report"}),
        ("platform", True, {"terms", "notices", "statements", "threats"}),
        ("platform", False, None),
    ],
)
def test_duties_follow_what_a_site_is(
    newsroom: Newsroom, kind: str | None, is_small: bool, more: set[str] | None
) -> None:
    switch_on(newsroom, kind=kind, is_small=is_small)
    duties = set(newsroom.as_staff().get(LEGAL).json["duties"])
    every = {"complaints", "flaggers", "misuse", "database", "report"}
    assert duties == (
        more
        if more is not None
        else every | {"terms", "notices", "statements", "threats"}
    )
    switch_on(newsroom, kind=kind, is_small=is_small, voluntary=["complaints"])
    assert "complaints" in newsroom.as_staff().get(LEGAL).json["duties"]


def test_a_bulk_rejection_names_its_law_and_category(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    staff = newsroom.as_staff()
    seen = [staff.get(f"{COMMENTS}/{newsroom.send()['id']}").json for _ in "ab"]
    basis = {
        "legal_ground": "§ 130 StGB",
        "explanation": "Calls for violence; ask ada@mail.example.",
        "category": "VIOLENCE",
        "keyword": "INCITEMENT_VIOLENCE_HATRED",
    }
    body = {
        "site": newsroom.name,
        "comments": [{"id": one["id"], "version": one["version"]} for one in seen],
        "verdict": "reject",
        "reasons": ["illegal"],
    }
    terms_only = {**basis, "category": "OTHER_VIOLATION_TC", "keyword": None}
    assert_refused(
        staff.post("/api/v1/batches", {**body, "basis": terms_only}),
        422,
        "basis.category",
    )
    made = staff.post("/api/v1/batches", {**body, "basis": basis})
    assert made.status_code == 201, made.text
    for one in seen:
        (statement,) = statements_of(newsroom, one["id"])
        for name in ("legal_ground", "category", "keyword"):
            assert statement[name] == basis[name]
        assert statement["explanation"].startswith("Calls for violence; ask ")
        assert "ada@" not in statement["explanation"]
        assert statement["shown"]["in_bulk"] is True
