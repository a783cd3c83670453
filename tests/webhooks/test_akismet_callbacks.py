"""WordPress receives people's decisions, at its own address alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.database import start_writing
from moderation.errors import InvalidFields
from moderation.sites.protocols import ALL_ON
from moderation.tables.sites import Site
from moderation.tables.webhooks import Callback
from moderation.webhooks import akismet_callbacks
from moderation.worker import dispatch
from tests.builders import ALL_HELD, Newsroom, sender_in, speak
from tests.leaks.test_leaks import dump
from tests.protocols.test_akismet import check
from tests.receivers import Receiver, receiving
from tests.refusals import on_sqlite

LOOPBACK = ("127.0.0.0/8",)
NO_GRACE = timedelta(0)


@pytest.fixture
def wordpress() -> Iterator[Receiver]:
    with receiving("/wp-json/akismet/v1/webhook") as site:
        yield site


@pytest.fixture
def site(newsroom: Newsroom, wordpress: Receiver) -> Newsroom:
    speak(newsroom, home=wordpress.home)
    newsroom.set_policy(ALL_HELD)
    return newsroom


def decide(site: Newsroom, guid: str, verdict: str = "approve") -> None:
    body = {"verdict": verdict, "version": 1, "reasons": ["spam"]}
    path = f"/api/v1/comments/{guid}/decisions"
    assert site.as_staff().post(path, body).status_code == 201


def tell(
    site: Newsroom,
    networks: tuple[str, ...] = LOOPBACK,
    grace: timedelta = NO_GRACE,
    now: datetime | None = None,
) -> bool:
    return dispatch.call_back_next(sender_in(site.app, networks, grace), now)


@pytest.mark.parametrize(
    ("verdict", "result"), [("approve", "false"), ("reject", "true")]
)
def test_a_decision_is_told_once(
    site: Newsroom, wordpress: Receiver, session: Session, verdict: str, result: str
) -> None:
    guid = check(site, callback=wordpress.url).headers["X-akismet-guid"]
    assert not tell(site)  # no one has decided
    decide(site, guid, verdict)
    assert not tell(site, grace=timedelta(minutes=1))  # it can be undone
    assert tell(site)
    assert not tell(site)
    assert wordpress.events == [
        {
            "key": site.key,
            "endpoint": "comment-check",
            "comments": [
                {
                    "guid": guid,
                    "result": result,
                    "comment_post_ID": "1",
                    "comment_parent": "0",
                }
            ],
        }
    ]
    assert site.key not in dump(session)


@on_sqlite
@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_refusal_is_tried_again_later(
    site: Newsroom, wordpress: Receiver, session: Session, status: int
) -> None:
    wordpress.status = status
    decide(site, check(site, callback=wordpress.url).headers["X-akismet-guid"])
    now = datetime.now(UTC) + timedelta(seconds=1)
    assert tell(site, now=now)
    assert not tell(site, now=now)
    kept = session.scalars(sa.select(Callback)).one()
    assert (kept.fault, kept.told_at) == (str(status), None)
    for _ in range(7):
        now += timedelta(days=1)
        assert tell(site, now=now)
    assert not tell(site, now=now + timedelta(days=1))
    assert len(wordpress.events) == 8  # no redirect was followed


@on_sqlite
@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/webhook",
        "http://127.0.0.1.evil.example/",
        "http://user@127.0.0.1/",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "http://127.0.0.1:x/",
        "http://127.0.0.1/" + "a" * 3000,
    ],
)
def test_an_address_elsewhere_is_not_remembered(
    site: Newsroom, session: Session, url: str
) -> None:
    check(site, callback=url)
    assert session.scalars(sa.select(Callback)).all() == []


def test_a_site_without_an_address_of_its_own_is_not_told(
    site: Newsroom, wordpress: Receiver, session: Session
) -> None:
    speak(site, home=None)
    check(site, callback=wordpress.url)
    assert session.scalars(sa.select(Callback)).all() == []


@on_sqlite
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]", "0.0.0.0"],
)
def test_a_private_network_is_never_reached(
    site: Newsroom, wordpress: Receiver, session: Session, host: str
) -> None:
    speak(site, home=f"https://{host}")
    port = wordpress.server.server_port
    answer = check(site, callback=f"https://{host}:{port}/webhook")
    decide(site, answer.headers["X-akismet-guid"])
    assert tell(site, networks=())
    assert wordpress.events == []
    assert session.scalars(sa.select(Callback)).one().fault


def test_a_takedown_after_the_site_was_told_is_told(
    site: Newsroom, wordpress: Receiver
) -> None:
    guid = check(site, callback=wordpress.url).headers["X-akismet-guid"]
    decide(site, guid)
    assert tell(site)
    body = {"site": site.name, "verdict": "reject", "reasons": ["spam"]}
    named = {"comments": [{"id": guid, "version": 2}]}
    batch = site.as_staff().post("/api/v1/batches", {**body, **named}).json
    assert batch["decided"] == 1
    assert tell(site)
    site.as_staff().post(f"/api/v1/batches/{batch['id']}/undo")
    assert tell(site)
    assert not tell(site)
    results = [event["comments"][0]["result"] for event in wordpress.events]
    assert results == ["false", "true", "false"]


def test_what_the_site_has_reported_it_is_not_told(
    site: Newsroom, wordpress: Receiver
) -> None:
    guid = check(site, callback=wordpress.url).headers["X-akismet-guid"]
    check(site, "submit-spam", guid=guid)
    assert not tell(site)


def refused_in_clear(caplog: pytest.LogCaptureFixture) -> bool:
    return akismet_callbacks.IN_CLEAR in caplog.text


@on_sqlite
@pytest.mark.parametrize(
    "url", ["http://blog.example/webhook", "http://10.0.0.1/", "http://localhost.a.b/"]
)
def test_a_callback_over_plain_http_is_not_kept(
    site: Newsroom, session: Session, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    """It would carry the site's key, for anyone on the way to read."""
    speak(site, home=url.replace("http:", "https:"))
    check(site, callback=url)
    assert session.scalars(sa.select(Callback)).all() == []
    assert refused_in_clear(caplog)
    assert site.key not in caplog.text


def test_a_stored_callback_over_plain_http_is_given_up(
    site: Newsroom,
    wordpress: Receiver,
    session: Session,
    caplog: pytest.LogCaptureFixture,
) -> None:
    guid = check(site, callback=wordpress.url).headers["X-akismet-guid"]
    start_writing(session)  # as before these were refused
    session.execute(sa.update(Callback).values(url="http://blog.example/webhook"))
    session.commit()
    decide(site, guid)
    assert tell(site)
    assert not tell(site, now=datetime.now(UTC) + timedelta(days=1))
    session.expire_all()
    kept = session.scalars(sa.select(Callback)).one()
    assert kept.fault == akismet_callbacks.IN_CLEAR
    assert kept.told_at is not None
    assert kept.attempts == 1
    assert refused_in_clear(caplog)
    assert guid in caplog.text


@on_sqlite
@pytest.mark.parametrize("home", ["http://blog.example", "http://10.0.0.1"])
def test_a_new_home_in_plain_http_is_refused_and_an_older_one_stays(
    site: Newsroom, session: Session, home: str
) -> None:
    with pytest.raises(InvalidFields) as refused:
        speak(site, home=home)
    assert list(refused.value.fields) == ["home"]
    session.rollback()
    start_writing(session)
    stored = {**ALL_ON.as_json(), "home": home}
    session.execute(sa.update(Site).values(integrations=stored))
    session.commit()
    speak(site, home=home, discard=True)
    with pytest.raises(InvalidFields):
        speak(site, home="http://another.example")
