"""No email address in clear: in no answer, log, error, example or table."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation import migration
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.demo import article as demo_article
from moderation.learning import examples as feedback
from moderation.web.services import services_of
from tests.api.test_exports import write as write_exports
from tests.api.test_transparency import make_files
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    Answer,
    Newsroom,
    comment,
    open_newsroom,
    replace_services,
    speak,
)
from tests.rehearsal.history import work_on_rehearsals
from tests.transparency.archives import BINARY, DAYS, archive

COMMENTS = "/api/v1/comments"
#: What a site with few comments and no silent model can't answer, with its status.
NOT_THERE = {
    "/api/v1/sites/{site}/shadow": 404,
    "/api/v1/sites/{site}/shadow/looks": 404,
    "/api/v1/sites/{site}/shadow/sample": 404,
    "/api/v1/sites/{site}/thresholds": 409,
    "/readyz": 503,  # no worker has run
}
BODY_WORD = "Xylophoneconcerto"  # of the comments: a text has no place in a log


class Sentinels:
    """Makes addresses that occur nowhere else, and keeps what was answered."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.made: list[str] = []
        self.answers: list[str] = []

    def address(self) -> str:
        """Return an address that was never seen before."""
        name = f"qzsentinel{next(self.numbers)}x"
        self.made.append(name)
        return f"{name}@{name}.example"

    def comment(self, **fields: Any) -> dict[str, Any]:
        """Return a comment from such an address."""
        body = f"{BODY_WORD} number {len(self.made)}."
        return comment(**{"author_email": self.address(), "body": body, **fields})

    def keep(self, answer: Answer) -> Answer:
        """Remember an answer, headers and all."""
        self.answers.append(f"{answer.headers}\n{answer.text}")
        return answer

    def found_in(self, text: str) -> list[str]:
        """Return the sentinels in a text, in any letter case."""
        folded = text.casefold()
        return [name for name in self.made if name in folded]


@pytest.fixture
def sentinels() -> Sentinels:
    return Sentinels()


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Captures each line of every logger, however detailed."""
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def app(
    everything_logged: pytest.LogCaptureFixture, make_app: Callable[..., Flask]
) -> Iterator[Flask]:
    """The service with the demo form, made when all is logged already."""
    app = make_app(
        MODERATION_DEMO="true",
        MODERATION_SMTP_HOST="mail.example",
        MODERATION_SMTP_SENDER="moderation@comments.example",
        MODERATION_PUBLIC_URL="https://comments.example",
    )
    with app.app_context():
        yield app


@pytest.fixture
def newsroom(app: Flask) -> Newsroom:
    """The demo's site: the form and the API lead to one table."""
    newsroom = open_newsroom(app, demo_article.SITE)
    newsroom.set_policy(ALL_HELD)
    return newsroom


class GoneDatabase:
    """Stands for the keys while the database goes away behind them."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        raise self.error


def through_every_door(app: Flask, newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Send addresses in all the ways there are, good and bad."""
    site, keep = newsroom.as_site(), sentinels.keep
    for _ in range(2):  # stored, replayed, and a conflict
        body = sentinels.comment(
            external_id="e-1", user_agent=f"Bot (by {sentinels.address()})"
        )
        for _ in range(2):
            keep(site.post(COMMENTS, body))
            headers = {"Idempotency-Key": "i-1"}
            keep(site.post(COMMENTS, sentinels.comment(), headers=headers))
    batch = [sentinels.comment(), sentinels.comment(body=""), sentinels.address()]
    keep(site.post(f"{COMMENTS}/batch", {"comments": batch}))
    bad: list[dict[str, Any]] = [
        {"author_email": f"{sentinels.address()}@twice"},
        {"author_email": f"Display Name <{sentinels.address()}>"},
        {"author_email": f'"{sentinels.address()}"@mail.example'},
        {"author_email": sentinels.address() + "\x00"},
        {"author_email": [sentinels.address()]},
        {"author_email": {sentinels.address(): sentinels.address()}},
        {"e_mail": sentinels.address()},
        {sentinels.address(): 1},
        {"parent": sentinels.address()},
        {"ip": sentinels.address()},
        {"language": sentinels.address()},
        {"written_at": sentinels.address()},
        *(
            {field: sentinels.address()}
            for field in ("author_name", "author_url", "author_id", "external_id")
        ),
        {"author_url": f"mailto:{sentinels.address()}"},
        {"author_url": f"https://{sentinels.address()}/"},
        {"article": f"mailto:{sentinels.address()}"},
    ]
    for fields in bad:
        answer = keep(site.post(COMMENTS, sentinels.comment(**fields)))
        assert answer.status_code == 422, fields
    good = json.dumps(sentinels.comment()).encode()
    for data, kind in [
        (good[:-1], "application/json"),
        (good, "text/plain"),
        (good + b"\xff", "application/json"),
        (good.replace(b'"body"', b'"author_email"'), "application/json"),
    ]:
        answer = keep(site.call("POST", COMMENTS, data=data, content_type=kind))
        assert 400 <= answer.status_code < 500
    headers = {"Idempotency-Key": sentinels.address()}
    keep(site.post(COMMENTS, sentinels.comment(), headers=headers))
    headers = {"Authorization": f"Bearer {sentinels.address()}"}
    keep(site.post(COMMENTS, sentinels.comment(), headers=headers))
    keep(site.get(f"{COMMENTS}/{sentinels.address()}"))
    keep(site.get(f"/{sentinels.address()}"))
    keep(site.get(f"/api/v1/articles/a/comments?cursor={sentinels.address()}"))
    staff = newsroom.as_staff()
    keep(staff.get(f"/api/v1/queue?site={sentinels.address()}"))
    login = {"login": sentinels.address(), "password": sentinels.address()}
    keep(staff.post("/api/v1/session", login))
    through_the_form(app, newsroom, sentinels)
    through_foreign_protocols(newsroom, sentinels)
    while_things_break(app, newsroom, sentinels)


def through_foreign_protocols(newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Send addresses over Akismet, Perspective, OpenAI's and Coral's protocols."""
    speak(newsroom)
    address, keep = sentinels.address, sentinels.keep
    site = newsroom.as_site()
    akismet = {
        "api_key": newsroom.key,
        "blog": f"https://{address()}/",
        "user_ip": address(),
        "comment_author": address(),
        "comment_author_email": address(),
        "comment_author_url": f"https://x.example/{address()}",
        "permalink": f"https://x.example/{address()}",
        "user_agent": address(),
        "user_id": address(),
        "reporter": address(),
        "POST_email": address(),
        "comment_content": f"{BODY_WORD} over Akismet.",
    }
    for call in ("comment-check", "submit-spam", "submit-ham", "get-stats", address()):
        keep(site.call("POST", f"/1.1/{call}", data=akismet))
    for fields in ({"api_key": address()}, {"key": address()}):
        keep(site.call("POST", "/1.1/verify-key", data=fields))
    for name in ("month", "order", "limit"):
        query = f"api_key={newsroom.key}&{name}={address()}"
        keep(site.get(f"/1.2/key-sites?{query}"))
    for path in ("analyze", "suggestscore", address()):
        for asked in ("TOXICITY", address()):
            body = {
                "comment": {"text": f"{BODY_WORD}, write to {address()}!"},
                "requestedAttributes": {asked: {}},
                "attributeScores": {asked: {"summaryScore": {"value": 1}}},
                "languages": ["en"],
                "communityId": address(),
            }
            keep(site.post(f"/v1alpha1/comments:{path}", body))
            keep(site.post(f"/v1alpha1/comments:{path}", {**body, "languages": [1]}))
            bad = {**body, "requestedAttributes": {asked: {"scoreType": address()}}}
            keep(site.post(f"/v1alpha1/comments:{path}?key={address()}", bad))
    for path in ("moderations", address()):
        keep(site.post(f"/v1/{path}", {"input": [f"{BODY_WORD} {address()}"]}))
        keep(site.post(f"/v1/{path}", {"input": address(), "model": address()}))
    for name in (newsroom.name, address()):
        headers = {"X-Coral-Signature": address()}
        body = {"comment": {"body": f"{BODY_WORD} {address()}"}}
        keep(site.post(f"/coral/{name}/comments", body, headers=headers))


def through_the_form(app: Flask, newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Send addresses by the demo's form; a returned form keeps the typed text."""
    form = {
        "author_name": "Ada",
        "author_email": sentinels.address(),
        "author_url": "",
        "body": f"{BODY_WORD} by form.",
    }
    sent = newsroom.as_site().call("POST", "/demo/", data=form)
    assert sent.status_code == 303
    sentinels.keep(sent)
    sentinels.keep(newsroom.as_site().get("/demo/"))


def against_what_stands(newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Report and appeal with addresses in every field."""
    site, keep, address = newsroom.as_site(), sentinels.keep, sentinels.address
    newsroom.set_policy(ALL_REJECTED)
    page = keep(site.post(COMMENTS, sentinels.comment())).json["status_url"]
    path = f"{COMMENTS}/{keep(site.post(COMMENTS, sentinels.comment())).json['id']}"
    newsroom.set_policy(ALL_HELD)
    form = {"text": f"{BODY_WORD}: ask {address()}"}
    assert keep(site.call("POST", page, data=form)).status_code == 303
    keep(site.get(page))
    keep(site.get(f"{page}{address()}"))
    said = {"reporter": "r-1", "reason": "spam", "note": f"Mine is {address()}"}
    assert keep(site.post(f"{path}/reports", said)).status_code == 201
    for bad in (
        {"reporter": address()},
        {"reason": address()},
        {"note": [address()]},
        {address(): address()},
    ):
        assert keep(site.post(f"{path}/reports", {**said, **bad})).status_code == 422
    text = f"{BODY_WORD}: ask {address()}, or me at {address()}"
    assert keep(site.post(f"{path}/appeal", {"text": text})).status_code == 201
    keep(site.post(f"{path}/appeal", {"text": address()}))
    keep(site.get(f"{path}/appeal"))
    keep(newsroom.as_staff().get(f"{path}/reports"))


def while_things_break(app: Flask, newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Send addresses while the database is gone, and into a fault of the service."""
    real = services_of(app).privacy
    gone = OperationalError("INSERT", {"email": sentinels.address()}, Exception("gone"))
    for error, status in [(gone, 503), (RuntimeError("broken"), 500)]:
        replace_services(app, privacy=GoneDatabase(error))
        answer = newsroom.as_site().post(COMMENTS, sentinels.comment())
        assert answer.status_code == status
        sentinels.keep(answer)
    replace_services(app, privacy=real)


def write_rules(newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Write rules about authors by address, well and badly."""
    admin, keep = newsroom.as_staff(Role.ADMIN), sentinels.keep
    rules = f"/api/v1/sites/{newsroom.name}/rules"
    author = {"kind": "author", "emails": [sentinels.address()]}
    body = {"name": "Authors", "mode": "on", "action": "hold", "conditions": [author]}
    written = keep(admin.post(rules, body))
    assert written.status_code == 201
    keep(admin.post(f"{rules}/trials", {"conditions": [author]}))
    keep(admin.get(f"{rules}/{written.json['id']}"))
    for kind in ("words", "pattern", "domain"):
        entries = {"kind": kind, "entries": [sentinels.address()]}
        keep(admin.post(rules, {**body, "conditions": [entries]}))
        path = f"{rules}/import?name=x&kind={kind}"
        plain = {"Content-Type": "text/plain"}
        keep(admin.call("POST", path, data=sentinels.address(), headers=plain))
    keep(admin.post(rules, {**body, "name": sentinels.address()}))
    keep(admin.call("POST", f"{rules}/import?name={sentinels.address()}"))


def listen(newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Let a webhook hear of everything, asked for well and badly."""
    admin, keep, address = (
        newsroom.as_staff(Role.ADMIN),
        sentinels.keep,
        sentinels.address,
    )
    path = f"/api/v1/sites/{newsroom.name}/webhooks"
    types = ["comment.approved", "comment.rejected", "comment.held"]
    body = {"url": "https://hooks.example/in", "types": types}
    for bad in (
        {"url": f"https://{address()}/"},
        {"url": f"https://hooks.example/{address()}"},
        {"url": address()},
        {"types": [address()]},
        {address(): address()},
    ):
        assert keep(admin.post(path, {**body, **bad})).status_code == 422
    added = keep(admin.post(path, body)).json
    secret = f"/api/v1/webhooks/{added['id']}/secret"
    keep(admin.post(secret, {"version": 1, "overlap_hours": address()}))
    keep(admin.get(f"/api/v1/webhooks/{added['id']}/deliveries?state={address()}"))
    keep(admin.post(f"/api/v1/webhooks/{added['id']}/test"))


def be_notified(newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Ask for notifications, well and badly; the address is masked at once."""
    staff, keep, address = newsroom.as_staff(), sentinels.keep, sentinels.address
    own = "/api/v1/account/notifications"
    assert keep(staff.put(f"{own}/email", {"email": address()})).status_code == 200
    for bad in (f"Ada <{address()}>", [address()], f"{address()}\nBcc: {address()}"):
        assert keep(staff.put(f"{own}/email", {"email": bad})).status_code == 422
    chat = {"url": f"https://chat.example/{address()}", "format": "slack"}
    site = f"/api/v1/sites/{newsroom.name}/notifications"
    for caller, base in ((staff, own), (newsroom.as_staff(Role.ADMIN), site)):
        assert keep(caller.put(f"{base}/chat", chat)).status_code == 422
        keep(caller.put(base, {address(): address()}))
        keep(caller.get(base))
        keep(caller.get(f"{base}/deliveries?state={address()}"))


def work_on_all(newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Read, edit, decide and delete, as sites and staff do."""
    site, staff, keep = newsroom.as_site(), newsroom.as_staff(), sentinels.keep
    waiting = keep(staff.get("/api/v1/queue?limit=200")).json["comments"]
    assert len(waiting) >= 4
    assert keep(staff.post("/api/v1/hand", {"size": 50})).json["comments"]
    keep(staff.get("/api/v1/queue/counts"))
    for number, each in enumerate(waiting):
        path = f"{COMMENTS}/{each['id']}"
        keep(site.get(path))
        keep(staff.put(f"{path}/claim"))
        text = f"Ask {sentinels.address()} about it."
        assert keep(staff.post(f"{path}/notes", {"text": text})).status_code == 201
        escalation = {"version": each["version"], "note": text}
        for body in (escalation, {**escalation, text: text}):
            keep(staff.post(f"{path}/escalation", body))
        taken_back = keep(staff.delete(f"{path}/escalation"))
        each["version"] = taken_back.json["version"]
        body = {"verdict": "approve", "version": each["version"]}
        assert keep(staff.post(f"{path}/decisions", body)).status_code == 201
        if number == 1:
            version = each["version"] + 1
            taken_back = keep(staff.post(f"{path}/undo", {"version": version}))
            assert taken_back.status_code == 201
        if number == 0:
            keep(site.patch(path, {"body": "Changed.", "author_name": "Eve"}))
        keep(staff.get(f"{path}/history"))
    keep(site.get("/api/v1/articles/https://gazette.example/bridge/comments"))
    keep(newsroom.as_site().get("/demo/"))


def reveal_one(newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Reveal an address: the one answer that holds it, and nothing else then does."""
    email = sentinels.address()
    newsroom.as_site().post(COMMENTS, sentinels.comment(author_email=email))
    admin, lookup = newsroom.as_staff(Role.ADMIN), "/api/v1/authors/lookup"
    found = sentinels.keep(admin.post(lookup, {"site": newsroom.name, "email": email}))
    path = f"/api/v1/authors/{found.json['authors'][0]['id']}/email-reveal"
    shown = admin.post(path, {"reason": f"{sentinels.address()} asked."})
    assert shown.json == {"emails": [email]}
    for bad in ({"reason": [sentinels.address()]}, {sentinels.address(): 1}):
        sentinels.keep(admin.post(path, bad))
    sentinels.keep(newsroom.as_staff().post(path, {"reason": sentinels.address()}))


def make_notice(newsroom: Newsroom, sentinels: Sentinels) -> str:
    """Notify of a comment, by the API and by the form; return the reference."""
    site, keep, address = newsroom.as_site(), sentinels.keep, sentinels.address
    here = f"/api/v1/sites/{newsroom.name}"
    admin = newsroom.as_staff(Role.ADMIN)
    settings = {"kind": "platform", "is_small": False}
    assert keep(admin.put(f"{here}/legal", settings)).status_code == 200
    sent = keep(site.post(COMMENTS, sentinels.comment())).json["id"]
    said = f"{BODY_WORD}: ask {address()}"
    body: dict[str, Any] = {"comments": [sent], "explanation": said}
    body |= {"name": address(), "email": address(), "good_faith": True}
    keep(site.post("/api/v1/notices", {**body, "law": address()}))
    notice: str = keep(site.post("/api/v1/notices", body)).json["notice"]
    form = {"comments": sent, "explanation": said, "name": "N", "email": address()}
    form |= {"good_faith": "yes", "category": "", "law": ""}
    sent_form = keep(site.call("POST", f"/notices/new/{newsroom.name}", data=form))
    assert sent_form.status_code == 303
    keep(site.get(sent_form.headers["Location"]))
    decision = {"items": [{"comment": sent, "outcome": "kept"}], "answer": said}
    path = f"/api/v1/notices/{notice}"
    assert keep(admin.post(f"{path}/decision", decision)).status_code == 201
    assert keep(site.post(f"{path}/complaint", {"text": said})).status_code == 201
    why = {"reason": f"{address()} asked."}
    shown = admin.post(f"{path}/sender/reveal", why)  # the one answer that has them
    assert shown.json == {"name": body["name"], "email": body["email"]}
    keep(newsroom.as_staff().post(f"{path}/sender/reveal", why))
    return notice


def make_one_of_each(newsroom: Newsroom, sentinels: Sentinels) -> dict[str, Any]:
    """Make what the paths of the document name; return the names in them."""
    site, keep = newsroom.as_site(), sentinels.keep
    admin, here = newsroom.as_staff(Role.ADMIN), f"/api/v1/sites/{newsroom.name}"
    for _ in range(2):
        long = f"{BODY_WORD} " + " ".join(f"word{number}" for number in range(20))
        sent = keep(site.post(COMMENTS, sentinels.comment(body=long))).json
    (campaign,) = keep(admin.get("/api/v1/campaigns?least=2")).json["campaigns"]
    path = f"/api/v1/campaigns/{campaign['id']}/brake"
    brake = keep(admin.post(path, {"hours": 1})).json
    view = {"name": "All", "filters": {}, "shared_with": newsroom.name}
    asked = {"site": newsroom.name, "label": "spam", "low": 0, "high": 1}
    seen = keep(admin.get("/api/v1/triage/sample", query_string=asked)).json
    decided = {"verdict": "reject", "reasons": ["spam"], "as_of": seen["as_of"]}
    batch = keep(admin.post("/api/v1/batches", {**asked, **decided}))
    assert batch.json["decided"] >= 2
    text = {"text": f"{BODY_WORD}: ask {sentinels.address()}"}
    assert keep(site.post(f"{COMMENTS}/{sent['id']}/appeal", text)).status_code == 201
    notice = make_notice(newsroom, sentinels)
    about = {"notice": notice, "body": "A", "filed_on": "2025-03-01"}
    dispute = keep(admin.post(f"{here}/disputes", about)).json
    published = admin.call(
        "POST",
        f"{here}/published-reports",
        query_string=DAYS,
        data=archive(),
        headers=BINARY,
    )
    exported = keep(admin.post(f"{here}/exports", {})).json
    days = {"from": "2026-11-01", "to": "2026-11-30"}
    report = {"kind": "report", **days}
    file = keep(admin.post(f"{here}/transparency-files", report)).json
    author = keep(admin.get("/api/v1/authors")).json["authors"][0]["id"]
    erased = keep(admin.post(f"{here}/erasures", {"author": author})).json
    upload = {"name": f"{sentinels.address()}.xml", "size": 9}
    imported = keep(admin.post(f"{here}/imports", {"files": [upload]})).json
    held = {"comment": sent["id"], "reason": f"Asked by {sentinels.address()}"}
    assert keep(admin.post(f"{here}/holds", held)).status_code == 201
    assert keep(admin.post(f"{here}/rehearsals", {})).status_code == 202
    write_exports(newsroom.app)
    make_files(newsroom.app)
    work_on_rehearsals(newsroom.app)
    return {
        **asked,
        "article": sentinels.comment()["article"],
        "author_id": keep(admin.get("/api/v1/authors")).json["authors"][0]["id"],
        "batch_id": batch.json["id"],
        "brake_id": brake["id"],
        "campaign_id": campaign["id"],
        "comment_id": sent["id"],
        "dispute_id": dispute["id"],
        "erasure_id": erased["id"],
        "export_id": exported["id"],
        "from": "2026-11-01",
        "to": "2026-11-30",
        "import_id": imported["id"],
        "number": 0,
        "offset": 0,
        "notice": notice,
        "file_id": file["id"],
        **days,
        "job_id": keep(admin.post(f"{here}/rescorings", {})).json["id"],
        "report_id": keep(published).json["id"],
        "rule_id": keep(admin.get(f"{here}/rules")).json["rules"][0]["id"],
        "url": sentinels.comment()["article"],
        "version": keep(admin.get(f"{here}/models")).json["models"][0]["version"],
        "view_id": keep(admin.post("/api/v1/views", view)).json["id"],
        "webhook_id": keep(admin.get(f"{here}/webhooks")).json["webhooks"][0]["id"],
    }


def read_all_that_is_documented(newsroom: Newsroom, sentinels: Sentinels) -> None:
    """Open every GET of the OpenAPI document: a new one can't be forgotten."""
    names = make_one_of_each(newsroom, sentinels)
    document = newsroom.as_staff().get("/api/v1/openapi.json").json
    answered = {}
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        operation = methods["get"]
        schemes = {name for each in operation.get("security", []) for name in each}
        caller = newsroom.as_site()
        if "siteKey" not in schemes:
            caller = newsroom.as_staff(Role.ADMIN)
        given = [*methods.get("parameters", []), *operation.get("parameters", [])]
        wanted = {
            each["name"]: names[each["name"]]
            for each in given
            if each["in"] == "query" and each.get("required")
        }
        answer = caller.get(path.format_map(names), query_string=wanted)
        answered[path] = sentinels.keep(answer).status_code
    assert {path: status for path, status in answered.items() if status != 200} == (
        NOT_THERE
    )


def dump(session: Session) -> str:
    """Return all columns of all rows of all tables as text.

    The search index can't be read back; the tables that it is kept in can.
    """
    tables = sa.inspect(session.connection()).get_table_names()
    lines = []
    for table in tables:
        if table == migration.SEARCH:
            continue
        for row in session.execute(sa.text(f'SELECT * FROM "{table}"')):
            lines.append(f"{table}: {tuple(row)!r}")
    return "\n".join(lines)


def assert_nobody_is_named(stored: str, newsroom: Newsroom) -> None:
    """Assert that the audit log has entries, and no text, username, or secret."""
    recorded = [line for line in stored.splitlines() if "audit_entries: " in line]
    assert len(recorded) > 20
    names = [f"{newsroom.name}-{role}" for role in Role]
    secrets = [newsroom.key, *newsroom.tokens.values(), "whsec_", "127.0.0.1"]
    for word in (BODY_WORD, "hooks.example", "Ada", *names, *secrets):
        assert [line for line in recorded if word in line] == []


@pytest.mark.faults
def test_no_address_is_found_anywhere_in_clear(
    app: Flask,
    newsroom: Newsroom,
    session: Session,
    sentinels: Sentinels,
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    write_rules(newsroom, sentinels)
    listen(newsroom, sentinels)
    be_notified(newsroom, sentinels)
    through_every_door(app, newsroom, sentinels)
    against_what_stands(newsroom, sentinels)
    work_on_all(newsroom, sentinels)
    reveal_one(newsroom, sentinels)
    read_all_that_is_documented(newsroom, sentinels)

    assert len(sentinels.made) > 50
    for answer in sentinels.answers:
        assert sentinels.found_in(answer) == []
    stored = dump(session)
    assert BODY_WORD in stored  # the comments are there
    outbox = [line for line in stored.splitlines() if line.startswith("deliveries:")]
    assert len(outbox) > 10  # and so are the events about them
    assert [line for line in outbox if BODY_WORD in line] == []
    assert sentinels.found_in(stored) == []
    assert_nobody_is_named(stored, newsroom)
    assert sentinels.found_in(everything_logged.text) == []
    examples = list(feedback.read_examples(session, newsroom.site_id, LABELS))
    assert examples
    assert sentinels.found_in(repr(examples)) == []
    database = session.connection().engine.url.database
    if session.connection().dialect.name == "sqlite" and database:
        for part in ("", "-wal"):
            data = Path(database + part).read_bytes()
            assert sentinels.found_in(data.decode("latin-1")) == []


@pytest.mark.faults
def test_no_text_of_a_comment_is_logged(
    app: Flask,
    newsroom: Newsroom,
    sentinels: Sentinels,
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    write_rules(newsroom, sentinels)
    through_every_door(app, newsroom, sentinels)
    against_what_stands(newsroom, sentinels)
    work_on_all(newsroom, sentinels)
    lines = [
        record.getMessage() + str(record.exc_text)
        for record in everything_logged.records
    ]
    assert lines
    assert [line[:300] for line in lines if BODY_WORD in line] == []


REFUSE_NEW_VERSIONS = {
    # PostgreSQL's complaint tells the whole row that it refused.
    "postgresql": "ALTER TABLE comments ADD CHECK (version < 2)",
    "sqlite": "CREATE TRIGGER refuse BEFORE UPDATE ON comments "
    "BEGIN SELECT RAISE(ABORT, 'no'); END",
}


@pytest.mark.faults
def test_a_refused_row_is_logged_without_what_stood_in_it(
    app: Flask,
    newsroom: Newsroom,
    session: Session,
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    path = f"{COMMENTS}/{newsroom.send(body=BODY_WORD)['id']}"
    start_writing(session)
    session.execute(sa.text(REFUSE_NEW_VERSIONS[db.engine.dialect.name]))
    session.commit()
    answer = newsroom.as_site().patch(path, {"body": f"{BODY_WORD} again"})
    assert answer.status_code == 500
    assert "fault at comments.edit_comment" in everything_logged.text
    assert BODY_WORD not in everything_logged.text
    assert BODY_WORD not in answer.text


def test_a_key_and_a_token_are_stored_as_hashes_only(
    newsroom: Newsroom,
    session: Session,
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    newsroom.send()
    newsroom.as_staff().get("/api/v1/queue")
    for text in (dump(session), everything_logged.text):
        for secret in (newsroom.key, *newsroom.tokens.values()):
            assert secret not in text


def test_an_address_of_a_machine_is_not_stored(
    newsroom: Newsroom, session: Session, everything_logged: pytest.LogCaptureFixture
) -> None:
    newsroom.send(ip="203.0.113.77")
    for text in (dump(session), everything_logged.text):
        assert "203.0.113.77" not in text


def test_the_search_would_find_an_address(
    newsroom: Newsroom, session: Session, sentinels: Sentinels
) -> None:
    newsroom.send(body=f"Write to {sentinels.address()}")
    assert sentinels.found_in(dump(session)) == sentinels.made
