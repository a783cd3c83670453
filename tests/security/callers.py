"""Callers, and a site with one object of each kind that strangers shouldn't reach."""

from __future__ import annotations

import functools
import hashlib
import hmac
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.demo import article as demo_article
from moderation.jobs import JobKind, enqueue
from moderation.tables.comments import Comment
from moderation.tables.importing import HistoryUpload
from moderation.tables.monitoring import Alarm
from moderation.tables.subjects import LegalHold, PersonErasure
from moderation.web.services import services_of
from tests.builders import ALL_HELD, Answer, Newsroom, hire, open_newsroom, speak
from tests.protocols.test_coral import keep
from tests.renamed_model import renamed_file
from tests.transparency.archives import BINARY, DAYS, archive

#: In every text that the attacked site stores, and in its name: never in an answer to
#: a stranger.
MARKER = "zephyrmark"
SITE, OTHER_SITE = f"{MARKER}-gazette", "herald"
#: Under which Coral signs, by the name of the caller that holds the site's key.
SECRETS = {"key": "attacked-" * 4, "other key": "stranger-" * 4}
ADVERTISEMENT = (
    f"Earn up to five hundred dollars a day with {MARKER}, no boss and no experience "
    "needed, just register today at https://easy-cash.example.com/?id=81 and tell "
    "your friends about it before the places are gone"
)


#: Tables that count what callers do.
OF_CALLERS = {
    "audit_entries",
    "audit_head",
    "failed_attempts",
    "known_devices",
    "rate_counts",
}
#: Columns that say when a credential was used.
RECORDED = {"last_used_at"}


@dataclass(frozen=True, kw_only=True)
class World:
    """The service with two sites: the attacked one, and that of strangers."""

    app: Flask
    site: Newsroom
    other: Newsroom
    path: Path  #: of the database file
    ids: dict[str, Any]  #: of the attacked site's objects, by the name of a parameter

    def restore(self) -> None:
        """Put the database back to where the world began."""
        db.session.remove()
        db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        shutil.copy(self.path.with_suffix(".kept"), self.path)

    @functools.cached_property
    def start(self) -> str:
        """The digest of where the world began."""
        return _digest(self.path.with_suffix(".kept"), self.other.site_id)

    def digest(self) -> str:
        """Return a hash of every row but those that are the other site's own."""
        return _digest(self.path, self.other.site_id)


def _digest(path: Path, other_id: int) -> str:
    digest = hashlib.sha256()
    connection = sqlite3.connect(path)
    theirs = f"SELECT id FROM comments WHERE site_id = {other_id}"
    strangers = f"SELECT staff_id FROM memberships WHERE site_id = {other_id}"
    query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    for (table,) in connection.execute(query).fetchall():
        about = connection.execute(f"PRAGMA table_info({table})").fetchall()
        columns, where = {row[1] for row in about}, ""
        if table.startswith("comments_text") or table in OF_CALLERS:
            continue  # made from `comments`, or no one's object
        if "site_id" in columns:
            where = f" WHERE site_id IS NOT {other_id}"
        elif "staff_id" in columns:
            where = f" WHERE staff_id IS NULL OR staff_id NOT IN ({strangers})"
        elif "comment_id" in columns:
            where = f" WHERE comment_id IS NULL OR comment_id NOT IN ({theirs})"
        kept = ", ".join(sorted(columns - RECORDED))
        rows = connection.execute(f"SELECT {kept} FROM {table}{where}").fetchall()
        for row in sorted(repr([_cell(value) for value in row]) for row in rows):
            digest.update(f"{table} {row}".encode())
    connection.close()
    return digest.hexdigest()


def _cell(value: Any) -> Any:
    return hashlib.sha256(value).digest() if isinstance(value, bytes) else value


@dataclass(frozen=True, kw_only=True)
class CallerKind:
    """One row of the table of callers."""

    name: str
    #: Of the site whose ids are called; None: of no site.
    is_stranger: bool | None
    credential: Callable[[World], str]


def _staff_of(name: str, role: Role, *, is_stranger: bool) -> CallerKind:
    return CallerKind(
        name=name,
        is_stranger=is_stranger,
        credential=lambda world: (world.other if is_stranger else world.site).tokens[
            role
        ],
    )


#: Every caller there is. A new kind of caller (a section's moderator, a narrower key)
#: is one row here, and a name in the entries that let it in.
CALLERS = [
    CallerKind(name="nobody", is_stranger=None, credential=lambda _: ""),
    CallerKind(name="garbage", is_stranger=None, credential=lambda _: "staff_x\xe9"),
    CallerKind(name="guess", is_stranger=None, credential=lambda _: "0" * 12),
    CallerKind(name="key", is_stranger=False, credential=lambda world: world.site.key),
    *(_staff_of(role.value, role, is_stranger=False) for role in Role),
    CallerKind(
        name="other key", is_stranger=True, credential=lambda world: world.other.key
    ),
    *(_staff_of(f"other {role}", role, is_stranger=True) for role in Role),
]

#: Works at the attacked site, in a section without a comment.
OF_SECTION = CallerKind(
    name="section",
    is_stranger=False,
    credential=lambda world: str(world.ids["section_token"]),
)


def open_world(app: Flask, path: Path) -> World:
    """Add two sites, and an object of each kind to the first."""
    site, other = open_newsroom(app, SITE), open_newsroom(app, OTHER_SITE)
    for newsroom, secret in zip((site, other), SECRETS.values(), strict=True):
        newsroom.set_policy(ALL_HELD)
        speak(newsroom)
        keep(newsroom, secret)
    open_newsroom(app, demo_article.SITE)
    ids = dict(_objects_of(site))
    world = World(app=app, site=site, other=other, path=path, ids=ids)
    db.session.remove()
    db.engine.dispose()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(path, path.with_suffix(".kept"))
    return world


def _objects_of(site: Newsroom) -> Iterator[tuple[str, Any]]:
    """Store what the ids of paths and bodies name; yield each with its name."""
    yield "site", site.name
    yield "site_name", site.name
    yield "key", site.key
    yield from _comments_of(site)
    admin = site.as_staff(Role.ADMIN)
    address = f"/api/v1/sites/{site.name}"

    def made(path: str, body: Any = None, **kwargs: Any) -> dict[str, Any]:
        return _body(admin.post(path, body, **kwargs))

    words = {"kind": "words", "entries": [MARKER]}
    rule = {"name": MARKER, "mode": "shadow", "action": "hold", "conditions": [words]}
    yield "rule_id", made(f"{address}/rules", rule)["id"]
    hook = {"url": f"https://{MARKER}.example/", "types": ["comment.approved"]}
    webhook_id = made(f"{address}/webhooks", hook)["id"]
    yield "webhook_id", webhook_id
    yield "delivery_id", made(f"/api/v1/webhooks/{webhook_id}/test")["id"]
    key = {"name": MARKER, "scopes": ["score"]}
    yield "key_id", made(f"{address}/keys", key)["id"]
    view = {"name": MARKER, "filters": {"text": MARKER}, "shared_with": site.name}
    yield "view_id", made("/api/v1/views", view)["id"]
    data = renamed_file("visitor")
    binary = {"Content-Type": "application/octet-stream"}
    sent = admin.call("POST", f"{address}/models", data=data, headers=binary)
    version = _body(sent)["version"]
    yield "version", version
    _body(admin.put(f"{address}/shadow", {"version": version}))
    guest = {"login": f"{MARKER}-guest", "roles": [{"role": "lead"}]}
    yield "login", made(f"{address}/staff", guest)["member"]["login"]
    yield "section_token", hire(site, "elsewhere", (Role.LEAD, "Elsewhere"))[1]
    yield from _notices_of(site, made)
    yield from _rows_of(site)


def _comments_of(site: Newsroom) -> Iterator[tuple[str, Any]]:
    """Store comments, decided and not; yield them, a campaign, and a batch."""
    moderator = site.as_staff()
    sent = site.send(
        body=f"A comment about {MARKER}.", article=f"https://{MARKER}.example/"
    )
    yield "comment_id", sent["id"]
    yield "article", f"https://{MARKER}.example/"
    decided = site.send(body=f"Another {MARKER}.")["id"]
    path = f"/api/v1/comments/{decided}"
    reject = {"verdict": "reject", "reasons": ["spam"], "version": 1}
    _body(moderator.post(f"{path}/decisions", reject))
    appeal = site.send(body=f"A third {MARKER}.")["id"]
    _body(moderator.post(f"/api/v1/comments/{appeal}/decisions", reject))
    yield "decided_id", decided
    text = {"text": f"Please look again at {MARKER}."}
    _body(site.as_site().post(f"/api/v1/comments/{appeal}/appeal", text))
    yield "appealed_id", appeal
    escalated = site.send(body=f"A fourth {MARKER}.")["id"]
    _body(moderator.post(f"/api/v1/comments/{escalated}/escalation", {"version": 1}))
    yield "escalated_id", escalated
    links = services_of(site.app).status_links
    yield "token", links.token(identifiers.decode(decided))
    for marks in ("", "!", "!!"):
        site.send(body=f"{ADVERTISEMENT} {marks}")
    yield "author_id", _body(moderator.get("/api/v1/authors"))["authors"][0]["id"]
    as_of = datetime.now(UTC).isoformat()
    yield "as_of", as_of
    (campaign,) = moderator.get("/api/v1/campaigns").json["campaigns"]
    yield "campaign_id", campaign["id"]
    yield "campaign_version", campaign["version"]
    hours = {"hours": 1}
    path = f"/api/v1/campaigns/{campaign['id']}/brake"
    yield "brake_id", _body(moderator.post(path, hours))["id"]
    spread = {"site": site.name, "label": "spam", "low": 0, "high": 1, "as_of": as_of}
    yield "spread", spread
    early = site.send(body=f"Decided in bulk: {MARKER}.", article_section="early")["id"]
    batch = {**spread, "section": "early", "verdict": "approve"}
    batch["as_of"] = datetime.now(UTC).isoformat()
    yield "batch_id", _body(moderator.post("/api/v1/batches", batch))["id"]
    yield "approved_id", early


def _notices_of(
    site: Newsroom, made: Callable[[str, Any], Any]
) -> Iterator[tuple[str, Any]]:
    """Switch duties on; yield a notice, its page, a flagger, and a warning."""
    address = f"/api/v1/sites/{site.name}"
    settings = {"kind": "platform", "is_small": False}
    _body(site.as_staff(Role.ADMIN).put(f"{address}/legal", settings))
    sent = site.send(body=f"Noticed: {MARKER}.")["id"]
    body = {
        "comments": [sent],
        "name": MARKER,
        "email": f"{MARKER}@mail.example",
        "good_faith": True,
    }

    def notify(text: str) -> str:
        answer = site.as_site().post("/api/v1/notices", {**body, "explanation": text})
        reference: str = _body(answer)["notice"]
        return reference

    unfounded = notify(f"Unfounded: {MARKER}.")
    kept = {"comment": sent, "outcome": "kept"}
    decision = {"items": [kept], "answer": "It stays.", "is_unfounded": True}
    made(f"/api/v1/notices/{unfounded}/decision", decision)
    warning = {"kind": "warning", "reason": "Again."}  # its page may be passed on
    path = f"/api/v1/notices/{unfounded}/sender/misuse"
    yield "measure_id", made(path, warning)["id"]
    yield "decided_notice", unfounded
    dispute = {"notice": unfounded, "body": MARKER, "filed_on": "2025-03-01"}
    yield "dispute_id", made(f"{address}/disputes", dispute)["id"]
    published = site.as_staff(Role.ADMIN).call(
        "POST",
        f"{address}/published-reports",
        query_string=DAYS,
        data=archive(),
        headers=BINARY,
    )
    yield "report_id", _body(published)["id"]
    notice = notify(f"It is about {MARKER}.")
    yield "notice", notice
    yield "noticed_id", sent
    links = services_of(site.app).notice_links
    yield "notice_token", links.token(identifiers.decode(notice))
    flagger = {"name": MARKER, "reference": MARKER}
    yield "flagger_id", made(f"{address}/flaggers", flagger)["id"]


def _rows_of(site: Newsroom) -> Iterator[tuple[str, Any]]:
    """Store what only a worker writes."""
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    alarm = Alarm(
        site_id=site.site_id,
        kind="languages",
        subject=MARKER,
        details={
            "chance": 1e-9,
            "shift": 0.3,
            "before": 0.04,
            "after": 0.34,
            "examples": [],
        },
        created_at=now,
    )
    session.add(alarm)
    job = enqueue(session, site.site_id, JobKind.RETRAINING, staff_id=None, now=now)
    arguments = {"filters": {"status": "all", "site": site.name}, "order": "newest"}
    export = enqueue(
        session,
        site.site_id,
        JobKind.EXPORT,
        staff_id=None,
        now=now,
        arguments=arguments,
    )
    report = enqueue(
        session,
        site.site_id,
        JobKind.TRANSPARENCY,
        staff_id=None,
        now=now,
        arguments={
            "kind": "report",
            "provider": "",
            "service": "",
            "from": "2026-01-01",
            "to": "2026-01-31",
        },
    )
    session.flush()
    yield "file_id", report.id
    erasure = PersonErasure(
        site_id=site.site_id,
        state="requested",
        mode="delete",
        created_at=now,
        is_by_person=True,
        subject={"authors": [], "email_indexes": [], "readers": []},
        progress={},
    )
    hold = LegalHold(
        site_id=site.site_id,
        comment_id=session.scalars(
            sa.select(Comment.id)
            .where(Comment.site_id == site.site_id, Comment.escalated_at.is_not(None))
            .limit(1)
        ).first(),
        reason=MARKER,
        created_at=now,
    )
    upload = HistoryUpload(
        site_id=site.site_id,
        created_at=now,
        files=[{"name": "export.xml", "size": 9}],
    )
    session.add_all([erasure, hold, upload])
    session.flush()
    yield "erasure_id", erasure.id
    yield "hold_id", hold.id
    yield "import_id", upload.id
    yield "alarm_id", alarm.id
    yield "export_id", export.id
    yield "job_id", job.id
    session.commit()


def _body(answer: Answer) -> dict[str, Any]:
    assert answer.status_code < 300, answer.text
    body: dict[str, Any] = answer.json or {}
    return body


#: The same names, for what doesn't exist.
ABSENT: dict[str, Any] = {
    "site": "nowhere",
    "login": "nobody-here",
    "site_name": "nowhere",
    "key": "0" * 12,
    "article": "https://nowhere.example/",
    "version": "absent-00000000",
    "token": "0" * 45,
    **dict.fromkeys(
        ["comment_id", "decided_id", "appealed_id", "escalated_id", "approved_id"],
        "0apc00zmd3q3j",
    ),
    **dict.fromkeys(
        [
            "alarm_id",
            "author_id",
            "batch_id",
            "brake_id",
            "campaign_id",
            "delivery_id",
            "erasure_id",
            "export_id",
            "hold_id",
            "import_id",
            "job_id",
            "key_id",
            "rule_id",
            "view_id",
            "webhook_id",
        ],
        2_000_000,
    ),
}


def sign(data: bytes, secret: str) -> str:
    """Return Coral's signature of a body."""
    digest = hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()
    return f"sha256={digest}"
