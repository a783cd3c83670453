"""Coral's external moderation phase, replayed byte for byte."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from moderation.compat.coral.comment import plain
from moderation.database import db, start_writing
from moderation.policy.thresholds import Moderation
from moderation.sites import integrations
from moderation.sites.protocols import Protocol
from moderation.web.services import services_of
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    NOTHING_HELD,
    DeafScorer,
    Newsroom,
    default_scorer,
    open_newsroom,
    replace_default_scorer,
    replace_services,
    speak,
)
from tests.leaks.test_leaks import dump
from tests.refusals import on_sqlite

SECRET = "empsec_" + "5f" * 32

# As Coral 9.11.8 writes it: two spaces of indent, and the signature over these bytes.
REQUEST = b"""{
  "action": "NEW",
  "comment": {
    "body": "<div>The ferry leaves at nine.</div>",
    "parentID": null
  },
  "author": {
    "id": "c2a6b6ce-6d1c-4f9f-9f5e-1f1b0c7c3f0e",
    "role": "COMMENTER"
  },
  "story": {
    "id": "72cf3ad6-2f5c-41a0-b4b0-0c6d6b5f3f55",
    "url": "https://news.example/2026/ferry"
  },
  "site": {
    "id": "b3b0b5b6-64fe-4b6f-9f16-0a4f5d2f7d11"
  },
  "tenantID": "0b7cb4f0-6f5d-4a67-8d6d-9a4f1b3e2c5d",
  "tenantDomain": "coral.news.example"
}"""


@pytest.fixture
def site(newsroom: Newsroom) -> Newsroom:
    speak(newsroom)
    keep(newsroom, SECRET)
    return newsroom


def keep(newsroom: Newsroom, secret: str, overlap: timedelta = timedelta(0)) -> None:
    session = db.session()
    start_writing(session)
    integrations.create_secret(
        session,
        newsroom.site_id,
        Protocol.CORAL,
        secret,
        privacy=services_of(newsroom.app).privacy,
        now=datetime.now(UTC),
        overlap=overlap,
    )
    session.commit()


def sign(data: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def send(site: Newsroom, data: bytes = REQUEST, signature: str | None = None) -> Any:
    db.session.remove()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Coral Moderation/9.11.8",
        "X-Coral-Signature": sign(data) if signature is None else signature,
    }
    path = f"/coral/{site.name}/comments"
    return site.app.test_client().post(path, data=data, headers=headers)


def changed(**fields: Any) -> bytes:
    return json.dumps({**json.loads(REQUEST), **fields}, indent=2).encode()


def test_what_nothing_speaks_against_goes_its_way(site: Newsroom) -> None:
    answer = send(site)
    assert (answer.status_code, answer.data) == (204, b"")
    version = default_scorer(site.app).version
    assert answer.headers["X-Model-Version"] == version


def test_what_waits_for_a_person_is_withheld_and_flagged(site: Newsroom) -> None:
    site.set_policy(ALL_HELD)
    assert send(site).json == {
        "status": "SYSTEM_WITHHELD",
        "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}],
    }


def test_what_is_looked_at_first_is_premoderated(site: Newsroom) -> None:
    for mode in (Moderation.PRE, Moderation.CLOSED):
        site.set_policy(NOTHING_HELD, mode)
        assert send(site).json == {"status": "PREMOD"}


REASONS = [
    ("toxicity", "TOXIC", "ABUSIVE"),
    ("spam", "SPAM", "SPAM"),
    ("identity_attack", "TOXIC", "HATE_SPEECH"),
    ("insult", "TOXIC", "HARASSMENT_BULLYING"),
    ("profanity", "TOXIC", "OFFENSIVE"),
]


@on_sqlite
@pytest.mark.parametrize(("label", "flag", "code"), REASONS)
def test_a_rejection_names_its_reason_under_the_dsa(
    site: Newsroom, label: str, flag: str, code: str
) -> None:
    site.set_policy({label: ALL_REJECTED["toxicity"]})
    assert send(site).json == {
        "status": "REJECTED",
        "actions": [{"actionType": "FLAG", "reason": f"COMMENT_DETECTED_{flag}"}],
        "moderationAction": {
            "status": "REJECTED",
            "rejectionReason": {"code": code},
        },
    }


@on_sqlite
@pytest.mark.parametrize("role", ["STAFF", "MODERATOR", "ADMIN"])
def test_staff_go_their_way(site: Newsroom, role: str) -> None:
    site.set_policy(ALL_REJECTED)
    data = changed(author={"id": "a", "role": role})
    assert send(site, data).status_code == 204


def test_an_edit_is_judged_as_a_new_comment(site: Newsroom) -> None:
    site.set_policy(ALL_HELD)
    assert send(site, changed(action="EDIT")).json["status"] == "SYSTEM_WITHHELD"


@pytest.mark.parametrize(
    ("author", "is_held"),
    [
        ({"id": "a", "username": "\u0410dmin"}, True),
        ({"id": "a", "username": "Ada\u202e"}, True),
        ({"id": "a", "username": "Ada"}, False),
        ({"id": "a", "username": ""}, False),
        ({"id": "a", "username": 7}, False),
        ({"id": "a", "role": "ADMIN", "username": "Admin"}, False),
    ],
    ids=ascii,
)
def test_a_deceptive_username_is_held(
    site: Newsroom, author: dict[str, Any], is_held: bool
) -> None:
    answer = send(site, changed(author=author))
    assert answer.status_code == (200 if is_held else 204)


def test_one_of_several_signatures_is_enough(site: Newsroom) -> None:
    other = sign(REQUEST, "empsec_other")
    assert send(site, signature=f"{other},{sign(REQUEST)}").status_code == 204
    keep(site, "empsec_other", overlap=timedelta(hours=1))
    for signature in (other, sign(REQUEST)):
        assert send(site, signature=signature).status_code == 204
    keep(site, "empsec_third")
    assert send(site, signature=other).status_code == 401


@on_sqlite
@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=00",
        sign(REQUEST)[7:],
        sign(REQUEST, SECRET.removeprefix("empsec_")),
        sign(REQUEST + b" "),
        "sha256=é",
        "sha256=00," * 50 + sign(REQUEST),
    ],
)
def test_a_wrong_signature_is_refused(site: Newsroom, signature: str) -> None:
    assert send(site, signature=signature).status_code == 401


def test_an_unknown_site_looks_like_a_wrong_signature(site: Newsroom) -> None:
    refused = send(site, signature="sha256=00")
    path = "/coral/nobody/comments"
    answer = site.app.test_client().post(path, data=REQUEST)
    assert (answer.status_code, answer.json) == (401, refused.json)
    for name in ("a%00", "é", "a" * 2000):
        answer = site.app.test_client().post(f"/coral/{name}/comments", data=REQUEST)
        assert answer.status_code == 401
    speak(site, protocols=frozenset({Protocol.AKISMET}))
    assert send(site).status_code == 401


@on_sqlite
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        changed(comment=None),
        changed(comment={"body": 1}),
        changed(action="DELETE"),
        changed(comment={"body": "a" * 70_000}),
    ],
    ids=range(8),
)
def test_a_signed_body_that_makes_no_sense_is_refused(
    site: Newsroom, data: bytes
) -> None:
    answer = send(site, data)
    assert answer.status_code == 400
    assert set(answer.json) == {"code", "message"}


def test_a_failure_of_ours_withholds_the_comment(site: Newsroom) -> None:
    replace_default_scorer(site.app, DeafScorer())
    assert send(site).json == {"status": "SYSTEM_WITHHELD"}
    replace_services(site.app, privacy=None)  # a fault of the service
    assert send(site).json == {"status": "SYSTEM_WITHHELD"}


def test_a_language_that_the_model_does_not_know_is_withheld(site: Newsroom) -> None:
    data = changed(comment={"body": "这座桥今年冬天不会开放,大家都知道。"})
    assert send(site, data).json == {"status": "SYSTEM_WITHHELD"}


def test_too_many_are_withheld_and_none_passes(make_app: Any) -> None:
    app = make_app(MODERATION_COMPAT_LIMIT="1 per minute")
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        speak(newsroom)
        keep(newsroom, SECRET)
        assert send(newsroom).status_code == 204
        assert send(newsroom).json == {"status": "SYSTEM_WITHHELD"}


def test_nothing_of_a_comment_is_stored(site: Newsroom, session: Session) -> None:
    send(site, changed(comment={"body": "Xylophoneconcerto"}))
    assert "Xylophoneconcerto" not in dump(session)


def test_another_path_is_no_call(site: Newsroom) -> None:
    client = site.app.test_client()
    assert client.get("/coral/gazette/comments").status_code == 404


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("no markup, 1 & 2", "no markup, 1 & 2"),
        ("a <b>b</b>un", "a bun"),
        ("<div>a</div><div>b &lt; c</div>", "a\nb < c"),
        ('<a href="https://x.example">here</a>', "https://x.example here"),
        ("1 < 2", "1 < 2"),
        ("<" * 100, "<" * 100),
    ],
)
def test_a_reader_sees_the_text_without_its_markup(body: str, text: str) -> None:
    assert plain(body).strip() == text
