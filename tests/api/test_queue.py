"""The queue over HTTP: its order, claims, decisions, history, and who may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.comments.display import CommentState
from moderation.database import start_writing
from moderation.errors import AlreadyClaimed
from moderation.policy.verdicts import Verdict
from moderation.review import claims, verdicts
from moderation.review.moderator import Moderator
from moderation.review.verdicts import GivenVerdict
from moderation.tables.comments import Comment
from tests.builders import ALL_HELD, NOTHING_HELD, NOW, Answer, Newsroom
from tests.refusals import assert_refused, on_sqlite

QUEUE = "/api/v1/queue"
UNKNOWN = f"/api/v1/comments/{identifiers.encode(7)}"
LASTS = timedelta(minutes=15)


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def path_of(made: dict[str, Any]) -> str:
    return f"/api/v1/comments/{made['id']}"


def waiting(newsroom: Newsroom, query: str = "") -> list[str]:
    answer = newsroom.as_staff().get(QUEUE + query)
    assert answer.status_code == 200, answer.json
    return [each["id"] for each in answer.json["comments"]]


def decide(
    newsroom: Newsroom,
    made: dict[str, Any],
    verdict: str = "approve",
    version: int = 1,
    role: Role = Role.MODERATOR,
    **more: Any,
) -> Answer:
    if verdict == "reject":
        more = {"reasons": ["spam"], **more}
    body = {"verdict": verdict, "version": version, **more}
    return newsroom.as_staff(role).post(f"{path_of(made)}/decisions", body)


def set_due(session: Session, moments: dict[str, datetime]) -> None:
    start_writing(session)
    for public, moment in moments.items():
        session.execute(
            sa.update(Comment)
            .where(Comment.id == identifiers.decode(public))
            .values(due_at=moment)
        )
    session.commit()


def test_the_earliest_due_comes_first(newsroom: Newsroom, session: Session) -> None:
    made = [newsroom.send()["id"] for _ in range(3)]
    hours = [2, 1, 3]
    set_due(
        session,
        {each: NOW + timedelta(hours=h) for each, h in zip(made, hours, strict=True)},
    )
    assert waiting(newsroom) == [made[1], made[0], made[2]]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_pages_follow_each_other_without_gap_or_repetition(
    newsroom: Newsroom, session: Session, limit: int
) -> None:
    made = [newsroom.send()["id"] for _ in range(5)]
    set_due(session, dict.fromkeys(made[1:4], NOW))  # equal: the id decides
    whole, found, cursor = waiting(newsroom), [], ""
    for _ in range(6):
        page = newsroom.as_staff().get(f"{QUEUE}?limit={limit}{cursor}").json
        found += [each["id"] for each in page["comments"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole
    assert sorted(found) == sorted(made)


def test_a_queued_comment_tells_what_is_needed_to_decide(newsroom: Newsroom) -> None:
    newsroom.send(article_title="Bridge", article_section="Local")
    (entry,) = newsroom.as_staff().get(QUEUE).json["comments"]
    assert entry["site"] == "gazette"
    assert (entry["article_title"], entry["article_section"]) == ("Bridge", "Local")
    assert entry["reasons"][0]["label"] == "toxicity"
    assert entry["version"] == 1
    assert entry["claimed_by"] is entry["claimed_until"] is None
    assert entry["due_at"] > entry["received_at"]
    assert "author_email" not in entry


def test_the_queue_holds_only_what_is_pending(newsroom: Newsroom) -> None:
    held, deleted, decided = (newsroom.send() for _ in range(3))
    newsroom.as_site().delete(path_of(deleted))
    decide(newsroom, decided)
    newsroom.set_policy(NOTHING_HELD)
    newsroom.send()
    assert waiting(newsroom) == [held["id"]]


def test_the_queue_of_one_site_can_be_asked_for(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    assert waiting(newsroom, "?site=gazette") == [made]


def test_staff_see_their_own_sites_only(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    newsroom.send()
    assert waiting(other_newsroom) == []
    assert_refused(other_newsroom.as_staff().get(f"{QUEUE}?site=gazette"), 404)


@on_sqlite
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", QUEUE),
        ("PUT", f"{UNKNOWN}/claim"),
        ("DELETE", f"{UNKNOWN}/claim"),
        ("POST", f"{UNKNOWN}/decisions"),
        ("GET", f"{UNKNOWN}/history"),
    ],
)
def test_site_keys_can_not_reach_the_queue(
    newsroom: Newsroom, method: str, path: str
) -> None:
    assert_refused(newsroom.as_site().call(method, path, json={}), 403)
    headers = {"Authorization": ""}
    assert_refused(newsroom.as_site().call(method, path, json={}, headers=headers), 401)


@pytest.mark.parametrize(
    ("method", "part"),
    [("PUT", "claim"), ("DELETE", "claim"), ("POST", "decisions"), ("GET", "history")],
)
@pytest.mark.parametrize("whose", ["unknown", "foreign"])
def test_comments_of_other_sites_are_not_there(
    newsroom: Newsroom, other_newsroom: Newsroom, method: str, part: str, whose: str
) -> None:
    path = path_of(newsroom.send()) if whose == "foreign" else UNKNOWN
    body = {"verdict": "approve", "version": 1} if method == "POST" else None
    answer = other_newsroom.as_staff(Role.ADMIN).call(
        method, f"{path}/{part}", json=body
    )
    assert_refused(answer, 404)
    if whose == "foreign":
        assert waiting(newsroom)  # and nothing came of it


def test_a_claim_is_seen_by_the_others_and_refuses_them(newsroom: Newsroom) -> None:
    made = newsroom.send()
    claimed = newsroom.as_staff().put(f"{path_of(made)}/claim")
    assert claimed.status_code == 200
    assert claimed.json["version"] == 1
    (entry,) = newsroom.as_staff(Role.LEAD).get(QUEUE).json["comments"]
    assert entry["claimed_by"] == "gazette-moderator"
    assert entry["claimed_until"] == claimed.json["claimed_until"]
    assert_refused(newsroom.as_staff(Role.LEAD).put(f"{path_of(made)}/claim"), 409)
    assert_refused(decide(newsroom, made, role=Role.LEAD), 409)


def test_ones_own_claim_is_prolonged(newsroom: Newsroom) -> None:
    path = f"{path_of(newsroom.send())}/claim"
    first = newsroom.as_staff().put(path).json["claimed_until"]
    assert newsroom.as_staff().put(path).json["claimed_until"] > first


def test_a_released_comment_can_be_claimed_by_another(newsroom: Newsroom) -> None:
    path = f"{path_of(newsroom.send())}/claim"
    newsroom.as_staff().put(path)
    assert newsroom.as_staff().delete(path).status_code == 204
    assert newsroom.as_staff(Role.LEAD).put(path).status_code == 200


def test_the_claim_of_another_can_not_be_released(newsroom: Newsroom) -> None:
    path = f"{path_of(newsroom.send())}/claim"
    newsroom.as_staff().put(path)
    assert newsroom.as_staff(Role.LEAD).delete(path).status_code == 204
    assert_refused(newsroom.as_staff(Role.LEAD).put(path), 409)


def test_a_decided_comment_can_not_be_claimed(newsroom: Newsroom) -> None:
    made = newsroom.send()
    decide(newsroom, made)
    answer = newsroom.as_staff().put(f"{path_of(made)}/claim")
    assert_refused(answer, 409)
    assert answer.json["code"] == "not_pending"


@pytest.mark.parametrize(
    ("later", "is_held"), [(LASTS - timedelta(microseconds=1), True), (LASTS, False)]
)
def test_a_claim_lapses_by_itself(
    newsroom: Newsroom, session: Session, later: timedelta, is_held: bool
) -> None:
    number = identifiers.decode(newsroom.send()["id"])

    def claim(role: Role, now: datetime) -> CommentState:
        start_writing(session)
        return claims.claim(
            session,
            number,
            Moderator(staff_id=newsroom.staff_ids[role], site_ids=[newsroom.site_id]),
            now=now,
            lasts=LASTS,
        )

    claim(Role.MODERATOR, NOW)
    if is_held:
        with pytest.raises(AlreadyClaimed):
            claim(Role.LEAD, NOW + later)
    else:
        claim(Role.LEAD, NOW + later)
        row = session.get_one(Comment, number)
        assert row.claimed_by == newsroom.staff_ids[Role.LEAD]
        assert row.claimed_until == NOW + later + LASTS


@pytest.mark.parametrize(
    ("verdict", "status"), [("approve", "approved"), ("reject", "rejected")]
)
def test_a_decision_takes_a_comment_out_of_the_queue(
    newsroom: Newsroom, verdict: str, status: str
) -> None:
    made = newsroom.send()
    answer = decide(newsroom, made, verdict, labels={"spam": True, "insult": False})
    assert answer.status_code == 201
    assert answer.json["decided_by"] == "gazette-moderator"
    assert (answer.json["status_before"], answer.json["status"]) == ("pending", status)
    assert answer.json["labels"] == {"spam": True, "insult": False}
    assert waiting(newsroom) == []
    read = newsroom.as_site().get(path_of(made)).json
    assert (read["status"], read["version"]) == (status, 2)


def test_a_decision_ends_the_claim(newsroom: Newsroom) -> None:
    made = newsroom.send()
    newsroom.as_staff().put(f"{path_of(made)}/claim")
    decide(newsroom, made)
    assert decide(newsroom, made, "review", 2, Role.LEAD).status_code == 201
    (entry,) = newsroom.as_staff().get(QUEUE).json["comments"]
    assert entry["claimed_by"] is None


@pytest.mark.parametrize("version", [2, 3])
def test_a_decision_about_another_version_is_stale(
    newsroom: Newsroom, version: int
) -> None:
    answer = decide(newsroom, newsroom.send(), version=version)
    assert_refused(answer, 409)
    assert answer.json["code"] == "stale_version"


def test_a_decision_about_a_text_edited_since_is_stale(newsroom: Newsroom) -> None:
    made = newsroom.send()
    newsroom.as_site().patch(path_of(made), {"body": "Worse."})
    assert_refused(decide(newsroom, made), 409)
    assert decide(newsroom, made, version=2).status_code == 201


def test_a_refused_decision_shows_the_new_text(newsroom: Newsroom) -> None:
    made = newsroom.send()
    newsroom.as_site().patch(path_of(made), {"body": "Worse."})
    now = decide(newsroom, made).json["current"]
    assert (now["id"], now["version"], now["revision"]) == (made["id"], 2, 2)
    assert (now["body"], now["status"]) == ("Worse.", "pending")
    assert now["edited_at"] is not None
    assert (now["source"], now["decided_by"]) == ("policy", None)


def test_a_refused_decision_shows_who_decided_what(newsroom: Newsroom) -> None:
    made = newsroom.send()
    other = decide(newsroom, made, "reject", role=Role.LEAD).json
    now = decide(newsroom, made).json["current"]
    assert (now["verdict"], now["source"]) == ("reject", "person")
    assert (now["status"], now["decided_by"]) == ("rejected", "gazette-lead")
    assert now["reasons"] == [{"code": "spam"}]
    assert now["decided_at"] == other["created_at"]


def test_a_lapsed_lease_that_another_has_taken_refuses_the_first(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send()
    newsroom.as_staff().post("/api/v1/hand", {})
    start_writing(session)
    lapsed = datetime.now(UTC) - timedelta(seconds=1)
    session.execute(sa.update(Comment).values(claimed_until=lapsed))
    session.commit()
    (held,) = newsroom.as_staff(Role.LEAD).post("/api/v1/hand", {}).json["comments"]
    assert held["id"] == made["id"]
    refused = decide(newsroom, made)
    assert_refused(refused, 409)
    assert refused.json["code"] == "already_claimed"
    assert refused.json["current"]["claimed_by"] == "gazette-lead"
    assert decide(newsroom, made, role=Role.LEAD).status_code == 201


def test_an_edit_leaves_a_comment_in_the_hand_that_holds_it(
    newsroom: Newsroom,
) -> None:
    made = newsroom.send()
    newsroom.as_staff().post("/api/v1/hand", {})
    newsroom.as_site().patch(path_of(made), {"body": "Worse."})
    assert newsroom.as_staff(Role.LEAD).post("/api/v1/hand", {}).json["comments"] == []
    (held,) = newsroom.as_staff().post("/api/v1/hand", {}).json["comments"]
    assert (held["body"], held["version"]) == ("Worse.", 2)


def test_a_decision_about_a_deleted_comment_is_refused(newsroom: Newsroom) -> None:
    made = newsroom.send()
    newsroom.as_site().delete(path_of(made))
    assert_refused(decide(newsroom, made), 404)


def test_a_decided_comment_goes_back_to_the_queue(newsroom: Newsroom) -> None:
    made = newsroom.send()
    decide(newsroom, made, "reject")
    assert decide(newsroom, made, "review", 2).status_code == 201
    assert waiting(newsroom) == [made["id"]]


def test_what_is_in_the_queue_can_not_be_sent_there(newsroom: Newsroom) -> None:
    assert_refused(decide(newsroom, newsroom.send(), "review"), 409)


def test_the_history_tells_all_that_happened(newsroom: Newsroom) -> None:
    made = newsroom.send(body="First.")
    decide(newsroom, made, "reject", reasons=["off_topic"])
    newsroom.as_site().patch(path_of(made), {"body": "Second."})
    decide(newsroom, made, version=3)
    history = newsroom.as_staff().get(f"{path_of(made)}/history").json
    told = [
        (each["source"], each["status_before"], each["status"], each["revision"])
        for each in history["decisions"]
    ]
    assert told == [
        ("policy", None, "pending", 1),
        ("person", "pending", "rejected", 1),
        ("policy", "rejected", "pending", 2),
        ("person", "pending", "approved", 2),
    ]
    assert history["decisions"][1]["reasons"] == [{"code": "off_topic"}]
    assert [each["revision"] for each in history["scorings"]] == [1, 2]
    assert [each["body"] for each in history["revisions"]] == ["First."]


@on_sqlite
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"version": 1}, "verdict"),
        ({"verdict": "approve"}, "version"),
        ({"verdict": "delete", "version": 1}, "verdict"),
        ({"verdict": "approve", "version": "1"}, "version"),
        ({"verdict": "approve", "version": True}, "version"),
        ({"verdict": "approve", "version": 0}, "version"),
        ({"verdict": "approve", "version": 2**31}, "version"),
        ({"verdict": "approve", "version": 1e300}, "version"),
        ({"verdict": "approve", "version": 1, "note": "x"}, "note"),
        ({"verdict": "reject", "version": 1}, "reasons"),
        ({"verdict": "reject", "version": 1, "reasons": []}, "reasons"),
        ({"verdict": "approve", "version": 1, "reasons": "spam"}, "reasons"),
        ({"verdict": "approve", "version": 1, "reasons": ["ugly"]}, "reasons.0"),
        ({"verdict": "approve", "version": 1, "reasons": ["spam"] * 99}, "reasons"),
        ({"verdict": "approve", "version": 1, "labels": []}, "labels"),
        (
            {"verdict": "approve", "version": 1, "labels": {"ugly": True}},
            "labels.ugly.key",
        ),
        (
            {"verdict": "approve", "version": 1, "labels": {"spam": "yes"}},
            "labels.spam.value",
        ),
        (
            {"verdict": "approve", "version": 1, "labels": {"spam": []}},
            "labels.spam.value",
        ),
    ],
)
def test_a_bad_decision_is_refused(
    newsroom: Newsroom, body: dict[str, Any], field: str
) -> None:
    made = newsroom.send()
    answer = newsroom.as_staff().post(f"{path_of(made)}/decisions", body)
    assert_refused(answer, 422, field)
    assert waiting(newsroom) == [made["id"]]


def test_decisions_are_those_of_the_person_who_asks(
    newsroom: Newsroom, session: Session
) -> None:
    number = identifiers.decode(newsroom.send()["id"])
    start_writing(session)
    decision = verdicts.decide(
        session,
        number,
        Moderator(staff_id=newsroom.staff_ids[Role.LEAD], site_ids=[newsroom.site_id]),
        GivenVerdict(verdict=Verdict.APPROVE),
        version=1,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert decision.staff_id == newsroom.staff_ids[Role.LEAD]
    assert decision.created_at == datetime(2026, 1, 1, tzinfo=UTC)
