"""Keys are replaced while serving: nothing is lost, and nothing old is left."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.audit import actors
from moderation.audit.actions import AuditAction
from moderation.audit.chain import derive_audit_key
from moderation.audit.log import record
from moderation.audit.verification import verify
from moderation.database import Sessions, db, start_writing
from moderation.privacy import keyed_hash
from moderation.rekeying import audit_keys, installed, sweeps
from moderation.rekeying.installed import KeyPurpose
from moderation.tables.authors import Author
from moderation.tables.comments import Comment
from moderation.tables.keys import Rekeying
from moderation.tables.rules import RuleConditions
from moderation.tables.sites import SiteKey
from moderation.web.services import services_of
from tests.builders import ALL_HELD, ENVIRONMENT, TESTER, Newsroom, comment

COMMENTS = "/api/v1/comments"
OLD_INDEX = b"i" * 32  # as in `ENVIRONMENT`
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


ROTATED = {
    "MODERATION_EMAIL_KEYS": f"k2:{encoded(b'f' * 32)},"
    + ENVIRONMENT["MODERATION_EMAIL_KEYS"],
    "MODERATION_EMAIL_INDEX_KEY": encoded(b"j" * 32),
    "MODERATION_EMAIL_INDEX_KEYS_ACCEPTED": encoded(OLD_INDEX),
    "MODERATION_SECRET_KEY": "another-secret-" * 3,
    "MODERATION_SECRET_KEYS_ACCEPTED": ENVIRONMENT["MODERATION_SECRET_KEY"],
}
#: What a secret key has made and can't be made again without what was hashed.
ONE_WAY = (
    "IP addresses of comments",
    "sessions and API tokens",
)
ENDED = {
    **ROTATED,
    "MODERATION_EMAIL_KEYS": f"k2:{encoded(b'f' * 32)}",
    "MODERATION_EMAIL_INDEX_KEYS_ACCEPTED": "",
    "MODERATION_SECRET_KEYS_ACCEPTED": "",
}


def sessions_of(app: Flask) -> Sessions:
    """Return sessions in which what is done is recorded as the test's."""
    with app.app_context():
        return sessionmaker(
            db.engine, expire_on_commit=False, info=dict(db.session().info)
        )


def sweep(app: Flask, now: datetime = NOW) -> None:
    with app.app_context():
        sessions = sessionmaker(db.engine, expire_on_commit=False)
        while sweeps.run_step(sessions, services_of(app).keys, now):
            pass


def count_old(app: Flask) -> dict[str, int]:
    with app.app_context():
        keys = services_of(app).keys
        counts = {
            part.name: sweeps.count_old(db.session(), part, keys)
            for part in sweeps.PARTS
        }
        db.session.close()
    return {name: count for name, count in counts.items() if count}


def forget_key_names(session: Session) -> None:
    """Store hashes as they were before they named their keys."""
    start_writing(session)
    for row in session.scalars(sa.select(Comment)):
        row.email_index = keyed_hash(OLD_INDEX, "jo@news.example")
        row.fingerprint = "f" * 64
    session.commit()


def test_an_index_from_before_becomes_the_site_s_own_without_an_address(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session
) -> None:
    for room in (newsroom, other_newsroom):
        room.send(author_email="jo@news.example")
    forget_key_names(session)
    assert count_old(newsroom.app) == {"email index of comments": 2}
    sweep(newsroom.app)
    rows = session.scalars(
        sa.select(Comment).execution_options(populate_existing=True)
    ).all()
    privacy = services_of(newsroom.app).privacy
    assert [row.email_index for row in rows] == [
        privacy.index_email("jo@news.example", row.site_id) for row in rows
    ]
    assert rows[0].email_index != rows[1].email_index
    assert count_old(newsroom.app) == {}


def test_all_keys_are_replaced_while_comments_come(
    newsroom: Newsroom,
    make_app: Callable[..., Flask],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeps, "BATCH_SIZE", 2)
    newsroom.set_policy(ALL_HELD)
    admin = newsroom.as_staff(Role.ADMIN)
    for number in range(5):
        newsroom.send(author_email=f"reader{number}@mail.example", ip="192.0.2.1")
    sent = newsroom.send(author_email="jo@news.example", external_id="e-1")
    condition = {"kind": "author", "emails": ["jo@news.example"]}
    rule = {"name": "Jo", "action": "reject", "mode": "on", "conditions": [condition]}
    written = admin.post(f"/api/v1/sites/{newsroom.name}/rules", rule)
    assert written.status_code == 201
    sweep(newsroom.app)
    assert count_old(newsroom.app) == {}

    start_writing(session)
    session.execute(sa.update(SiteKey).values(last_used_at=None))  # long ago
    session.commit()

    app = make_app(**ROTATED)
    rotated = Newsroom(**{**vars(newsroom), "app": app})
    with app.app_context():
        again = rotated.send(author_email="jo@news.example", body="Another text.")
        assert again["status"] == "rejected"  # the rule still knows the address
        assert ids_of_authors() == 6  # and the author has one record
        sweep(app)
        assert set(count_old(app)) == set(ONE_WAY)
        assert services_of(app).token_key.is_current(
            db.session.scalars(sa.select(SiteKey.key_hash)).one()
        )
        assert_chain_is_sound(app)
        keys = services_of(app).keys
        sweeps.end_keys(sessions_of(app), keys, list(KeyPurpose), NOW)
        assert count_old(app) == {}
        assert installed.list_missing(db.session(), keys) == []
        db.session.close()

    ended = make_app(**ENDED)
    alone = Newsroom(**{**vars(newsroom), "app": ended})
    with ended.app_context():
        third = alone.send(author_email="JO@news.example", body="A third text.")
        assert third["status"] == "rejected"
        assert ids_of_authors() == 6
        row = db.session.get_one(Comment, comment_id(sent))
        privacy = services_of(ended).privacy
        assert privacy.decrypt_email(row.email_encrypted or "", row.id) == (
            "jo@news.example"
        )
        body = comment(author_email="jo@news.example", external_id="e-1")
        assert alone.as_site().post(COMMENTS, body).status_code == 200
        assert installed.list_missing(db.session(), services_of(ended).keys) == []
        assert_chain_is_sound(ended)
        add_entry_with_old_secret(db.session())
        older = audit_keys.list_older(db.session(), services_of(ended).keys)
        result = verify(db.session(), services_of(ended).audit_key, older=older)
        assert result.fault is not None  # the old secret adds nothing
        db.session.close()


def add_entry_with_old_secret(session: Session) -> None:
    key = derive_audit_key(ENVIRONMENT["MODERATION_SECRET_KEY"])
    actors.act_as(session, TESTER, key)
    start_writing(session)
    record(session, AuditAction.KEYS_ENDED)
    session.commit()


def assert_chain_is_sound(app: Flask) -> None:
    """Assert that all entries are verifiable, and only with the older keys."""
    session, services = db.session(), services_of(app)
    older = audit_keys.list_older(session, services.keys)
    assert verify(session, services.audit_key, older=older).fault is None
    assert verify(session, services.audit_key).fault is not None


def comment_id(sent: dict[str, Any]) -> int:
    return identifiers.decode(sent["id"])


def ids_of_authors() -> int:
    query = sa.select(sa.func.count()).select_from(Author)
    return db.session.scalar(query) or 0


def test_a_sweep_goes_on_where_it_was_broken_off(
    newsroom: Newsroom, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "BATCH_SIZE", 1)
    for number in range(3):
        newsroom.send(author_email=f"reader{number}@mail.example")
    app = make_app(**ROTATED)
    with app.app_context():
        sessions = sessionmaker(db.engine, expire_on_commit=False)
        assert sweeps.run_step(sessions, services_of(app).keys, NOW)
        first = db.session.scalars(sa.select(Rekeying)).one()
        assert (first.changed_count, first.finished_at) == (1, None)
        db.session.close()
        sweep(app)
        query = sa.select(Rekeying).where(Rekeying.part == first.part)
        row = db.session.scalars(query.execution_options(populate_existing=True)).one()
        assert (row.changed_count, row.remaining_count) == (3, 0)
        assert row.finished_at == NOW
        db.session.close()


def test_a_missing_or_exchanged_key_isn_t_ready_and_is_logged(
    newsroom: Newsroom,
    make_app: Callable[..., Flask],
    caplog: pytest.LogCaptureFixture,
) -> None:
    newsroom.send()
    sweep(newsroom.app)
    without = {
        "MODERATION_EMAIL_INDEX_KEY": encoded(b"j" * 32),
        "MODERATION_EMAIL_KEYS": f"k1:{encoded(b'g' * 32)}",
        "MODERATION_SECRET_KEY": "another-secret-" * 3,
    }
    answer = make_app(**without).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    for fault in (
        "MODERATION_EMAIL_KEYS: another key has the id k1",
        "MODERATION_EMAIL_INDEX_KEYS_ACCEPTED: the key",
        "MODERATION_SECRET_KEYS_ACCEPTED: the key",
    ):
        assert fault in answer.json["keys"]
        assert fault in caplog.text


def test_a_rule_for_an_address_without_a_comment_is_sealed_off_at_the_end(
    newsroom: Newsroom, make_app: Callable[..., Flask]
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    condition = {"kind": "author", "emails": ["never@mail.example"]}
    rule = {"name": "Jo", "action": "reject", "mode": "on", "conditions": [condition]}
    path = f"/api/v1/sites/{newsroom.name}/rules"
    assert admin.post(path, rule).status_code == 201
    app = make_app(**ROTATED)
    rotated = Newsroom(**{**vars(newsroom), "app": app})
    with app.app_context():
        sweep(app)
        assert count_old(app)["email indexes in rules"] == 1
        sent = rotated.send(author_email="never@mail.example")
        assert sent["status"] == "rejected"  # the older key is still accepted
        db.session.close()
        keys = services_of(app).keys
        sweeps.end_keys(sessions_of(app), keys, [KeyPurpose.EMAIL_INDEX], NOW)
        body = db.session.scalars(sa.select(RuleConditions.body)).one()
        assert len(body[0]["email_indexes"]) == 1
        assert "email indexes in rules" not in count_old(app)
        db.session.close()
