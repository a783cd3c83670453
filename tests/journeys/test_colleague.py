"""A colleague comes, works at two sites, and leaves; the audit log has all of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.audit.verification import AuditFaultKind, verify
from moderation.database import db
from moderation.tables.audit import AuditEntry
from moderation.tables.comments import Comment
from tests.audit.rows import tamper
from tests.builders import ALL_HELD, AUDIT_KEY, Caller, Newsroom, open_newsroom

SITE, SECOND = "/api/v1/sites/gazette", "/api/v1/sites/courier"
PASSWORD = "nineteen purple lanterns"


def test_a_colleague_comes_works_at_two_sites_and_leaves(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    other = open_newsroom(newsroom.app, "courier")
    newsroom.also_at(other, Role.ADMIN)
    sport = newsroom.send(article="https://gazette.example/s", article_section="Sport")
    news = newsroom.send(article="https://gazette.example/n", article_section="News")
    admin, anyone = newsroom.as_staff(Role.ADMIN), newsroom.app.test_client()

    roles = [{"role": "moderator", "sections": ["Sport"]}]
    invited = admin.post(f"{SITE}/staff", {"login": "grace", "roles": roles}).json
    token = invited["link"]["url"].rpartition("/")[2]
    first = {"token": token, "password": PASSWORD}
    link = "/api/v1/account/password/link"
    assert Caller(anyone, "").post(link, first).status_code == 200
    wrong = {"login": "grace", "password": "forgotten"}
    assert Caller(anyone, "").post("/api/v1/session", wrong).status_code == 401
    right = {"login": "grace", "password": PASSWORD}
    grace = Caller(
        anyone, Caller(anyone, "").post("/api/v1/session", right).json["token"]
    )

    queue = grace.get("/api/v1/queue").json["comments"]
    assert [entry["id"] for entry in queue] == [sport["id"]]
    assert grace.put(f"/api/v1/comments/{news['id']}/claim").status_code == 404
    body = {"roles": [{"role": "lead"}]}
    assert admin.put(f"{SECOND}/staff/grace", body).status_code == 200
    sites = {each["site"] for each in grace.get("/api/v1/session").json["memberships"]}
    assert sites == {"gazette", "courier"}

    assert grace.put(f"/api/v1/comments/{sport['id']}/claim").status_code == 200
    assert admin.post(f"{SITE}/staff/grace/disable").status_code == 200
    assert grace.get("/api/v1/queue").status_code == 401
    claims = db.session.scalars(sa.select(Comment.claimed_by)).all()
    assert set(claims) == {None}
    db.session.remove()

    log = admin.get("/api/v1/audit?target=staff:grace&limit=50").json["entries"]
    actions = [entry["action"] for entry in reversed(log)]
    following = {"staff.logged_in", "staff.tokens_revoked"}
    assert [action for action in actions if action not in following] == [
        "staff.added",
        "staff.role_changed",
        "staff.link_created",
        "staff.password_changed",
        "staff.login_failed",
        "staff.role_changed",
        "staff.disabled",
    ]
    by_admin = [entry for entry in log if entry["actor"]["login"] == "gazette-admin"]
    assert len(by_admin) == 6  # the disabled one's tokens ended, too
    by_grace = admin.get("/api/v1/audit?actor=staff:grace").json["entries"]
    assert "staff.logged_in" in [entry["action"] for entry in by_grace]
    assert verify(session, AUDIT_KEY).fault is None

    disabled = log[0]["sequence"]
    tamper(
        session,
        lambda connection: connection.execute(
            sa.update(AuditEntry)
            .where(AuditEntry.sequence == disabled)
            .values(actor_id=newsroom.staff_ids[Role.LEAD])
        ),
    )
    fault = verify(session, AUDIT_KEY).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == (AuditFaultKind.CHANGED, disabled)
