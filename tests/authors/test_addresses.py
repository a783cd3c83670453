"""An author's address is revealed to leads alone, for a reason, and on the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.authors import addresses
from moderation.database import db
from moderation.tables.audit import AuditEntry
from moderation.web.services import services_of
from tests.accounts.test_second_factor import enrol
from tests.authors.test_records import AUTHORS, listed
from tests.builders import Answer, Newsroom, open_newsroom
from tests.refusals import assert_refused

REASON = {"reason": "The police asked; case 7, lead@gazette.example"}
EMAIL = "Ada.Lovelace@mail.example"


@pytest.fixture
def author_id(newsroom: Newsroom) -> int:
    """An author with a verified id and two addresses."""
    for email in (EMAIL, EMAIL.lower(), "countess@mail.example"):
        newsroom.send(author_email=email, author_id="u-1")
    (author,) = listed(newsroom)
    return int(author["id"])


def reveal(newsroom: Newsroom, author_id: int, role: Role, **fields: Any) -> Answer:
    path = f"{AUTHORS}/{author_id}/email-reveal"
    return newsroom.as_staff(role).post(path, {**REASON, **fields})


def test_a_lead_sees_it_and_the_log_tells_why(
    newsroom: Newsroom, author_id: int, session: Session
) -> None:
    answer = reveal(newsroom, author_id, Role.LEAD)
    assert answer.status_code == 200, answer.json
    assert answer.json == {"emails": ["countess@mail.example", EMAIL.lower()]}
    assert answer.headers["Cache-Control"] == "no-store"
    (seen,) = addresses.list_reveals(session, author_id)
    assert seen.username == "gazette-lead"
    assert seen.reason == "The police asked; case 7, [e-mail]"
    entry = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "email.revealed")
    ).one()
    assert (entry.site_id, entry.target_id) == (newsroom.site_id, author_id)
    assert "@" not in f"{entry.details}{entry.reason}"


def test_nobody_else_sees_it(
    newsroom: Newsroom, other_newsroom: Newsroom, author_id: int, session: Session
) -> None:
    assert_refused(reveal(newsroom, author_id, Role.MODERATOR), 403)
    assert_refused(reveal(other_newsroom, author_id, Role.ADMIN), 404)
    assert_refused(reveal(newsroom, author_id, Role.LEAD, reason=" "), 422, "reason")
    token = newsroom.as_staff(Role.ADMIN).post(
        "/api/v1/account/tokens",
        {"name": "script", "scopes": ["read", "moderate"], "days": 1},
    )
    robot = Newsroom(**{**vars(newsroom), "tokens": {Role.ADMIN: token.json["token"]}})
    assert_refused(reveal(robot, author_id, Role.ADMIN), 403)
    assert addresses.list_reveals(session, author_id) == []
    path = f"{AUTHORS}/{author_id}"
    for role, may in ((Role.MODERATOR, False), (Role.LEAD, True)):
        rights = newsroom.as_staff(role).get(path).json["you_may"]
        assert (rights["reveal_email"], rights["reveal_needs_code"]) == (may, False)


def test_a_second_factor_is_asked_for_again(
    newsroom: Newsroom, author_id: int, session: Session
) -> None:
    services = services_of(newsroom.app)
    earlier = datetime.now(UTC) - timedelta(hours=1)
    staff_id = newsroom.staff_ids[Role.LEAD]
    totp, codes = enrol(
        session, staff_id, services.privacy, services.token_key, earlier
    )
    for code in (None, "000000"):
        answer = reveal(newsroom, author_id, Role.LEAD, code=code)
        assert_refused(answer, 422, "code")
    code = totp.now()
    assert reveal(newsroom, author_id, Role.LEAD, code=code).status_code == 200
    assert_refused(reveal(newsroom, author_id, Role.LEAD, code=code), 422, "code")
    assert reveal(newsroom, author_id, Role.LEAD, code=codes[0]).status_code == 200
    assert len(addresses.list_reveals(db.session(), author_id)) == 2


def test_a_person_reveals_so_many_a_day(make_app: Callable[..., Flask]) -> None:
    app = make_app(MODERATION_REVEAL_LIMIT="2 per day")
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        newsroom.send()
        (author,) = listed(newsroom)
        answers = [reveal(newsroom, author["id"], Role.LEAD) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert reveal(newsroom, author["id"], Role.ADMIN).status_code == 200
        db.session.remove()
